"""The forms of identities, vendors and systems. What they say is judged by the services; here it is only read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Identity, System, Vendor
from portal.catalog.entry_form import EntryForm, Part
from portal.catalog.fields import Several
from portal.inputs import Day, Words
from portal.people.choosing import named

NAME_HINT = _("What people call it.")
HANDLE_HINT = _("Never changes. Empty: made from the name.")


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
