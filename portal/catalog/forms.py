"""The forms of the catalog's entries. What they say is judged by the services; here it is only read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from catalog.models import Control, Identity, SafeguardKind, System, Tier, Vendor
from catalog.services.entries import handle
from catalog.services.proposals import GUARDED
from portal import words
from portal.catalog.fields import Codes, Several, choices, texts
from portal.catalog.things import READERS, SECTIONS
from portal.exception_form.choosing import Named
from portal.inputs import Day, Words
from portal.people.choosing import named, offer, take_people

TIERS = [(tier, tier.name.lower()) for tier in reversed(Tier)]
CAPS = [f"{kind}_cap_{name}" for _tier, name in TIERS for kind in ("term", "lifetime")]
REVIEWS = [f"review_days_{name}" for _tier, name in TIERS]
LOOKS = {
    "code": "short code",
    "slug": "code",
    "severity": "short",
    "review_on": "short",
    "last_rotated_on": "short",
    **dict.fromkeys([*CAPS, *REVIEWS], "short"),
}
FROM_TIER = [
    ("", _("Not required")),
    (Tier.LOW, _("From low risk on")),
    (Tier.MODERATE, _("From moderate risk on")),
    (Tier.HIGH, _("From high risk on")),
    (Tier.CRITICAL, _("At critical risk")),
]
RESERVED = frozenset({"new", "ownership"})
NAME_HINT = _("What people call it.")
HANDLE_HINT = _("Never changes. Empty: made from the name.")


@dataclass(frozen=True)
class Part:
    """A section of a form as its page shows it."""

    title: Promise
    hint: Promise | str
    fields: tuple[str, ...]
    look: str = ""


@dataclass(frozen=True)
class Section:
    """A part with its fields, each with its look."""

    part: Part
    fields: list[tuple[BoundField, str]]


class EntryForm(forms.ModelForm[Any]):
    """An entry's details, the version they were written upon, and people by name."""

    parts: ClassVar[tuple[Part, ...]] = ()
    settled: ClassVar[str] = "slug"  # named once, when the entry is created

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            del self.fields[self.settled]
            self.initial["version"] = self.instance.version
        people = {name: self.shown_of(self.instance, name) for name in _naming_people(self)}
        self.initial.update(people)
        self.offered = offer(*people.values())
        take_people(self, self.offered)
        if "slug" in self.fields:
            self.fields["slug"].required = False
        for name, field in self.fields.items():
            field.show_hidden_initial = bool(self.instance.pk) and name != "version"
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = _("Choose one") if field.required else _("None")
            elif isinstance(field, forms.TypedChoiceField):
                field.choices = _capitals(field.choices)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "slug" in self.fields and found.get("name") and "slug" not in self.errors:
            slug = found.get("slug") or handle(found["name"])
            if slug in RESERVED:
                self.add_error("slug", _("“%(slug)s” is taken: an address of the catalog ends in it.") % {"slug": slug})
            elif not slug:
                self.add_error("slug", _("Write a handle: the name has no Latin letters or digits to make one from."))
        return found

    @property
    def sections(self) -> Iterator[Section]:
        for part in self.parts:
            yield Section(part, [(self[name], LOOKS.get(name, "")) for name in part.fields if name in self.fields])

    @staticmethod
    def shown_of(entry: Any, name: str) -> Any:
        """What the form shows of an entry for this field."""
        return getattr(entry, name)

    @property
    def touched(self) -> list[str]:
        """The fields that differ from what the page showed at first."""
        return [name for name in self.changed_data if name != "version"]

    @property
    def details(self) -> dict[str, Any]:
        """What was read, as the services take it; call after `is_valid`."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class ControlForm(EntryForm):
    settled = "code"
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
    why = forms.CharField(label=_("Why the limits change"), required=False, max_length=2000, widget=Words(rows=2))

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
        if self.instance.pk and self._changes_limits() and not found.get("why", "").strip():
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


class IdentityForm(EntryForm):
    parts = (
        Part(_("What it is"), "", ("name", "slug", "kind", "environment", "vendor"), "two"),
        Part(
            _("What it is called elsewhere, and how it signs in"),
            "",
            ("external_ids", "credential_form", "last_rotated_on"),
        ),
        Part(
            _("Who answers for it"),
            _("When the owner has left, the backup owner answers, then the owner's manager."),
            ("owner", "backup_owner", "team"),
            "two",
        ),
        Part(_("In words"), "", ("description",)),
    )

    owner = named(_("Owner"), _("Asked first, unless it is you: owning it keeps a person from judging its exceptions."))
    backup_owner = named(_("Backup owner"))
    external_ids = Several(
        label=_("External ids"),
        widget=Words,
        help_text=_("One a line: an ARN, a SPIFFE id, an application's id. A pasted denial is recognised by them."),
    )

    class Meta:
        model = Identity
        fields = (
            "name",
            "slug",
            "kind",
            "environment",
            "vendor",
            "external_ids",
            "credential_form",
            "last_rotated_on",
            "owner",
            "backup_owner",
            "team",
            "description",
        )
        widgets = {"description": Words(), "last_rotated_on": Day()}
        help_texts = {
            "name": NAME_HINT,
            "slug": HANDLE_HINT,
            "description": _("What it does, and what stops when it stops."),
        }

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("owner") is not None and found["owner"] == found.get("backup_owner"):
            self.add_error("backup_owner", _("The backup owner must be somebody else than the owner."))
        return found

    @staticmethod
    def shown_of(entry: Any, name: str) -> Any:
        """Who is asked to be owner stands where the owner does."""
        return entry.owner_asked or entry.owner if name == "owner" else getattr(entry, name)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["vendor"]
        field.queryset = Vendor.objects.filter(Q(is_active=True) | Q(pk=self.instance.vendor_id))


class VendorForm(EntryForm):
    parts = (
        Part(_("Who it is"), "", ("name", "slug"), "two"),
        Part(
            _("How far we know them"),
            _("The onboarding itself is kept where it is; here stands where, and until when it holds."),
            ("onboarding_ref", "onboarding_url", "review_on"),
            "two",
        ),
        Part(_("Whom to call"), "", ("contact_name", "contact_email"), "two"),
        Part(_("In words"), "", ("description",)),
    )

    onboarding_url = forms.URLField(
        label=_("Address of the onboarding record"), required=False, max_length=500, assume_scheme="https"
    )

    class Meta:
        model = Vendor
        fields = (
            "name",
            "slug",
            "onboarding_ref",
            "onboarding_url",
            "review_on",
            "contact_name",
            "contact_email",
            "description",
        )
        widgets = {"description": Words(), "review_on": Day()}
        help_texts = {
            "name": NAME_HINT,
            "slug": HANDLE_HINT,
            "onboarding_ref": _("Such as TPRM-2026-014."),
            "review_on": _("From this day on, requests that involve it say that its review is overdue."),
            "description": _("What it does for us, and what it reaches."),
        }


class SystemForm(EntryForm):
    parts = (
        Part(_("What it is"), "", ("name", "slug", "environment", "criticality", "tags"), "two"),
        Part(_("Who answers for it"), "", ("owner",), "two"),
        Part(_("In words"), "", ("description",)),
    )

    owner = named(_("Owner"))
    tags = Several(label=_("Tags"), between=",", small=True, help_text=_("With commas: pci, gdpr, tier-1."))

    class Meta:
        model = System
        fields = ("name", "slug", "environment", "criticality", "tags", "owner", "description")
        widgets = {"description": Words()}
        help_texts = {
            "name": NAME_HINT,
            "slug": HANDLE_HINT,
            "description": _("What it is for, and who notices when it fails."),
        }


def _naming_people(form: forms.BaseForm) -> Iterator[str]:
    return (name for name, field in form.fields.items() if isinstance(field, Named))


def _capitals(choices: Any) -> list[tuple[Any, Any]]:
    return [(value, capfirst(label) if value else _("Choose one")) for value, label in choices]
