"""The form of a control: what it demands, who decides, and how far an exception to it may go."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.texts import says
from catalog.models import Control, SafeguardKind, Tier
from catalog.services.proposals import GUARDED
from portal import words
from portal.catalog.entry_form import EntryForm, Part
from portal.catalog.fields import Codes, Several, choices, texts
from portal.catalog.things import READERS, SECTIONS
from portal.inputs import Words
from portal.people.choosing import named

TIERS = [(tier, tier.name.lower()) for tier in reversed(Tier)]
CAPS = [f"{kind}_cap_{name}" for _tier, name in TIERS for kind in ("term", "lifetime")]
REVIEWS = [f"review_days_{name}" for _tier, name in TIERS]
FROM_TIER = [
    ("", _("Not required")),
    (Tier.LOW, _("From low risk on")),
    (Tier.MODERATE, _("From moderate risk on")),
    (Tier.HIGH, _("From high risk on")),
    (Tier.CRITICAL, _("At critical risk")),
]


class Why(forms.CharField):
    """A reason for some changes: which, its hint says."""

    needed_sometimes = True


class ControlForm(EntryForm):
    settled = "code"
    looks = {"code": "short code", "severity": "short", **dict.fromkeys([*CAPS, *REVIEWS], "short")}
    parts = (
        Part(_("The requirement"), "", ("code", "title", "statement", "severity", "answers_to")),
        Part(
            _("Who answers and who decides"),
            _("The owner answers for the control. The group decides on exceptions to it."),
            ("owner", "approver_group"),
            "two",
        ),
        Part(
            _("Whether there may be exceptions"),
            _("Where there may be none, a request is refused before anybody is asked."),
            ("exceptions_allowed",),
        ),
        Part(
            _("What must stand in"),
            _("A request without these safeguards is refused. A higher risk requires what a lower one does."),
            ("required_safeguards",),
        ),
        Part(
            _("How far an exception may go"),
            _("In days, by the risk of the exception. A higher risk never has a longer cap."),
            tuple(CAPS),
            "two",
        ),
        Part(
            _("How often one is reviewed"),
            _("The most days between two reviews, by the risk of the exception."),
            tuple(REVIEWS),
            "two",
        ),
        Part(
            _("What requesters read"),
            _("Shown in the form where somebody asks for an exception to this control."),
            ("guidance", "end_conditions", "prefills"),
        ),
        Part(
            _("For the second person"),
            _(
                "Severity, group, caps, reviews, required safeguards and whether there may be exceptions change when "
                "another programme manager accepts it. The rest changes at once."
            ),
            ("why",),
        ),
    )

    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Such as NHI-ROT-01. It never changes: events refer to it.")
    )
    owner = named(_("Owner"))
    answers_to = Codes(
        label=_("Answers to"),
        required=False,
        help_text=_("Codes of framework items, with commas: PR.AA-05, NHI7:2025, IA-5(7). Older codes are understood."),
    )

    required_safeguards = choices(_("Required safeguards"), dict(SafeguardKind.choices), FROM_TIER, "")
    guidance = texts(_("Guidance"), READERS, _("By the kind of identity."))
    end_conditions = Several(
        label=_("End conditions"),
        widget=Words,
        help_text=_("Offered for “what must happen if conditions change”. One a line."),
    )
    prefills = texts(_("Prefilled sections"), SECTIONS, _("A new request to this control begins with these."))
    why = Why(
        label=_("Why the limits change"),
        required=False,
        max_length=2000,
        widget=Words(rows=2),
        help_text=_(
            "Needed as soon as you change who approves, whether exceptions are allowed, the severity, the safeguards "
            "required, or a number of days: a second person decides on it. Else leave it empty."
        ),
    )

    class Meta:
        model = Control
        fields = (
            "code",
            "title",
            "statement",
            "severity",
            "answers_to",
            "owner",
            "approver_group",
            "exceptions_allowed",
            "required_safeguards",
            *CAPS,
            *REVIEWS,
            "guidance",
            "end_conditions",
            "prefills",
        )
        widgets = {"statement": Words(rows=5)}
        help_texts = {
            "statement": _("What must hold, so that anybody can tell whether it does."),
            **dict.fromkeys([*CAPS, *REVIEWS], ""),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["answers_to"]
        field.kept = self.instance.answers_to
        if not self.instance.pk:
            del self.fields["why"]

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for _tier, name in TIERS:
            self._demand_term_within_lifetime(name)
        for kind in ("term_cap", "lifetime_cap", "review_days"):
            self._demand_falling(kind)
        if self.instance.pk and self._changes_limits() and not says(found.get("why", "")):
            self.add_error("why", _("Say why the limits change: a second person decides on it."))
        return found

    def _changes_limits(self) -> bool:
        """Whether the writer does; only now is the row as stored, since reading the form writes upon it."""
        row, found = self.instance, self.cleaned_data
        return any(found.get(name, getattr(row, name)) != getattr(row, name) for name in GUARDED & {*self.touched})

    def _demand_term_within_lifetime(self, tier: str) -> None:
        term, lifetime = (self.cleaned_data.get(f"{kind}_cap_{tier}") for kind in ("term", "lifetime"))
        if term is not None and term < 1:
            self.add_error(f"term_cap_{tier}", _("Give at least one day."))
        elif term is not None and lifetime is not None and term > lifetime:
            self.add_error(f"term_cap_{tier}", _("At most the lifetime at the same risk."))

    def _demand_falling(self, kind: str) -> None:
        caps = [(f"{kind}_{name}", self.cleaned_data.get(f"{kind}_{name}")) for _tier, name in TIERS]
        for (name, days), (lower, below) in pairwise(caps):
            if days is not None and below is not None and days > below:
                limit = {"days": words.days(below), "cap": self[lower].label.lower()}
                self.add_error(name, _("At most %(days)s, the %(cap)s.") % limit)
