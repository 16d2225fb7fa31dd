"""The fields that a safeguard has by its kind; those of the chosen kind count, and are shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exceptions_app.safeguard_kinds import DETAILS, LONGEST, MOST, Detail, details_of
from portal.exception_form.fields import Networks, PlainDay, Text, Zone


class KindFields(forms.Form):
    """A form with a field `kind`, and the fields of every kind besides, each named after its kind."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for kind, details in DETAILS.items():
            self.fields |= {f"{kind}_{detail.name}": _field_of(detail) for detail in details}

    @property
    def shown_kind(self) -> str:
        """The kind that is chosen; "" while none is."""
        return str(self["kind"].value() or "")

    @property
    def of_kinds(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of each kind that has some."""
        return [(kind, [self[f"{kind}_{one.name}"] for one in details]) for kind, details in DETAILS.items()]

    @property
    def details(self) -> dict[str, Any]:
        """What the fields of the chosen kind say, as far as it could be read."""
        kind = self.shown_kind
        return {one.name: self.cleaned_data.get(f"{kind}_{one.name}") for one in details_of(kind)}

    def clean(self) -> dict[str, Any]:
        """What is wrong in the fields of other kinds than the chosen one is nobody's trouble."""
        others = [f"{kind}_{one.name}" for kind, some in DETAILS.items() if kind != self.shown_kind for one in some]
        for name in others:
            self.errors.pop(name, None)
        return super().clean() or {}


def _field_of(detail: Detail) -> forms.Field:
    label = str(detail.label)
    match detail.shape:
        case "number":
            return forms.IntegerField(label=label, required=False, min_value=1, max_value=MOST)
        case "networks":
            return Networks(label=label, help_text=_("Networks or addresses: 10.4.0.0/16."))
        case "day":
            return PlainDay(label=label, required=False)
        case "time":
            return forms.TimeField(label=label, required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M"))
        case "zone":
            return Zone(label=label, help_text=_("Such as Europe/Stockholm."))
        case "choice":
            return forms.ChoiceField(label=label, required=False, choices=[("", _("Choose one")), *detail.choices])
    return Text(label=label, max_length=LONGEST)
