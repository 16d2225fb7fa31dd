"""What is asked of imported drafts: filters, files to bring in, and what a claim fills in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import CredentialForm
from exceptions_app.models import SafeguardKind
from exceptions_app.services import Filling, SafeguardContent
from intake.tables import MAX_BYTES
from portal.exception_form.choosing import Named, Offers, take
from portal.exception_form.fields import LongText, PlainDay, Text, Zone
from portal.exception_form.forms import IMPACT, LIKELIHOOD, LONGEST_TERM
from waivers import tables
from waivers.formats import FORMATS
from waivers.formats.tree import LARGEST_FILE
from waivers.queries import Filters

MOST_FILES = 50
MOST_BYTES = 8 * 1024 * 1024
LACKS = (
    ("", _("Anything")),
    ("end", _("No end")),
    ("past", _("Past its end")),
    ("reason", _("No reason")),
    ("gone", _("Gone from its file")),
)


class WaiverFilter(forms.Form):
    """Filters of the unclaimed; what cannot be read is left out."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    file = forms.CharField(label=_("File"), required=False, max_length=200)
    format = forms.ChoiceField(
        label=_("Format"),
        required=False,
        choices=[
            ("", _("Any format")),
            *((form.name, form.label) for form in FORMATS.values()),
            (tables.FORMAT, _("CSV and XLSX")),
        ],
    )
    missing = forms.ChoiceField(label=_("Missing"), required=False, choices=LACKS)

    @property
    def filters(self) -> Filters:
        """What was understood."""
        self.is_valid()
        asked = self.cleaned_data
        return Filters(
            search=asked.get("q", ""),
            file=asked.get("file", ""),
            format=asked.get("format", ""),
            missing=asked.get("missing", ""),
        )

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.values())


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class Files(forms.FileField):
    """Several files, each and all together within bounds."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = list(data) if isinstance(data, list | tuple) else [data] * bool(data)
        if not files:
            raise ValidationError(_t("Choose at least one file."), code="required")
        if len(files) > MOST_FILES or sum(file.size or 0 for file in files) > MOST_BYTES:
            words = {"n": MOST_FILES, "mb": MOST_BYTES // 1024**2}
            raise ValidationError(
                _t("At most %(n)d files of %(mb)d MB together. For more use manage.py import_waivers.") % words
            )
        return files


class UploadForm(forms.Form):
    """Files, and where they come from: two files of one name are told apart by it."""

    place = Text(
        label=_("Where they come from"),
        max_length=120,
        required=True,
        error_messages={"required": _("Name the repository or folder.")},
        help_text=_("The repository, such as payments/api. Give the same name next time: then drafts are updated."),
    )
    uploads = Files(
        label=_("Files"),
        help_text=_(
            "From Snyk, OSV-Scanner, Trivy, nsprc, audit-ci, cargo, Grype, Kyverno, UDS or Azure Policy. Or any list "
            "in CSV or XLSX: then you are asked what its columns mean."
        ),
    )
    zone = Zone(label=_("Time zone of the dates"), required=False)

    def clean_place(self) -> str:
        place = str(self.cleaned_data["place"]).strip().strip("/")
        if not place or "\x00" in place:
            raise ValidationError(_t("Name the repository or folder."))
        return place

    def clean_zone(self) -> str:
        return self.cleaned_data["zone"] or "UTC"

    def contents(self) -> list[tuple[str, bytes]]:
        """The files by the name they are known under; of a file beyond the bound only so much that it is refused."""
        files: list[UploadedFile[Any]] = self.cleaned_data["uploads"]
        return [(file.name or "file", file.read(_longest(file.name or "") + 1)) for file in files]

    @property
    def chosen_zone(self) -> ZoneInfo:
        return ZoneInfo(self.cleaned_data["zone"])


def _longest(name: str) -> int:
    return MAX_BYTES if tables.is_table(name) else LARGEST_FILE


class ClaimForm(forms.Form):
    """What a claim fills in, in each draft, where that draft has nothing."""

    control = Named(label=_("Control"), required=False, help_text=_("What these set aside."))
    identity = Named(label=_("Identity"), required=False, help_text=_("The account, pipeline or agent they are for."))
    credential_form = forms.ChoiceField(
        label=_("Credential it uses"),
        required=False,
        choices=[("", _("As the identity's")), *((form.value, capfirst(form.label)) for form in CredentialForm)],
    )
    system = Named(label=_("System"), required=False, help_text=_("Where what is ignored runs."))
    owner = Named(label=_("Owner"), required=False, help_text=_("Empty: you."))
    normal_path = LongText(label=_("Why the normal path is unavailable"), rows=2)
    justification = LongText(
        label=_("Why this is needed"), rows=2, help_text=_("Only for those whose file gives no reason.")
    )
    safeguard_kind = forms.ChoiceField(
        label=_("Safeguard"), required=False, choices=[("", _("Choose one")), *SafeguardKind.choices]
    )
    safeguard = LongText(label=_("What it does, and how someone can see that it works"), rows=2)
    likelihood = forms.TypedChoiceField(
        label=_("How likely is harm"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("Choose one")), *LIKELIHOOD],
    )
    impact = forms.TypedChoiceField(
        label=_("How bad would it be"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("Choose one")), *IMPACT],
    )
    term_days = forms.IntegerField(
        label=_("Number of days"),
        required=False,
        min_value=1,
        max_value=LONGEST_TERM,
        help_text=_("For those without an end, past it, or with one further away than the control ever allows."),
    )
    end_on = PlainDay(label=_("Or an end date"), required=False, help_text=_("Until 23:59:59 in your time zone."))
    remediation_on = PlainDay(label=_("Cause mended by"), required=False)
    exit_plan = LongText(label=_("Exit plan"), rows=2)
    if_conditions_change = LongText(label=_("If conditions change"), rows=2)

    def __init__(self, *args: Any, offers: Offers, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, offer in (
            ("control", offers.control),
            ("identity", offers.identity),
            ("system", offers.system),
            ("owner", offers.person),
        ):
            take(self, name, offer)
        self.fields["term_days"].widget.attrs["inputmode"] = "numeric"

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("term_days") and found.get("end_on"):
            self.add_error("end_on", _t("Give a number of days or an end date, not both."))
        if bool(found.get("safeguard")) != bool(found.get("safeguard_kind")):
            name = "safeguard_kind" if found.get("safeguard") else "safeguard"
            self.add_error(name, _t("A safeguard has a kind and a description."))
        return found

    def filling(self, user: User) -> Filling:
        """What was written, as the service takes it; call after `is_valid`."""
        written: Mapping[str, Any] = self.cleaned_data
        words, kind = written["safeguard"], written["safeguard_kind"]
        left_out = {"system", "safeguard", "safeguard_kind"}
        fields = {name: value for name, value in written.items() if name not in left_out}
        return Filling(
            fields={**fields, "end_zone": user.time_zone},
            system=written["system"],
            safeguard=SafeguardContent(kind, words, required=False) if words else None,
        )
