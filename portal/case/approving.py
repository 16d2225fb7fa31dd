"""The form of an approval: the risk in the approver's words, and what of the request it takes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.models import SafeguardKind
from exceptions_app import terms
from exceptions_app.models import ExceptionCase, Grant
from exceptions_app.narrowing import Condition, Granted, Narrowing
from exceptions_app.scope import Scope
from portal import words
from portal.case.forms import DecisionForm, RiskAccepted
from portal.case.grant_fields import GrantFields, add_grant, rows_of, scope_of
from portal.exception_form.fields import PlainInstant
from portal.inputs import Words


class ApprovalForm(DecisionForm):
    """`left` is what earlier approvals leave: the fields begin with it. `narrows` says that they were on the page."""

    statement = RiskAccepted(help_text=gettext_lazy("For example: “A stolen key reads payroll data.”"))
    capacity = forms.CharField(
        label=gettext_lazy("In which role"),
        max_length=120,
        error_messages={"required": gettext_lazy("Say in which role you accept the risk.")},
    )
    narrows = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)
    term_days = forms.IntegerField(label=gettext_lazy("Days in force"), required=False, min_value=1)
    not_before_at = PlainInstant(
        label=gettext_lazy("Not before"),
        required=False,
        help_text=gettext_lazy("Empty: as asked. A later start does not move its latest end."),
    )

    def __init__(
        self, *args: Any, case: ExceptionCase, grants: Sequence[Grant], left: Granted, at: datetime, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.case, self.grants, self.at = case, list(grants), at
        asked = terms.asked_days(case, at)
        days = self.fields["term_days"]
        days.initial = left.term_days
        days.help_text = ngettext("Empty: as asked, %(n)d day.", "Empty: as asked, %(n)d days.", asked or 0) % {
            "n": asked or 0
        }
        self.fields["not_before_at"].initial = left.not_before_at
        for grant in self.grants:
            add_grant(self, grant, grant.asked, left.grants.get(grant.pk))
        self._add_condition()

    @property
    def rows(self) -> list[GrantFields]:
        """The fields of each grant."""
        return rows_of(self, self.grants)

    @property
    def condition(self) -> list[BoundField]:
        """The fields of a further safeguard."""
        return [self["safeguards-0-kind"], self["safeguards-0-description"]]

    @property
    def has_role(self) -> bool:
        """Whether the role is said, and said well."""
        return bool(self["capacity"].value()) and "capacity" not in self.errors

    @property
    def is_open(self) -> bool:
        """Whether the part that narrows has something to show at once."""
        if not self.is_bound:
            return False
        said = {"statement", "capacity", "digest", "shown", "origin", "narrows"}
        return any(name not in said for name in (*self.errors, *self.changed_data))

    def clean(self) -> dict[str, Any]:
        """`narrowing` is what the approval takes back."""
        found = super().clean() or {}
        return found | {"narrowing": self._narrowing() if found.get("narrows") and not self.errors else Narrowing()}

    def _narrowing(self) -> Narrowing:
        found = self.cleaned_data
        kind, description = found.get("safeguards-0-kind", ""), found.get("safeguards-0-description", "")
        return Narrowing(
            term_days=found.get("term_days"),
            not_before_at=found.get("not_before_at"),
            grants={grant.pk: scope_of(found, grant, grant.asked) for grant in self.grants},
            safeguards=[Condition(kind, description.strip())] if kind or description.strip() else (),
        )

    def _add_condition(self) -> None:
        self.fields["safeguards-0-kind"] = forms.ChoiceField(
            label=_("Only with a further safeguard"), required=False, choices=[("", _("None")), *SafeguardKind.choices]
        )
        self.fields["safeguards-0-description"] = forms.CharField(
            label=_("What it does"),
            required=False,
            max_length=2000,
            widget=Words(rows=2),
            help_text=_("It is verified before the start, as the others are."),
        )


def phrases(said: Narrowing, grants: Sequence[Grant]) -> list[str]:
    """What an approval, or several together, took back: a phrase each."""
    return list(_phrases(said, {grant.pk: grant.asked for grant in grants} | dict(said.asked)))


def _phrases(said: Narrowing, asked: Mapping[int, Scope]) -> Iterator[str]:
    if said.term_days is not None:
        yield ngettext("For %(n)d day at most", "For %(n)d days at most", said.term_days) % {"n": said.term_days}
    if said.not_before_at is not None:
        yield _("Not before %(when)s") % {"when": date_format(localtime(said.not_before_at), "j F Y, H:i T")}
    for key, left in said.grants.items():
        yield _grant_phrase(asked.get(key), left)
    for one in said.safeguards:
        yield _("Only with a further safeguard: %(what)s") % {"what": one.description}


def _grant_phrase(asked: Scope | None, left: Scope | None) -> str:
    if left is None:
        return _("Not %(what)s") % {"what": asked.resource} if asked else _("One of the grants withheld")
    what = {"actions": words.joined(left.actions), "resource": left.resource, "networks": words.joined(left.networks)}
    if left.networks and (asked is None or left.networks != asked.networks):
        return _("Only %(actions)s %(resource)s, from %(networks)s") % what
    return _("Only %(actions)s %(resource)s") % what
