"""What a person writes to act on a case. Each field's error says what to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.models import Tier
from exceptions_app.models import RejectionReason, RemovalHow
from exceptions_app.queries.form import people_like
from exceptions_app.services.deciding import LEAST_STATEMENT
from portal.inputs import Words

LONGEST = 4000
SHOWN = "portal.case.shown"


class Statement(forms.CharField):
    """Sentences a person answers for; line ends as they are stored."""

    def __init__(self, *, missing: Any, short: Any = "", **options: Any) -> None:
        errors = {"required": missing, "min_length": short}
        super().__init__(widget=Words(rows=3), max_length=LONGEST, error_messages=errors, **options)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class RiskAccepted(Statement):
    """The risk an approver accepts, in as many words as name one."""

    def __init__(self, *, help_text: Any) -> None:
        super().__init__(
            label=gettext_lazy("The risk you accept"),
            missing=gettext_lazy("Say which risk you accept, in your own words."),
            help_text=help_text,
            min_length=LEAST_STATEMENT,
            short=gettext_lazy("That names no risk yet: say in a few words which you accept."),
        )


class DecisionForm(forms.Form):
    """`digest` names the document that was shown, `shown` when; `origin` the page to go back to."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500)
    origin = forms.CharField(widget=forms.HiddenInput, required=False)


def shown_note(reference: str, digest: str, user: User, at: datetime) -> str:
    """A sealed note that this document was shown to this person at `at` (UTC), for the form to bring back."""
    return signing.dumps([reference, digest, user.pk, at.isoformat()], salt=SHOWN)


def shown_at(note: str, reference: str, digest: str, user: User) -> datetime | None:
    """When it was shown (UTC); None for a note that is not ours, or of another document or person."""
    try:
        *about, at = signing.loads(note, salt=SHOWN)
    except signing.BadSignature:
        return None
    return datetime.fromisoformat(at) if about == [reference, digest, user.pk] else None


class RejectionForm(DecisionForm):
    lead = gettext_lazy("The request ends here. Whoever asked reads your reason and may ask anew.")
    preset = forms.ChoiceField(
        label=gettext_lazy("Why, in a word"),
        choices=[("", gettext_lazy("Choose…")), *RejectionReason.choices],
        error_messages={"required": gettext_lazy("Choose why, in a word: it is counted.")},
    )
    reason = Statement(
        label=gettext_lazy("Why you reject it"),
        missing=gettext_lazy("Say why you reject this, so that the requester can act on it."),
    )


class ChangesForm(DecisionForm):
    lead = gettext_lazy("The request goes back to its requester as a draft. Decisions made so far no longer count.")
    reason = Statement(
        label=gettext_lazy("What has to change"),
        missing=gettext_lazy("Say what has to change, so that the requester can act on it."),
    )


class RecusalForm(forms.Form):
    lead = gettext_lazy(
        "For when you are not the right person, or too close to it. You answer no step of this request any more, nor "
        "verify, resume or confirm anything of it; where that leaves too few, it comes to those behind you."
    )
    origin = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = Statement(
        label=gettext_lazy("Why you step aside"),
        missing=gettext_lazy("Say why you step aside, so that the others know."),
    )


class RiskForm(forms.Form):
    """Which tier, and why; only higher ones are offered."""

    tier = forms.TypedChoiceField(label=gettext_lazy("The risk is"), coerce=int, widget=forms.RadioSelect)
    reason = Statement(label=gettext_lazy("Why it is higher"), missing=gettext_lazy("Say why the risk is higher."))

    def __init__(self, *args: Any, above: int, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["tier"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(tier.value, tier.label.capitalize()) for tier in Tier if tier > above]


class ReasonForm(forms.Form):
    """One reason, asked for in the page's own words."""

    reason = Statement(label=gettext_lazy("Why"), missing=gettext_lazy("Say why."))

    def __init__(self, *args: Any, label: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if label is not None:
            self.fields["reason"].label = label


class NewOwnerForm(ReasonForm):
    """Whom to ask."""

    field_order = ("to", "reason")
    to = forms.CharField(
        label=gettext_lazy("New owner"),
        help_text=gettext_lazy("Name or e-mail address. The owner stays until this person has accepted."),
        max_length=254,
        error_messages={"required": gettext_lazy("Name the person who is asked.")},
    )

    def clean_to(self) -> User:
        people = people_like(self.cleaned_data["to"].strip())
        if len(people) != 1:
            raise ValidationError(_("That names no active person, or several. Write the e-mail address."))
        return people[0]


class RevocationForm(ReasonForm):
    """Cannot be undone, so the reference is typed."""

    confirm = forms.CharField(
        max_length=20, error_messages={"required": gettext_lazy("Type the reference to confirm.")}
    )

    def __init__(self, *args: Any, reference: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.reference = reference
        self.fields["confirm"].label = _("Type %(reference)s to confirm") % {"reference": reference}
        attrs = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
        self.fields["confirm"].widget.attrs.update(attrs)

    def clean_confirm(self) -> str:
        typed = str(self.cleaned_data["confirm"]).strip().upper()
        if typed != self.reference:
            raise ValidationError(_("This is not %(reference)s. Nothing was revoked.") % {"reference": self.reference})
        return typed


class ProofForm(forms.Form):
    """Evidence as a file or a link, or none."""

    upload = forms.FileField(
        label=gettext_lazy("Evidence, a file"),
        required=False,
        help_text=gettext_lazy("PDF, image, ZIP or plain text, at most 10 MB."),
    )
    url = forms.URLField(label=gettext_lazy("Evidence, a link"), required=False, max_length=1000, assume_scheme="https")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("upload") and values.get("url"):
            self.add_error("url", _("Attach a file or give a link, not both."))
        return values

    @property
    def proof(self) -> File[bytes] | str | None:
        """The file, else the link, else None; of a valid form."""
        return self.cleaned_data.get("upload") or self.cleaned_data.get("url") or None


class VerificationForm(ProofForm):
    """`digest` names the safeguard as it was shown."""

    digest = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    statement = Statement(
        label=gettext_lazy("What you checked and found"),
        missing=gettext_lazy("Say what you checked and what you found."),
    )
    field_order = ("statement", "upload", "url")


class FailureForm(forms.Form):
    """`digest` names the safeguard as it was shown."""

    digest = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    reason = Statement(
        label=gettext_lazy("What does not work"),
        missing=gettext_lazy("Say what does not work; whoever mends it reads it."),
    )


class RemovalForm(ProofForm):
    how = forms.ChoiceField(
        label=gettext_lazy("How access was removed"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say how access was removed.")},
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=LONGEST, widget=Words(rows=2))
    field_order = ("how", "note", "upload", "url")

    def __init__(self, *args: Any, hows: tuple[RemovalHow, ...], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["how"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(how.value, how.label) for how in hows]
        self.only_how = hows[0].label if len(hows) == 1 else ""
        if self.only_how:  # nothing to choose: the page says what is confirmed
            field.initial = hows[0].value
            field.widget = forms.HiddenInput()
