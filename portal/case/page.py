"""The case page: the story of one exception, the four answers beside it, and what this person can do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from accounts import sign_ins
from audit import clock
from exceptions_app import ask, freshness, rules
from exceptions_app.models import (
    ACTIVATED,
    ENDED,
    RELIED_ON,
    ExceptionCase,
    Grant,
    RemovalState,
    Safeguard,
    Watch,
)
from exceptions_app.queries import case as queries
from exceptions_app.queries import versions
from exceptions_app.queries.case import Story, Timeline
from exceptions_app.risk import Floor, floor
from exceptions_app.services.ending import removals
from portal.case import changes, talking, telling
from portal.case.acts import Acts, acts
from portal.case.answers import answers
from portal.case.changes import Change
from portal.case.forms import FailureForm, RemovalForm, VerificationForm
from portal.case.wording import openings, standing
from portal.http import PersonRequest, case_or_404, number, refusals_answered
from portal.reviewing import shown_review
from waivers import queries as waivers
from workflows.mails.words import mark

REACHED = {
    "draft": "created_at",
    "requested": "submitted_at",
    "approved": "approved_at",
    "active": "activated_at",
    "expiring": "warned_at",
    "suspended": "suspended_at",
}


@dataclass(frozen=True)
class Opening:
    """A grant in words, what was asked where that is more, and the form to confirm that it is gone, for who may."""

    grant: Grant
    words: SafeString
    asked: SafeString | str
    taken: SafeString | str
    facts: str
    form: RemovalForm | None


@dataclass(frozen=True)
class Guard:
    """A safeguard, and the forms to verify it and to say that it fails, where that is this person's to do.

    `counts_until` is where the exception falls out of force unless it is verified anew, if that is before its end.
    """

    safeguard: Safeguard
    watch: Watch | None
    counts_until: datetime | None
    form: VerificationForm | None
    failure: FailureForm | None
    may_watch: bool


@dataclass(frozen=True)
class Line:
    """An event in words, with what it changed."""

    entry: telling.Entry
    changes: list[Change]


@login_required
@require_http_methods(["GET", "HEAD"])
@refusals_answered
def show(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Everything about one case. `?before=` pages the timeline by sequence, `?mail=` marks what a mail told."""
    case, at = case_or_404(request, reference), clock.now()
    story = queries.story(case, request.user, at)
    stands = standing(story, at)
    allowed = acts(story, request.user, at, sign_ins.of(request))
    reviewers = talking.reviewers_of(story, at)
    timeline = queries.timeline(case, before=_before(request))
    context = {
        "at": at,
        "case": case,
        "story": story,
        "standing": stands,
        "answers": answers(story, stands, at),
        "reached": _reached(case, stands.state),
        "floor": _floor(story),
        "activated": ACTIVATED,
        "ended": ENDED,
        "acts": allowed,
        "openings": list(_openings(story, allowed, at)),
        "guards": list(_guards(story, allowed, at)),
        "reviews": [shown_review(review, case, at) for review in story.reviews],
        "reviewers": reviewers,
        "is_unused": case.is_unused(at),
        "renewed_until": _renewed_until(story, at),
        "appeals": talking.appeals(story, request.user, at, reviewers),
        "suspended": _suspended(story),
        "lines": _lines(timeline),
        "timeline": timeline,
        "remarks": talking.remarks(story),
        "comment_form": talking.form_for(story, request.user, at),
        "source": waivers.source_of(case.pk),
        "mail": _mail(request, story),
    }
    return render(request, "portal/case/page.html", context)


def _renewed_until(story: Story, at: datetime) -> datetime | None:
    """The end of what it renews, where that comes before it has to be decided and the reader may see it."""
    case, before = story.case, story.case.renews if story.shows_predecessor else None
    end_at = before.expires_at if before and before.state in ACTIVATED else None
    return end_at if end_at and case.decide_by_at and at < end_at < case.decide_by_at else None


def _suspended(story: Story) -> telling.Entry | None:
    """How it came to be suspended, in words; None where it is not, or no sweep recorded it yet."""
    event = story.suspension.event if story.suspension else None
    return telling.entry(event, queries.people_of([event])) if event else None


def _mail(request: PersonRequest, story: Story) -> str:
    """Whether what is asked is what the mail told by which the reader came: "same", "other", "" for no mail."""
    told = request.GET.get("mail", "")
    if not told:
        return ""
    return "same" if constant_time_compare(told, mark(story.digest, story.safeguards, request.user)) else "other"


def _before(request: HttpRequest) -> int | None:
    return number(request.GET.get("before", ""))


def _reached(case: ExceptionCase, state: str) -> dict[str, datetime]:
    found = {name: getattr(case, column) for name, column in REACHED.items()}
    found[state] = found.get(state) or case.ended_at or case.expires_at
    return {name: instant for name, instant in found.items() if instant}


def _floor(story: Story) -> Floor | None:
    """Why the risk is at least what it is."""
    case = story.case
    if case.control is None or case.identity is None:
        return None
    return floor(case.control, case.identity, [g.system for g in story.grants if g.system], case.credential_form)


def _openings(story: Story, allowed: Acts, at: datetime) -> Iterator[Opening]:
    may = allowed.may("confirm_removal")
    for opening in openings(story.case, story.grants, at):
        grant = opening.grant
        is_due = may and grant.removal_state == RemovalState.OWED
        form = RemovalForm(hows=removals(story.case, grant), auto_id=f"grant-{grant.pk}-%s") if is_due else None
        yield Opening(grant, opening.words, opening.asked, opening.taken, opening.facts, form)


def _guards(story: Story, allowed: Acts, at: datetime) -> Iterator[Guard]:
    may_verify, may_report = allowed.may("verify"), allowed.may("report_failure")
    may_watch = may_verify and rules.wrong_state("watch", story.case, at) is None  # asks the same of a person
    for safeguard in story.safeguards:
        shown = {"digest": ask.digest_of_safeguard(safeguard)}
        form = VerificationForm(initial=shown, auto_id=f"safeguard-{safeguard.pk}-%s") if may_verify else None
        reports = may_report and safeguard.failed_at is None
        failure = FailureForm(initial=shown, auto_id=f"failure-{safeguard.pk}-%s") if reports else None
        watched = getattr(safeguard, "watch", None)
        yield Guard(safeguard, watched, _counts_until(safeguard, story.case), form, failure, may_watch=may_watch)


def _counts_until(safeguard: Safeguard, case: ExceptionCase) -> datetime | None:
    """Until when the case may be relied on by this safeguard, where that is before its end."""
    if case.state not in RELIED_ON or case.expires_at is None:
        return None
    until_at = freshness.counts_until(safeguard, case)
    return until_at if until_at < case.expires_at else None


def _lines(timeline: Timeline) -> list[Line]:
    edits = versions.edits(timeline.events)
    names = versions.names([pair for pairs in edits.values() for pair in pairs])
    entries = telling.entries(timeline)
    return [Line(entry, changes.of_versions(edits.get(entry.event.pk, ()), names)) for entry in entries]
