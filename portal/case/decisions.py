"""The three answers of an approver. Each binds to the document that was shown; a changed one is shown anew."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts import sign_ins
from accounts.errors import NotSure, Stale
from accounts.models import User
from audit import clock
from exceptions_app import judges, rules, services
from exceptions_app.models import ExceptionCase, State
from exceptions_app.queries import case as queries
from exceptions_app.queries.queue import COUNTED, queue_count
from portal.case import changes, deciding, wording
from portal.case.answering import Deed, Page, answer, show
from portal.case.approving import ApprovalForm
from portal.case.forms import ChangesForm, RejectionForm, shown_at, shown_note
from portal.http import PersonRequest, case_or_404, refusals_answered, signed_in

KEPT = "approval kept"
"""Where the session keeps an approval that waits for its person to prove who they are."""


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def approval(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Accept the risk, in words and in a role, of all that is asked or of less.

    Where the step wants a surer sign-in, what was written is kept in the session until the person comes back from it.
    """
    case = case_or_404(request, reference)
    kept = request.session.get(KEPT, {})
    if request.method != "POST" and kept.get("reference") == case.reference:
        rules.require(request.user, "decide", case, clock.now())
        page = _page(request, case, APPROVAL)
        return show(request, case, APPROVAL, page, ApprovalForm(QueryDict(kept["said"]), **page.options))
    try:
        answered = _decide(request, case, APPROVAL)
    except NotSure as refusal:
        seats = judges.seats(request.user, case, clock.now())
        if not seats:
            raise
        request.session[KEPT] = {"reference": case.reference, "said": request.POST.urlencode()}
        return redirect(deciding.unsure(refusal, case, seats[0].step, request.user).url)
    if answered.status_code == 302:
        request.session.pop(KEPT, None)
    return answered


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def rejection(request: PersonRequest, reference: str) -> HttpResponseBase:
    """End the request, with the reason."""
    return _decide(request, case_or_404(request, reference), REJECTION)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def return_for_changes(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Send the request back as a draft, with what has to change."""
    return _decide(request, case_or_404(request, reference), CHANGES)


def _decide(request: PersonRequest, case: ExceptionCase, deed: Deed) -> HttpResponseBase:
    page = _page(request, case, deed)
    try:
        answered = answer(request, case, deed, page)
    except Stale as refusal:
        return _stale(request, case_or_404(request, case.reference), deed, refusal)
    if isinstance(answered, HttpResponseRedirect) and answered.url != reverse("queue"):
        _tell_rest(request)
    return answered


def _tell_rest(request: PersonRequest) -> None:
    """Lead on to the queue whoever came by a mail and has more to decide."""
    if count := queue_count(request.user, clock.now()):
        said = ngettext("%(n)d more waits for your decision.", "%(n)d more wait for your decision.", count)
        if count > COUNTED:
            said, count = gettext("More than %(n)d wait for your decision."), COUNTED
        messages.info(
            request,
            format_html('{} <a href="{}">{}</a>', said % {"n": count}, reverse("queue"), gettext("To your queue")),
        )


def _page(request: PersonRequest, case: ExceptionCase, deed: Deed) -> Page:
    at, user = clock.now(), request.user
    story = queries.story(case, user, at)
    sign_in = sign_ins.of(request)
    offered = deciding.deciding(story, user, at, sign_in)
    answers = offered if isinstance(offered, deciding.Deciding) else None
    initial = answers.approval.initial if answers else {}
    opens = wording.openings(case, story.grants, at)
    button = answers.label if answers and deed is APPROVAL else deed.button
    context = {"story": story, "opens": opens, "button": button, "deciding": answers if deed is APPROVAL else None}
    options = deciding.approval_options(story, at) if deed is APPROVAL else {}
    return Page(initial, options, context, {"sign_in": sign_in} if deed is APPROVAL else {})


def _stale(request: PersonRequest, case: ExceptionCase, deed: Deed, refusal: Stale) -> HttpResponseBase:
    """What changed since the person opened it, and the form again with its text, bound to what it now shows."""
    page = _page(request, case, deed)
    story = page.context["story"]
    seen = queries.document_seen(case, request.POST.get("digest", ""))
    posted = request.POST.copy()
    posted["digest"] = story.digest
    posted["shown"] = shown_note(case.reference, story.digest, request.user, clock.now())
    now = story.document
    found = changes.of_documents(seen, now, queries.people_in([seen, now])) if seen else []
    return show(
        request, case, deed, page, deed.form(posted, **page.options), status=409, refusal=refusal, changes=found
    )


def _approve(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> ExceptionCase:
    words = {name: said[name] for name in ("digest", "statement", "capacity", "narrowing", "sign_in")}
    opened_at = shown_at(said["shown"], case.reference, said["digest"], actor)
    return services.approve(case=case, actor=actor, at=at, shown_at=opened_at, **words)


def _approved(case: ExceptionCase) -> str:
    if case.state == State.DRAFT:
        said = gettext("What you left and what others left of %(reference)s have nothing in common, so it went back.")
        return said % {"reference": case.reference}
    said = gettext("You approved %(reference)s.") % {"reference": case.reference}
    return format_html("{} {}", said, wording.after_approval(case, clock.now()))


def _reject(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> ExceptionCase:
    words = {name: said[name] for name in ("digest", "reason", "preset")}
    return services.reject(case=case, actor=actor, at=at, **words)


def _ask_for_changes(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> ExceptionCase:
    return services.ask_for_changes(case=case, actor=actor, at=at, digest=said["digest"], reason=said["reason"])


APPROVAL = Deed(
    action="decide",
    form=ApprovalForm,
    heading=_("Approve"),
    lead=_("You accept the risk of what stands here, as it stands here."),
    button=_("Approve"),
    done=_approved,
    perform=_approve,
)
REJECTION = Deed(
    action="decide",
    form=RejectionForm,
    heading=_("Reject"),
    lead=RejectionForm.lead,
    button=_("Reject"),
    tone="danger primary",
    done=_("You rejected %(reference)s."),
    perform=_reject,
)
CHANGES = Deed(
    action="decide",
    form=ChangesForm,
    heading=_("Ask for changes"),
    lead=ChangesForm.lead,
    button=_("Ask for changes"),
    done=_("%(reference)s went back to its requester."),
    perform=_ask_for_changes,
)
