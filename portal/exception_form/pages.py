"""The pages that show the form: new, draft, amendment, and the hints beside them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import NotPossible, Stale
from audit import clock
from exceptions_app import limits, rules, services
from exceptions_app.models import ExceptionCase, State
from exceptions_app.queries import form as queries
from exceptions_app.services import DraftContent
from portal.exception_form import autosave, evidence, fills, kept, refused, sentences, sheet
from portal.exception_form.asked import waits
from portal.exception_form.choosing import offers
from portal.exception_form.fills import Filled
from portal.exception_form.guards import demand, demand_asker, for_person
from portal.exception_form.hints import imagined
from portal.exception_form.sheet import Sheet
from portal.exception_form.showing import Page, answer, show, show_hints
from portal.formsets import pressed
from portal.http import PersonRequest, case_or_404
from workflows import services as work

ROWS = ("grants", "safeguards")
AUTOSAVE = "autosave"


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def new(request: PersonRequest) -> HttpResponseBase:
    """An empty form; the first save opens the draft."""
    demand_asker(request.user)
    page = Page(request, "exception_new", None, clock.now(), offers())
    if request.method == "POST" and request.POST.get("act") == AUTOSAVE:
        return autosave.opened(page.posted(), request.user, page.at)
    return _rows_or_discard(page) or _open(page) if request.method == "POST" else show(page)


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def draft(request: PersonRequest, reference: str) -> HttpResponseBase:
    """A draft: save, submit, attach. A later writer upon an old version is shown both."""
    case = case_or_404(request, reference)
    demand(request.user, "edit", case)
    page = Page(request, "draft", case, clock.now(), offers())
    if request.method == "POST" and request.POST.get("act") == AUTOSAVE:
        return autosave.saved(page.posted(), case, request.user, page.at)
    if request.method == "POST":
        return _rows_or_discard(page) or _save(page, case)
    return show(page) if case.state == State.DRAFT else redirect("case", reference)


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def amendment(request: PersonRequest, reference: str) -> HttpResponseBase:
    """The same form for a request that waits: changing it voids the decisions so far."""
    case = case_or_404(request, reference)
    demand(request.user, "amend", case)
    page = Page(request, "amendment", case, clock.now(), offers())
    if request.method == "POST":
        return _rows_or_discard(page) or _amend(page, case)
    return redirect("case", reference) if rules.wrong_state("amend", case, page.at) else show(page)


@require_POST
@for_person
def new_hints(request: PersonRequest) -> HttpResponseBase:
    """The aside for what is written so far."""
    demand_asker(request.user)
    return show_hints(Page(request, "exception_new", None, clock.now(), offers()))


@require_POST
@for_person
def draft_hints(request: PersonRequest, reference: str) -> HttpResponseBase:
    """The aside for what is written so far, in a draft or an amendment."""
    case = case_or_404(request, reference)
    demand(request.user, "amend" if case.state == State.REQUESTED else "edit", case)
    return show_hints(Page(request, "draft", case, clock.now(), offers()))


def _rows_or_discard(page: Page) -> HttpResponseBase | None:
    """Answer the buttons that store nothing: a row more, a row less, discard what was kept."""
    kept_before = kept.find(page.request, page.url, page.request.user)
    kept.drop(page.request, page.url)
    if page.request.POST.get("act") == "discard":
        return redirect(page.url)
    data, more = pressed(page.request.POST, *ROWS), dict[str, Any]()
    if data is None and (verb := _fill_of(page)) is not None:
        filled = _filled(page, verb)
        data, more = filled.data, {"filled": filled.said, "leads": verb == refused.FIELD, "refusal": ""}
    if data is None:
        return None
    written = sheet.posted(data, page.offers, page.request.user)
    return answer(page, written, notice=kept_before.reason if kept_before else "", **more)


def _fill_of(page: Page) -> str | None:
    """The press that writes into the form. A pasted message that nobody had taken over is, before anything is saved."""
    posted = page.request.POST
    if "fill" in posted:
        return str(posted["fill"])
    is_left = posted.get("act") in {"save", "submit"} and posted.get(refused.FIELD, "").strip()
    return refused.FIELD if is_left and page.name != "amendment" else None


def _filled(page: Page, verb: str) -> Filled:
    draft = imagined(page.case, page.content(page.posted()), page.request.user, page.at)
    return fills.pressed(page.request.POST, verb, draft, page.offers, page.request.user, page.at)


def _open(page: Page) -> HttpResponseBase:
    written = page.posted()
    user = page.request.user
    case = services.open_draft(actor=user, at=page.at, content=page.content(written))
    return _go_on(Page(page.request, "draft", case, page.at, page.offers), case, written)


def _save(page: Page, case: ExceptionCase) -> HttpResponseBase:
    written = page.posted()
    content = page.content(written)
    try:
        saved = services.save_draft(
            case=case, actor=page.request.user, at=page.at, version=_version(written), content=content
        )
    except Stale:
        return _both(page, written, content)
    except NotPossible as refusal:
        if written.read() and not sentences.differences(case, written.ask, content):
            return redirect("case", case.reference)  # the same text again, after it was submitted
        written.add(refusal.fields or {"": [refusal.message]})
        return answer(page, written, status=409)
    return _go_on(page, saved, written)


def _go_on(page: Page, case: ExceptionCase, written: Sheet) -> HttpResponseBase:
    """After the save: evidence, then the submission if it was asked for; what is not stored is kept for the page."""
    request = page.request
    stored = evidence.attach(written.evidence, case=case, actor=request.user, at=page.at)
    removed = evidence.remove(request.POST.get("act", ""), case=case, actor=request.user, at=page.at)
    submitting = request.POST.get("act") == "submit"
    if not written.read() or written.evidence.errors:
        asked = imagined(case, page.content(written), request.user, page.at)
        return _keep(page, written, kept.UNSAVED, _refused(asked, page.at) if submitting else None, stored)
    if not submitting:
        said = _("%(reference)s is saved without “%(title)s”.") if removed else _("%(reference)s is saved.")
        messages.success(request, said % {"reference": case.reference, "title": removed})
        return HttpResponseRedirect(page.url)
    try:
        work.submit(case=case, actor=request.user, at=page.at)
    except NotPossible as refusal:
        return _keep(page, written, kept.REFUSED, refusal, stored)
    messages.success(request, waits(case, page.at))
    return redirect("case", case.reference)


def _amend(page: Page, case: ExceptionCase) -> HttpResponseBase:
    written = page.posted()
    content, user = page.content(written), page.request.user
    refused = _refused(imagined(case, content, user, page.at), page.at)
    if refused or not written.read():
        return _keep(page, written, kept.REFUSED, refused)
    if not sentences.differences(case, written.ask, content):
        messages.info(page.request, _("Nothing was changed, so the decisions so far stand."))
        return redirect("case", case.reference)
    try:
        work.amend(case=case, actor=user, at=page.at, version=_version(written), content=content)
    except Stale:
        return _both(page, written, content)
    except NotPossible as refusal:
        return _keep(page, written, kept.REFUSED, refusal)
    messages.success(
        page.request, _("%(reference)s is changed and waits for its approvers anew.") % {"reference": case.reference}
    )
    return redirect("case", case.reference)


def _keep(
    page: Page,
    written: Sheet,
    reason: str,
    refusal: NotPossible | None = None,
    stored: Collection[str] = (),
) -> HttpResponseBase:
    """Go to the page, which shows the text again with what is wrong; in place if the text is too long to keep."""
    problems = _problems(refusal, written)
    version = None if page.case is None else ExceptionCase.objects.get(pk=page.case.pk).version
    data = page.request.POST.copy()
    data["version"], data["writer"] = str(version or ""), kept.writer(page.request.user)
    for name in ("link", "evidence_title") if "link" in stored else ():
        data.pop(name, None)
    if kept.keep(page.request, page.url, data, reason=reason, problems=problems):
        return redirect(page.url)
    again = sheet.posted(data, page.offers, page.request.user, version=version)
    again.add(problems)
    return answer(page, again, notice=reason, status=422)


def _refused(draft: limits.Draft, at: datetime) -> NotPossible | None:
    """What would refuse the request as it would be: an amendment is judged before any of it is written."""
    fields: dict[str, list[str]] = {}
    for problem in limits.problems(draft, at):
        fields.setdefault(problem.field, []).append(problem.sentence)
    return NotPossible(" ".join(text for texts in fields.values() for text in texts), fields=fields) if fields else None


def _problems(refusal: NotPossible | None, written: Sheet) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if refusal is not None:
        fields = refusal.fields or {"": [refusal.message]}
        found = {name: [str(text) for text in texts] for name, texts in fields.items()}
    for name, texts in written.evidence.errors.items():
        found[name] = [str(text) for text in texts]
    return found


def _both(page: Page, written: Sheet, content: DraftContent) -> HttpResponseBase:
    """Somebody saved first: show both, the writer's own text in the form upon the present version."""
    current = case_or_404(page.request, page.case.reference if page.case else "")
    differing = sentences.differences(current, written.ask, content)
    if written.read() and not differing:
        return redirect(page.url)
    again = sheet.posted(page.request.POST, page.offers, page.request.user, version=current.version)
    page = Page(page.request, page.name, current, page.at, page.offers)
    return answer(page, again, status=409, differences=differing, last_save=queries.last_save(current))


def _version(written: Sheet) -> int:
    """The version the text was written upon; none posted is none, so that saving over is never a slip."""
    return written.ask.cleaned_data.get("version") or 0
