"""What can be asked of the register, as a GET form; whatever cannot be read is left out, never an error page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import CredentialForm, Environment, IdentityKind, Tier
from exceptions_app.models import Kind, State
from exceptions_app.queries.filtering import Filters
from exceptions_app.queries.register import ORDERS
from portal.exception_form.fields import PlainDay
from portal.inputs import choice_or_all
from portal.register.columns import COLUMNS

WINDOWS = (("7", _("In 7 days")), ("30", _("In 30 days")), ("90", _("In 90 days")))
VIEWS = (("", _("All")), ("mine", _("Mine")), ("force", _("In force now")), ("owed", _("Removal unconfirmed")))
WHOSE = (("held", _("I answer for")),)
RENEWALS = {
    "0": (_("First requests"), (0, 0)),
    "1": (_("First renewals"), (1, 1)),
    "2": (_("Renewed twice or more"), (2, None)),
}


def _name(label: Any, length: int = 120) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=length)


def _day(label: Any) -> forms.DateField:
    return PlainDay(label=label, required=False)


class RegisterForm(forms.Form):
    """Filters beside the search; the view (a tab), the order and the columns travel hidden."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.TextInput({"type": "search"}))
    state = choice_or_all(_("State"), _("Any state"), State.choices)
    tier = choice_or_all(_("Risk"), _("Any risk"), Tier.choices)
    ending = choice_or_all(_("Ends"), _("Any time"), WINDOWS)
    whose = choice_or_all(_("Whose"), _("Everybody's"), WHOSE)
    control = _name(_("Control"), 40)
    identity = _name(_("Identity"))
    owner = _name(_("Owner"))
    requester = _name(_("Requester"))
    system = _name(_("System"))
    team = _name(_("Team"))
    vendor = _name(_("Vendor"))
    group = _name(_("Approver group"))
    item = _name(_("Framework item"), 60)
    kind = choice_or_all(_("Kind"), _("Any kind"), Kind.choices)
    identity_kind = choice_or_all(_("Kind of identity"), _("Any kind"), IdentityKind.choices)
    environment = choice_or_all(_("Environment"), _("Any environment"), Environment.choices)
    credential = choice_or_all(_("Credential"), _("Any credential"), CredentialForm.choices)
    renewal = choice_or_all(
        _("Renewal"), _("Any number"), [(name, words) for name, (words, _range) in RENEWALS.items()]
    )
    ends_from, ends_until = _day(_("Ends from")), _day(_("Ends until"))
    filed_from, filed_until = _day(_("Filed from")), _day(_("Filed until"))
    unverified = forms.BooleanField(label=_("A safeguard unverified"), required=False)
    open = forms.BooleanField(label=_("Access open after the end"), required=False)
    view = forms.ChoiceField(required=False, choices=VIEWS, widget=forms.HiddenInput)
    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in ORDERS], widget=forms.HiddenInput)
    col = forms.MultipleChoiceField(
        label=_("Columns"),
        required=False,
        choices=[(name, column.label) for name, column in COLUMNS.items()],
        widget=forms.MultipleHiddenInput,
    )
    saved = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    @classmethod
    def read(cls, said: QueryDict) -> RegisterForm:
        """What an address asks, as far as it can be read."""
        form = cls(said)
        form.is_valid()
        return form

    ALWAYS = ("q", "state", "tier", "ending")
    """What is shown without unfolding."""

    @property
    def always(self) -> list[forms.BoundField]:
        return [self[name] for name in self.ALWAYS]

    @property
    def more(self) -> list[forms.BoundField]:
        return [bound for bound in self.visible_fields() if bound.name not in self.ALWAYS]

    @property
    def filters(self) -> Filters:
        """What was understood; call after `is_valid`."""
        said = self.cleaned_data
        view = said.get("view")
        names = ("control", "identity", "owner", "requester", "system", "team", "vendor", "group", "item")
        renewal = RENEWALS.get(said.get("renewal", ""))
        return Filters(
            search=said.get("q", ""),
            states=_one(said.get("state")),
            tiers=[int(tier) for tier in _one(said.get("tier"))],
            kinds=_one(said.get("kind")),
            credential_form=said.get("credential", ""),
            identity_kind=said.get("identity_kind", ""),
            environment=said.get("environment", ""),
            renewals=renewal[1] if renewal else None,
            ends=_days(said.get("ends_from"), said.get("ends_until")),
            filed=_days(said.get("filed_from"), said.get("filed_until")),
            unverified=bool(said.get("unverified")),
            mine=view == "mine",
            held=said.get("whose") == "held",
            in_force=view == "force",
            owed=view == "owed" or bool(said.get("open")),
            ending_days=int(said["ending"]) if said.get("ending") else None,
            **{name: said.get(name, "") for name in names},
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but order and columns was asked."""
        return bool(self.cleaned_data.get("view")) or any(True for _chip in self.chips())

    @property
    def columns(self) -> list[str]:
        """The columns asked for, in the order they are offered; none is the usual ones."""
        asked = self.cleaned_data.get("col") or ()
        return [name for name in COLUMNS if name in asked]

    def chips(self) -> Iterator[tuple[str, str, str]]:
        """Each filter that is set: its field, its label, and what it is set to."""
        for bound in self.visible_fields():
            value = self.cleaned_data.get(bound.name)
            if value:
                yield bound.name, str(bound.label), _told(bound.field, value)


def _told(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return str(dict(choices).get(value, value))
    if isinstance(value, date):
        return date_format(value, "j M Y")
    return "" if value is True else str(value)


def _one(value: str | None) -> list[str]:
    return [value] if value else []


def _days(first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """From the beginning of the first day to the end of the last, in the person's zone."""
    return _midnight(first), _midnight(last + timedelta(days=1) if last and last < date.max else None)


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), get_current_timezone()) if day else None
