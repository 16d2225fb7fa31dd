"""Saves a draft while somebody writes: what can be stored is, nothing is shown anew, and nothing is submitted."""

from __future__ import annotations

from datetime import datetime

from django.http import JsonResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.errors import NotPossible, Stale
from accounts.models import User
from exceptions_app import services
from exceptions_app.models import ExceptionCase
from portal.exception_form import sentences
from portal.exception_form.sheet import Sheet

ENOUGH = ("title", "control", "identity", "blocked", "justification")
"""With one of these a new form is worth a draft of its own."""


def opened(written: Sheet, user: User, at: datetime) -> JsonResponse:
    """Open a draft for what is written in a new form, once there is something to find it by."""
    content = written.content(None, user)
    if not any(content.fields.get(name) for name in ENOUGH):
        return JsonResponse({})
    try:
        case = services.open_draft(actor=user, at=at, content=content)
    except NotPossible as refusal:
        return _not_saved(str(refusal))
    return _saved(case, at)


def saved(written: Sheet, case: ExceptionCase, user: User, at: datetime) -> JsonResponse:
    """Save what differs; nothing is recorded where nothing does."""
    content = written.content(case, user)
    version = written.ask.cleaned_data.get("version") or 0
    if version == case.version and not sentences.differences(case, written.ask, content):
        return _saved(case, at)
    try:
        row = services.save_draft(case=case, actor=user, at=at, version=version, content=content)
    except Stale:
        return _not_saved(_("Somebody else saved this. Press “Save draft” to see both versions."))
    except NotPossible as refusal:
        return _not_saved(str(refusal))
    return _saved(row, at)


def _saved(case: ExceptionCase, at: datetime) -> JsonResponse:
    words = _("%(reference)s saved at %(time)s") % {
        "reference": case.reference,
        "time": date_format(localtime(at), "H:i"),
    }
    url = reverse("draft", args=[case.reference])
    return JsonResponse({"url": url, "version": case.version, "said": words})


def _not_saved(sentence: str) -> JsonResponse:
    return JsonResponse({"said": sentence}, status=409)
