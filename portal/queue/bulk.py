"""Approving many at once where their steps allow it: first each as it stands, then each through the one door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.db.models import Prefetch
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import sign_ins
from accounts.errors import Refusal
from accounts.models import User
from accounts.sign_ins import SignIn
from audit import clock
from exceptions_app import ask, rules, services
from exceptions_app.asking import PARENTS, Asked, approvals_of, asked_of, standing_answers, turn
from exceptions_app.models import Decision, Evidence, ExceptionCase, Grant, Review, Safeguard
from exceptions_app.narrowing import Narrowing, granted
from exceptions_app.queries.past import Past
from exceptions_app.services.relying import unanswered
from portal.case import wording
from portal.case.approving import phrases
from portal.case.forms import RiskAccepted, shown_at, shown_note
from portal.http import PersonRequest, signed_in

MOST = 50
LEFT = "portal.queue.bulk.left"
PARTS = (
    Prefetch("grants", Grant.objects.select_related("system").order_by("pk")),
    Prefetch("safeguards", Safeguard.objects.order_by("pk")),
    Prefetch("evidence", Evidence.objects.order_by("pk")),
    Prefetch("reviews", Review.objects.order_by("pk")),
)
"""What `ask.document_of` a case is made of, in its order."""


class BulkForm(forms.Form):
    """One statement for all of them; each decision keeps it."""

    statement = RiskAccepted(
        help_text=gettext_lazy("In your own words, for every one of them. It stands in the history of each.")
    )


@dataclass(frozen=True)
class Item:
    """A request as it stands, with its parts as the page shows them, and the digest of these very rows.

    `refusal` says why it is not among those approved; "" where it is. `shown` is a note of when it was shown first,
    `left` what approvals had taken back by then, `so_far` the same in words.
    """

    case: ExceptionCase
    grants: Sequence[Grant]
    safeguards: Sequence[Safeguard]
    evidence: Sequence[Evidence]
    unanswered: Sequence[Review]
    said: Sequence[tuple[Asked, Decision]]
    opens: Sequence[wording.Opening]
    term: str
    digest: str
    shown: str
    left: Narrowing
    role: str
    refusal: str
    so_far: Sequence[str] = ()
    past: Past = field(default_factory=Past)

    @property
    def kept(self) -> str:
        """What approvals left, for the page to give back: this one is given to that, and to no more."""
        return signing.dumps(self.left.kept(self.grants), salt=LEFT)


@dataclass(frozen=True)
class Result:
    """What became of one; `refusal` is "" where it was approved."""

    case: ExceptionCase
    refusal: str


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def approval(request: PersonRequest) -> HttpResponse:
    """GET shows each that was marked; POST approves those it showed, each in a transaction of its own."""
    at = clock.now()
    posted = request.POST if request.method == "POST" else None
    said = posted or request.GET
    items = [_as_shown(item, posted) for item in _items(request.user, said.getlist("case"), at)]
    possible = [item for item in items if not item.refusal]
    form = BulkForm(posted)
    context = {"items": items, "possible": possible, "form": form, "at": at}
    if posted is not None and form.is_valid():
        results = [_approved(item, request.user, form.cleaned_data, posted, sign_ins.of(request)) for item in items]
        number = sum(not result.refusal for result in results)
        return render(request, "portal/queue/bulk_done.html", {"results": results, "number": number, "at": clock.now()})
    return render(request, "portal/queue/bulk.html", context)


def _as_shown(item: Item, posted: QueryDict | None) -> Item:
    """Bound to what the page before showed, and when; what changed meanwhile stays."""
    digest = posted.get(f"digest-{item.case.reference}", "") if posted is not None else ""
    if posted is None or not digest or item.refusal:
        return item
    left = _read(posted.get(f"left-{item.case.reference}", ""))
    if digest == item.digest and left is not None:
        shown = posted.get(f"shown-{item.case.reference}", "")
        return replace(item, shown=shown, left=left, so_far=phrases(left, item.grants))
    return replace(item, refusal=_("This changed after you opened it. Read it again before you decide."))


def _items(user: User, references: Sequence[str], at: datetime) -> list[Item]:
    """The marked requests that exist for this person, as they were marked; a number of queries for all together."""
    wanted = list(dict.fromkeys(references))[:MOST]
    found = ExceptionCase.objects.visible_to(user, at).filter(reference__in=wanted).select_related(*PARENTS)
    cases = {case.reference: case for case in found.prefetch_related(*PARTS)}
    rows = [cases[reference] for reference in wanted if reference in cases]
    asked = asked_of(rows, at)
    return [_item(case, asked[case.pk], user, at) for case in rows]


def _item(case: ExceptionCase, asked: Sequence[Asked], user: User, at: datetime) -> Item:
    seat = next((one for one in asked if one.seat(user)), None)
    current = turn(asked)
    grants, safeguards, evidence = list(case.grants.all()), list(case.safeguards.all()), list(case.evidence.all())
    reviews = unanswered(case)
    digest = ask.digest_of(ask.document_of(case, grants, safeguards, evidence, reviews))
    left = granted(grants, approvals_of(asked)).less_than(grants)
    return Item(
        case=case,
        grants=grants,
        safeguards=safeguards,
        evidence=evidence,
        unanswered=reviews,
        said=standing_answers(asked),
        opens=wording.openings(case, grants, at),
        term=wording.term_asked(case, at),
        digest=digest,
        shown=shown_note(case.reference, digest, user, at),
        left=left,
        role=wording.role(seat, user) if seat else "",
        refusal=_refusal(case, seat, current, user, at),
        so_far=phrases(left, grants),
    )


def _read(kept: str) -> Narrowing | None:
    """What a page has shown as left; None for what is no page's."""
    try:
        return Narrowing.read(signing.loads(kept, salt=LEFT))
    except signing.BadSignature:
        return None


def _refusal(case: ExceptionCase, seat: Asked | None, current: Asked | None, user: User, at: datetime) -> str:
    if seat is None:  # only who may decide has one: the law is asked for the sentence
        refused = rules.why_not(user, "decide", case, at)
        return refused or _("You have already decided; what is open waits for others.")
    if seat is not current:
        return _("An earlier step decides first; yours comes after it.")
    alone = "" if seat.step.in_bulk else _("This step is decided one by one: open it and read it.")
    return rules.wrong_state("decide", case, at) or alone


def _approved(item: Item, user: User, words: Mapping[str, Any], posted: QueryDict, sign_in: SignIn) -> Result:
    """Approve what was shown of this one; the refused ones stay as they are."""
    digest = posted.get(f"digest-{item.case.reference}", "")
    if not digest or item.refusal:
        return Result(item.case, item.refusal or _("It was not among those you confirmed."))
    try:
        row = services.approve(
            case=item.case,
            actor=user,
            at=clock.now(),
            digest=digest,
            narrowing=item.left,
            statement=words["statement"],
            capacity=item.role or _("Approver"),
            sign_in=sign_in,
            in_bulk=True,
            shown_at=shown_at(item.shown, item.case.reference, digest, user),
        )
    except Refusal as refusal:
        return Result(item.case, str(refusal))
    return Result(row, "")
