"""What is done when something changes, a choice for each change; what is left as usual follows the kind of case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exceptions_app.models import Kind, Response
from exceptions_app.triggers import CHANGES, DEFAULTS

PREFIX = "on_change"


class ChangeFields(forms.Form):
    """The part of the form that says it; `cleaned_data` holds it as `on_change`, what is as usual left out.

    Where none of its fields was sent, nothing is said of it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        said: Mapping[str, str] = self.initial.get(PREFIX) or {}
        usual = DEFAULTS[self._kind()]
        for trigger in CHANGES:
            as_usual = _("As usual: %(what)s") % {"what": _lowered(usual[trigger].label)}
            self.fields[_name(trigger)] = forms.ChoiceField(
                label=trigger.label,
                required=False,
                choices=[("", as_usual), *Response.choices],
                initial=said.get(trigger, ""),
            )

    @property
    def changes(self) -> list[BoundField]:
        return [self[_name(trigger)] for trigger in CHANGES]

    @property
    def says_otherwise(self) -> str:
        """How many of them are not left as usual, in words; "" for none."""
        usual = DEFAULTS[self._kind()]
        said = {trigger: self[_name(trigger)].value() for trigger in CHANGES}
        count = sum(bool(does) and does != usual[trigger] for trigger, does in said.items())
        return ngettext("%(n)d is not as usual", "%(n)d are not as usual", count) % {"n": count} if count else ""

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not any(self.add_prefix(_name(trigger)) in self.data for trigger in CHANGES):
            return found
        said = {trigger.value: found.get(_name(trigger), "") for trigger in CHANGES}
        return found | {PREFIX: {name: does for name, does in said.items() if does}}

    def _kind(self) -> str:
        kind = self.data.get("kind") if self.is_bound else self.initial.get("kind")
        return str(kind) if kind in DEFAULTS else Kind.PLANNED


def _name(trigger: str) -> str:
    return f"{PREFIX}_{trigger}"


def _lowered(label: Any) -> str:
    words = str(label)
    return words[:1].lower() + words[1:]
