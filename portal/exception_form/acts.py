"""The acts round a draft that are one button each: duplicate, withdraw, answer as backup owner."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit import clock
from exceptions_app import services
from portal.exception_form.guards import for_person
from portal.http import PersonRequest, case_or_404
from workflows import inbox


@require_POST
@for_person
def duplicate(request: PersonRequest, reference: str) -> HttpResponseBase:
    """A new draft with the same text."""
    case = case_or_404(request, reference)
    copy = services.duplicate(case=case, actor=request.user, at=clock.now())
    words = {"reference": copy.reference, "from": case.reference}
    messages.success(request, _("%(reference)s is a new draft with the text of %(from)s.") % words)
    return redirect("draft", copy.reference)


@require_POST
@for_person
def withdrawal(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Take a draft or request back; it stays in the history."""
    case = case_or_404(request, reference)
    reason = request.POST.get("reason", "")
    services.withdraw(case=case, actor=request.user, at=clock.now(), reason=reason)
    messages.success(request, _("%(reference)s is withdrawn.") % {"reference": case.reference})
    return redirect("case", reference)


@require_POST
@for_person
def sharing(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Ask the owner to complete the draft."""
    case = case_or_404(request, reference)
    note = request.POST.get("note", "")
    row = services.share_draft(case=case, actor=request.user, at=clock.now(), note=note)
    messages.success(request, _("%(owner)s is asked to complete it.") % {"owner": row.owner})
    return redirect("draft", reference)


@require_POST
@for_person
def backup_acceptance(request: PersonRequest, reference: str) -> HttpResponseBase:
    """The person named as backup owner accepts or declines."""
    case = case_or_404(request, reference)
    answers = {"accept": services.accept_backup, "decline": services.decline_backup}
    verb = answers.get(request.POST.get("answer", ""))
    if verb is None:
        return HttpResponseBadRequest(_("Answer with “accept” or “decline”."))
    at = clock.now()
    row = verb(case=case, actor=request.user, at=at)
    inbox.answered(user=request.user, case=row, reaction="ask_backup", at=at)
    accepted = row.backup_accepted_at is not None
    said = _("You stand in for the owner of %s.") if accepted else _("You are no longer named as backup owner of %s.")
    messages.success(request, said % case.reference)
    return redirect("case", reference) if accepted else redirect("home")
