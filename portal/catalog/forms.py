"""The forms of the catalog's entries. What they say is judged by the services; here it is only read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from catalog.models import Control, FrameworkItem, Identity, System, Tier
from catalog.services.entries import handle
from portal import words
from portal.exception_form.choosing import Named
from portal.inputs import Words
from portal.people.choosing import named, offer, take_people

TIERS = [(tier, tier.name.lower()) for tier in reversed(Tier)]
CAPS = [f"{kind}_cap_{name}" for _tier, name in TIERS for kind in ("term", "lifetime")]
LOOKS = {"code": "short code", "slug": "code", "severity": "short", **dict.fromkeys(CAPS, "short")}
RESERVED = "new"
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
        people = {name: getattr(self.instance, name) for name in _naming_people(self)}
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
            if slug == RESERVED:
                self.add_error("slug", _("“new” is taken: the address of this form ends in it."))
            elif not slug:
                self.add_error("slug", _("Write a handle: the name has no Latin letters or digits to make one from."))
        return found

    @property
    def sections(self) -> Iterator[Section]:
        for part in self.parts:
            yield Section(part, [(self[name], LOOKS.get(name, "")) for name in part.fields if name in self.fields])

    @property
    def touched(self) -> list[str]:
        """The fields that differ from what the page showed at first."""
        return [name for name in self.changed_data if name != "version"]

    @property
    def details(self) -> dict[str, Any]:
        """What was read, as the services take it; call after `is_valid`."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class Codes(forms.CharField):
    """Framework items by their codes, as text; read, their references. A code keeps meaning what is in `kept`."""

    kept: Collection[str] = ()

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(reference.partition(":")[2] for reference in value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        written = (code.strip() for code in str(value or "").replace("\n", ",").replace(";", ",").split(","))
        codes = [code for code in dict.fromkeys(written) if code]
        items = FrameworkItem.objects.select_related("framework").prefetch_related("aliases")
        found = {item for item in items.called(*codes) if not item.is_withdrawn} | {*items.referred(codes)}
        return [_reference(code, found, self.kept) for code in codes]


def _reference(code: str, items: Collection[FrameworkItem], kept: Collection[str]) -> str:
    """The one of the items that goes by a code or reference. Raises ValidationError where none does, or several."""
    found = [item for item in items if item.reference == code] or [item for item in items if item.goes_by(code)]
    exact = [item for item in found if item.code.upper() == code.upper()]
    before = [item for item in exact if item.reference in kept]
    nearest = before or exact or found
    if len(nearest) == 1:
        return nearest[0].reference
    if not found:
        raise forms.ValidationError(_("No framework has an item called %(code)s."), params={"code": code})
    names = ", ".join(sorted(item.reference for item in nearest))
    raise forms.ValidationError(
        _("%(code)s may mean several items: %(names)s. Write the one you mean."), params={"code": code, "names": names}
    )


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
            _("How far an exception may go"),
            _("In days, by the risk of the exception. A higher risk never has a longer cap."),
            tuple(CAPS),
            "two",
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
            *CAPS,
        )
        widgets = {"statement": Words(rows=5)}
        help_texts = {
            "statement": _("What must hold, so that anybody can tell whether it does."),
            **dict.fromkeys(CAPS, ""),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["answers_to"]
        field.kept = self.instance.answers_to

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for _tier, name in TIERS:
            self._demand_term_within_lifetime(name)
        for kind in ("term", "lifetime"):
            self._demand_falling(kind)
        return found

    def _demand_term_within_lifetime(self, tier: str) -> None:
        term, lifetime = (self.cleaned_data.get(f"{kind}_cap_{tier}") for kind in ("term", "lifetime"))
        if term is not None and term < 1:
            self.add_error(f"term_cap_{tier}", _("Give at least one day."))
        elif term is not None and lifetime is not None and term > lifetime:
            self.add_error(f"term_cap_{tier}", _("At most the lifetime at the same risk."))

    def _demand_falling(self, kind: str) -> None:
        caps = [(f"{kind}_cap_{name}", self.cleaned_data.get(f"{kind}_cap_{name}")) for _tier, name in TIERS]
        for (name, days), (lower, below) in pairwise(caps):
            if days is not None and below is not None and days > below:
                limit = {"days": words.days(below), "cap": self[lower].label.lower()}
                self.add_error(name, _("At most %(days)s, the %(cap)s.") % limit)


class IdentityForm(EntryForm):
    parts = (
        Part(_("What it is"), "", ("name", "slug", "kind", "environment", "credential_form", "vendor_name"), "two"),
        Part(
            _("Who answers for it"),
            _("When the owner has left, the backup owner answers, then the owner's manager."),
            ("owner", "backup_owner", "team"),
            "two",
        ),
        Part(_("In words"), "", ("description",)),
    )

    owner = named(_("Owner"))
    backup_owner = named(_("Backup owner"))

    class Meta:
        model = Identity
        fields = (
            "name",
            "slug",
            "kind",
            "environment",
            "credential_form",
            "vendor_name",
            "owner",
            "backup_owner",
            "team",
            "description",
        )
        widgets = {"description": Words()}
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


class SystemForm(EntryForm):
    parts = (
        Part(_("What it is"), "", ("name", "slug", "environment", "criticality"), "two"),
        Part(_("Who answers for it"), "", ("owner",), "two"),
        Part(_("In words"), "", ("description",)),
    )

    owner = named(_("Owner"))

    class Meta:
        model = System
        fields = ("name", "slug", "environment", "criticality", "owner", "description")
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
