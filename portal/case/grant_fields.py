"""The fields that narrow grants, of whichever form: which actions stay, on which resource, from which networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from exceptions_app.models import Grant
from exceptions_app.scope import Scope
from portal.exception_form.fields import Networks

PARTS = ("actions", "resource", "networks")


@dataclass(frozen=True)
class GrantFields:
    """The fields that narrow one grant."""

    grant: Grant
    actions: BoundField
    resource: BoundField
    networks: BoundField


def add_grant(form: forms.Form, grant: Grant, wide: Scope, left: Scope | None) -> None:
    """Fields of a grant that opens `wide`; they begin with what is `left` of that."""
    shown = left or wide
    form.fields[name_of(grant, "actions")] = forms.MultipleChoiceField(
        label=_("May"),
        required=False,
        choices=[(action, action) for action in wide.actions],
        initial=list(left.actions) if left else [],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("With no check mark this grant is withheld."),
    )
    form.fields[name_of(grant, "resource")] = forms.CharField(
        label=_("Resource"), initial=shown.resource, max_length=500, required=False
    )
    form.fields[name_of(grant, "networks")] = Networks(
        label=_("Only from"), initial=list(shown.networks), help_text=_("Networks or addresses: 10.4.0.0/16.")
    )


def rows_of(form: forms.Form, grants: Sequence[Grant]) -> list[GrantFields]:
    """The fields of each grant."""
    return [GrantFields(grant, *(form[name_of(grant, part)] for part in PARTS)) for grant in grants]


def scope_of(said: dict[str, Any], grant: Grant, wide: Scope) -> Scope | None:
    """What the cleaned data leave of a grant that opens `wide`; None where nothing."""
    actions, resource, networks = (said[name_of(grant, part)] for part in PARTS)
    kept = tuple(one for one in wide.actions if one in actions)
    return Scope(kept, str(resource).strip(), tuple(networks)) if kept else None


def name_of(grant: Grant, part: str) -> str:
    return f"grants-{grant.pk}-{part}"
