"""Widgets the browser already knows: a day, an instant, words that grow; and choices that several pages offer."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

DAYS = _("Days like 03/04/2026 are")
DAY_FIRST, MONTH_FIRST = _("3 April: the day comes first"), _("4 March: the month comes first")


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class Instant(forms.DateTimeInput):
    """An instant to the minute, in the person's time zone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class Words(forms.Textarea):
    """Text that grows with what is written."""

    def __init__(self, attrs: dict[str, str] | None = None, rows: int = 3) -> None:
        super().__init__({"rows": str(rows), **(attrs or {})})


def choice_or_all(label: Any, any_word: Any, choices: Any) -> forms.ChoiceField:
    """One of the choices, or all of them: the empty choice says so in `any_word`."""
    words = [(value, capfirst(text)) for value, text in choices]
    return forms.ChoiceField(label=label, required=False, choices=[("", any_word), *words])


def order_of_days(day_first: str, month_first: str) -> forms.ChoiceField:
    """How the table of a stranger writes days; the values are those of whoever reads it."""
    orders = {"": _("Not in this file"), day_first: DAY_FIRST, month_first: MONTH_FIRST}
    return forms.ChoiceField(label=DAYS, required=False, choices=list(orders.items()))
