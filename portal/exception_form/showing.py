"""One showing of the form: the fields with what was written, what is wrong with it, and the aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from exceptions_app import rules, services
from exceptions_app.models import ExceptionCase
from exceptions_app.queries import form as queries
from exceptions_app.services import DraftContent
from portal.exception_form import kept, refused, sheet
from portal.exception_form.choosing import Offers
from portal.exception_form.forms import SECTIONS
from portal.exception_form.hints import Hints, hints, imagined
from portal.exception_form.sheet import Sheet
from portal.http import PersonRequest

ZONES = ("UTC", "Europe/London", "Europe/Stockholm", "America/New_York", "America/Los_Angeles", "Asia/Tokyo")


@dataclass(frozen=True)
class Page:
    """One showing of the form: which page, upon which case, at which instant."""

    request: PersonRequest
    name: str
    case: ExceptionCase | None
    at: datetime
    offers: Offers

    @property
    def url(self) -> str:
        return reverse(self.name, args=[self.case.reference] if self.case else [])

    def posted(self, version: int | None = None) -> Sheet:
        return sheet.posted(self.request.POST, self.offers, self.request.user, self.request.FILES, version)

    def content(self, written: Sheet) -> DraftContent:
        return written.content(self.case, self.request.user)


@dataclass(frozen=True)
class Left:
    """Fields that a pasted message left to be said; only they are shown while the form is short."""

    fields: frozenset[str]
    is_short: bool

    @property
    def names(self) -> str:
        return " ".join(sorted(self.fields))

    @property
    def sections(self) -> set[str]:
        return {anchor for anchor, _title, names in SECTIONS if not self.fields.isdisjoint(names)}


def show(page: Page) -> HttpResponse:
    request, case = page.request, page.case
    waiting = kept.find(request, page.url, request.user)
    if waiting is not None and waiting.reason == kept.REFUSED and case and waiting.data["version"] != str(case.version):
        kept.drop(request, page.url)
        waiting = None
    if waiting is None:
        unsaved = sheet.stored(case, page.offers, request.user) if case else sheet.blank(page.offers, request.user)
        return answer(page, unsaved)
    written = sheet.posted(waiting.data, page.offers, request.user)
    written.add(waiting.problems)
    return answer(page, written, notice=waiting.reason)


def answer(page: Page, written: Sheet, *, status: int = 200, notice: str = "", **more: Any) -> HttpResponse:
    case = page.case
    lines: list[Any] = queries.attached(case) if case else []
    context = {
        "page": page.name,
        "case": case,
        "sheet": written,
        "notice": notice,
        "wrong": written.wrong(),
        "action": page.url,
        "offers": page.offers.all,
        "zones": dict.fromkeys([page.request.user.time_zone, *ZONES]),
        "evidence": lines,
        "asked_changes": queries.asked_changes(case) if case else None,
        "asked_to_complete": queries.asked_to_complete(case, page.request.user) if case else None,
        "why_not_withdraw": rules.why_not(page.request.user, "withdraw", case, page.at) if case else None,
        "may_share": case is not None and rules.why_not(page.request.user, "share", case, page.at) is None,
        "hints_url": reverse("draft_hints", args=[case.reference]) if case else reverse("exception_new_hints"),
        "refusal": written.ask.data.get(refused.FIELD, ""),
        "at": page.at,
        **more,
    }
    context |= _aside(page, written)
    context["left_to_say"] = _left(written, context["hints"], is_fresh=bool(more.get("leads")))
    return render(page.request, "portal/exception_form/page.html", context, status=status)


def _left(written: Sheet, hints: Hints, *, is_fresh: bool) -> Left | None:
    """After a pasted message: what it left to be said, and what turned out to be since; None for a form without one."""
    data = written.ask.data
    if not is_fresh and not data.get("left"):
        return None
    open_now = {point.field.partition("-")[0] for point in [*hints.missing, *hints.refused]}
    open_now |= {wrong.href.removeprefix("id_").partition("-")[0] for wrong in written.wrong()}
    if is_fresh and not written.ask["credential_form"].value():
        open_now.add("credential_form")
    return Left(frozenset(data.get("left", "").split()) | open_now, is_short=is_fresh or "short" in data)


def show_hints(page: Page) -> HttpResponse:
    written = sheet.posted(page.request.POST, page.offers, page.request.user)
    has_left = bool(written.ask.data.get("left"))
    context: dict[str, Any] = {"at": page.at, "case": page.case, "action": page.url, "page": page.name, "apart": True}
    context |= {"has_left": has_left, "sheet": written} | _aside(page, written)
    return render(page.request, "portal/exception_form/hints.html", context)


def _aside(page: Page, written: Sheet) -> dict[str, Any]:
    """The hints, computed last: they set what was written on the case in hand, which is not stored."""
    case, user = page.case, page.request.user
    upon = written.ask["version"].value() if written.is_bound else None
    newer = case is not None and upon not in {None, "", str(case.version)}
    if written.is_bound:
        content = page.content(written)
    elif case is not None:
        content = DraftContent({}, services.content.grant_contents(case), services.content.safeguard_contents(case))
    else:
        content = DraftContent({"kind": "planned", "owner": user})
    imagining = imagined(case, content, user, page.at)
    return {"hints": hints(imagining, content, written, user, page.at), "newer": newer}
