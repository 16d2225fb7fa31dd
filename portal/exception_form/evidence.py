"""Evidence of a request: attached with the form, handed out as a download and never shown in place."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.errors import NotPossible
from accounts.models import User
from exceptions_app import services
from exceptions_app.models import ExceptionCase
from exceptions_app.services.evidence import TYPES, stored_file
from portal.exception_form.forms import EvidenceForm
from portal.exception_form.guards import for_person
from portal.http import PersonRequest, case_or_404, number

UNKNOWN = "application/octet-stream"
REMOVE = "remove-evidence-"


@require_safe
@for_person
def download(request: PersonRequest, reference: str, key: int) -> FileResponse:
    """The stored file under its own name, of the sniffed type, where it can run nothing; none that was exchanged."""
    case = case_or_404(request, reference)
    item = get_object_or_404(case.evidence.exclude(file=""), pk=key)
    kind = item.content_type if item.content_type in TYPES else UNKNOWN
    answer = FileResponse(stored_file(item), as_attachment=True, filename=item.original_name, content_type=kind)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def remove(act: str, *, case: ExceptionCase, actor: User, at: datetime) -> str:
    """Take off what the pressed button names (“remove-evidence-7”); answers its title, "" if none was pressed."""
    key = number(act.removeprefix(REMOVE))
    if not act.startswith(REMOVE) or key is None:
        return ""
    item = get_object_or_404(case.evidence.select_related("case"), pk=key)
    services.remove_evidence(evidence=item, actor=actor, at=at)
    return item.title


def attach(form: EvidenceForm, *, case: ExceptionCase, actor: User, at: datetime) -> set[str]:
    """Store the file and the link that were sent along; answers which were stored, errors stand on the form."""
    stored: set[str] = set()
    if not form.offers_something or not form.is_valid():
        return stored
    sent = dict(form.cleaned_data)
    title = sent["evidence_title"]
    if sent["upload"]:
        try:
            services.attach_file(case=case, actor=actor, at=at, title=title, upload=sent["upload"])
            stored.add("upload")
        except NotPossible as refusal:
            form.add_error("upload", str(refusal.message))
    if sent["link"]:
        try:
            services.attach_link(case=case, actor=actor, at=at, title=title, url=sent["link"])
            stored.add("link")
        except (NotPossible, ValidationError) as refusal:
            form.add_error("link", str(refusal.message))
    return stored
