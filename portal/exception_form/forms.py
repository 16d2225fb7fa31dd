"""The form in six sections. Nothing is required to save a draft; `limits` says what is missing to submit it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from catalog.models import CredentialForm, Tier
from exceptions_app.models import SINCE, Kind, SafeguardKind
from portal.exception_form.choosing import Named, Offers, take
from portal.exception_form.fields import LongText, Networks, PlainDay, PlainInstant, Text, WordList, Zone
from portal.exception_form.kinds import KindFields
from portal.exception_form.on_change import ChangeFields
from portal.exception_form.since import SinceFields

MOST_ROWS = 50
MOST_SENT = MOST_ROWS + 10
"""Rows of which a form is shown again, some of them with an error; what is beyond is not looked at."""
LONGEST_TERM = 3650
LONGEST_TITLE = 160
KIND_HINTS = {
    Kind.PLANNED: _("You ask first: nobody relies on it before it is approved."),
    Kind.RETROSPECTIVE: _("It happened already. The past is recorded, not allowed."),
}
LIKELIHOOD = [
    (1, _("1 · Rare")),
    (2, _("2 · Unlikely")),
    (3, _("3 · Possible")),
    (4, _("4 · Likely")),
    (5, _("5 · Almost certain")),
]
LIKELIHOOD_HINTS = {
    1: _("Would take several failures at once."),
    2: _("Could happen; has not happened to us."),
    3: _("Has happened here or to a peer."),
    4: _("Expect it within the term."),
    5: _("It is being tried now."),
}
IMPACT = [
    (1, _("1 · Negligible")),
    (2, _("2 · Minor")),
    (3, _("3 · Serious")),
    (4, _("4 · Major")),
    (5, _("5 · Severe")),
]
IMPACT_HINTS = {
    1: _("Nobody outside the team notices."),
    2: _("A team loses hours."),
    3: _("Customers notice, or internal data leaks."),
    4: _("A service stops, or customer data leaks."),
    5: _("The company, the law or people's safety are hit."),
}


SECTIONS = (
    (
        "what",
        _("What deviates"),
        ("kind", "title", "control", "blocked", "normal_path", "justification", *SINCE, "exposed_from_at"),
    ),
    ("who", _("For whom"), ("identity", "credential_form", "owner", "backup_owner")),
    ("grants", _("What it opens"), ("grants", "excess", "excess_reason")),
    ("safeguards", _("What stands in"), ("safeguards", "likelihood", "impact")),
    ("time", _("How long"), ("term_days", "end_on", "end_zone", "planned_start_at")),
    ("end", _("How it ends"), ("exit_plan", "remediation_on")),
)
"""The sections of the page by anchor and title, with the fields `limits` may find missing."""


class Hinted(forms.TypedChoiceField):
    """Radio buttons, each with a line that says when it is the one."""

    def __init__(self, *, hints: Any, **options: Any) -> None:
        super().__init__(**{"required": False, "widget": forms.RadioSelect, **options})
        self.choice_hints = hints


class AskForm(SinceFields, ChangeFields):
    """Everything of a case but its rows."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    writer = forms.CharField(required=False, widget=forms.HiddenInput)

    kind = Hinted(
        label=_("Kind"),
        choices=[(kind.value, kind.label) for kind in (Kind.PLANNED, Kind.RETROSPECTIVE)],
        hints=KIND_HINTS,
        empty_value=Kind.PLANNED.value,
    )
    exposed_from_at = PlainInstant(
        label=_("Exposed since"),
        required=False,
        help_text=_("For a retrospective exception: when it began, as far as you know."),
    )
    title = Text(
        label=_("Title"),
        max_length=LONGEST_TITLE,
        help_text=_("One line that an auditor still understands in a year."),
    )
    control = Named(
        label=_("Control"),
        required=False,
        help_text=_("What would be set aside. Type part of its code or title."),
    )
    blocked = LongText(
        label=_("What was blocked"),
        help_text=_("Say what was blocked: the system and the message you saw."),
    )
    normal_path = LongText(
        label=_("Why the normal path is unavailable"),
        help_text=_("What stops you from doing what the control expects."),
    )
    justification = LongText(
        label=_("Why this is needed"),
        help_text=_("What fails, for whom, if nobody deviates."),
    )

    identity = Named(
        label=_("Identity"),
        required=False,
        help_text=_(
            "The account, key, pipeline or agent. One that is not here yet a programme manager enters; save meanwhile."
        ),
    )
    credential_form = forms.ChoiceField(
        label=_("Credential it uses"),
        required=False,
        choices=[("", _("As the identity’s")), *((form.value, capfirst(form.label)) for form in CredentialForm)],
        help_text=_("Decides how the access is shown to be gone when this ends."),
    )
    owner = Named(
        label=_("Owner"),
        required=False,
        help_text=_("Answers for this exception until it has ended."),
    )
    backup_owner = Named(
        label=_("Backup owner"),
        required=False,
        help_text=_("Stands in for the owner, once they accept."),
    )

    excess = LongText(
        label=_("What is granted beyond need"),
        rows=2,
        help_text=_("When the platform is too coarse to grant only what is needed, say what comes with it."),
    )
    excess_reason = LongText(label=_("Why the platform cannot grant less"), rows=2)

    likelihood = Hinted(
        label=_("How likely is harm"),
        choices=LIKELIHOOD,
        coerce=int,
        hints=LIKELIHOOD_HINTS,
        empty_value=None,
    )
    impact = Hinted(label=_("How bad would it be"), choices=IMPACT, coerce=int, hints=IMPACT_HINTS, empty_value=None)
    raised_tier = forms.TypedChoiceField(
        label=_("Treat the risk as at least"),
        required=False,
        choices=[("", _("What the numbers and facts give")), *((tier.value, capfirst(tier.label)) for tier in Tier)],
        coerce=int,
        empty_value=None,
        help_text=_("You may raise the risk above what is computed, never lower it."),
    )

    planned_start_at = PlainInstant(
        label=_("Start"),
        required=False,
        help_text=_("Empty: as soon as it is approved."),
    )
    term_days = forms.IntegerField(
        label=_("Number of days"),
        required=False,
        min_value=1,
        max_value=LONGEST_TERM,
        help_text=_("Counted from the start."),
    )
    end_on = PlainDay(label=_("Or an end date"), required=False, help_text=_("Until 23:59:59 of that day."))
    end_zone = Zone(label=_("Time zone"), required=False, help_text=_("Of the end date."))

    remediation_on = PlainDay(
        label=_("Cause mended by"),
        required=False,
        help_text=_("The date by which the reason for deviating is gone."),
    )
    exit_plan = LongText(
        label=_("Exit plan"),
        help_text=_("What replaces it, by whom, and how the access is taken away."),
    )
    if_conditions_change = LongText(
        label=_("And in your own words"),
        help_text=_("What else must happen if the plan slips or the need grows."),
    )
    change_ref = Text(label=_("Change"), max_length=120)
    incident_ref = Text(label=_("Incident"), max_length=120)
    ticket_ref = Text(label=_("Ticket"), max_length=120)

    def __init__(self, *args: Any, offers: Offers, **options: Any) -> None:
        super().__init__(*args, **options)
        take(self, "control", offers.control)
        take(self, "identity", offers.identity)
        take(self, "owner", offers.person)
        take(self, "backup_owner", offers.person)
        self.fields["end_zone"].widget.attrs |= {"list": "offered-zones", "autocomplete": "off"}
        self.fields["term_days"].widget.attrs["inputmode"] = "numeric"

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        owner, backup = found.get("owner"), found.get("backup_owner")
        if owner is not None and owner == backup:
            self.add_error("backup_owner", _("The backup owner is someone other than the owner."))
        return found


class RowForm(forms.Form):
    """One row of a list; a row in which nothing is written counts for nothing."""

    meaning: tuple[str, ...] = ()

    def __init__(self, *args: Any, offers: Offers, **options: Any) -> None:
        super().__init__(*args, **options)
        if "system" in self.fields:
            take(self, "system", offers.system)

    @property
    def counts(self) -> bool:
        struck = self["DELETE"].value() if "DELETE" in self.fields else False
        return not struck and any(str(self[name].value() or "").strip() for name in self.meaning)


class GrantForm(RowForm):
    meaning = ("system", "actions", "resource", "networks", "conditions")

    system = Named(label=_("System"), required=False, help_text=_("Where it is."))
    actions = WordList(label=_("Actions"), help_text=_("Single words: read, list."))
    resource = Text(
        label=_("Resource"),
        max_length=500,
        help_text=_("One thing, or a whole path: kv/prod/*."),
    )
    networks = Networks(label=_("Only from"), help_text=_("Networks or addresses: 10.4.0.0/16."))
    conditions = LongText(
        label=_("Conditions"), rows=2, help_text=_("When or how it may be used, such as “only during the nightly job”.")
    )


class SafeguardForm(KindFields, RowForm):
    meaning = ("kind", "description")

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Choose one")), *SafeguardKind.choices])
    description = LongText(
        label=_("What it does, and how someone can see that it works"),
        rows=2,
        help_text=_("Another person verifies it before the start: say what they can look at."),
    )
    required = forms.BooleanField(label=_("Must be verified before the exception starts"), required=False, initial=True)


GrantSet: type[BaseFormSet[GrantForm]] = formset_factory(
    GrantForm, extra=1, can_delete=True, max_num=MOST_ROWS, absolute_max=MOST_SENT, validate_max=True
)
SafeguardSet: type[BaseFormSet[SafeguardForm]] = formset_factory(
    SafeguardForm, extra=1, can_delete=True, max_num=MOST_ROWS, absolute_max=MOST_SENT, validate_max=True
)


class EvidenceForm(forms.Form):
    """A file or a link. Judged by the service that stores it."""

    evidence_title = Text(
        label=_("What it shows"), max_length=160, help_text=_("Needed for a link; a file's name is used if empty.")
    )
    upload = forms.FileField(
        label=_("File"), required=False, allow_empty_file=True, help_text=_("PDF, image, ZIP or text, 10 MB at most.")
    )
    link = forms.URLField(
        label=_("Or a link"), required=False, assume_scheme="https", max_length=1000, help_text=_("https://…")
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("link") and not found.get("evidence_title"):
            self.add_error("evidence_title", _("Say what the link shows."))
        return found

    @property
    def offers_something(self) -> bool:
        return bool(self.files.get("upload") or self.data.get("link"))
