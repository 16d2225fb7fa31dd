"""Widgets the browser already knows: a day, an instant, words that grow; and a choice to narrow a list by."""

from typing import Any

from django import forms
from django.utils.text import capfirst


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
