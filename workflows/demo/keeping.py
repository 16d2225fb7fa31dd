"""Somebody looks after what is in use: it is verified and reviewed the day after that fell due, and its use recorded.

But for those nobody minds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from catalog.models import SafeguardKind
from exceptions_app import services
from exceptions_app.models import RELIED_ON, ExceptionCase, Outcome, Review, Safeguard
from workflows import freshening
from workflows.demo.scene import Scene
from workflows.demo.script import able
from workflows.models import ReminderKind

AFTER = timedelta(hours=23)
FOUND = {
    SafeguardKind.NETWORK: "Called from outside the allowed network: refused.",
    SafeguardKind.MONITORING: "Raised a test alert: the on-call was paged within five minutes.",
    SafeguardKind.LEAST_PRIVILEGE: "Read its role again: nothing was added.",
    SafeguardKind.ROTATION: "Read the date of the key: rotated as agreed.",
    SafeguardKind.APPROVAL: "Read the last ten uses: each names who approved it.",
    SafeguardKind.ISOLATION: "Tried to reach the neighbouring network: no route.",
    SafeguardKind.LOGGING: "Found the last calls in the log, with who made them.",
    SafeguardKind.TIME_WINDOW: "Tried it outside its hours: refused.",
    SafeguardKind.MANUAL_REVIEW: "Read the notes of the last two reviews.",
}
"""What is found, by the kind of safeguard."""
KEPT = services.Finding(Outcome.KEEP, "Read what it did since the last look: as agreed, and still needed.")
USED = "Ran as every day; nothing out of the ordinary."
NEGLECTED = ("customs-network",)
"""Stories whose safeguards nobody verifies again."""
FORGOTTEN = ("customs-network",)
"""Stories that nobody reviews."""
UNUSED = ("customs-network", "erp-key-renewed")
"""Stories of which nobody records a use."""


def instants(scene: Scene) -> Iterator[datetime]:
    """When somebody gets to each of them."""
    for safeguard in _kept(scene).select_related("case"):
        due = freshening.thresholds(safeguard, safeguard.case)
        yield from (at + AFTER for kind, at in due.items() if kind == ReminderKind.GUARD_DUE)
    for review in _to_review(scene):
        yield review.opens_at + AFTER
    for case in _used(scene):
        if case.unused_from_at is not None:
            yield case.unused_from_at - AFTER


def keep(scene: Scene, at: datetime) -> None:
    """Verify again, and review, what fell due so long ago."""
    _verify(scene, at)
    for case in _used(scene).filter(unused_from_at__lte=at + AFTER):
        services.record_use(case=case, actor=able(scene, "record_use", case, at), at=at, used_at=at, what=USED)
    for key in _to_review(scene).filter(opens_at__lte=at - AFTER).values_list("case", flat=True).distinct():
        case = ExceptionCase.objects.get(pk=key)
        seen = set(case.reviews.open(at).values_list("pk", flat=True))
        services.review(case=case, actor=able(scene, "review", case, at), at=at, finding=KEPT, seen=seen)


def _verify(scene: Scene, at: datetime) -> None:
    late = Q(due_from_at__lte=at - AFTER) | Q(fresh_until_at__isnull=True, case__activated_at__lte=at - AFTER)
    for safeguard in _kept(scene).filter(late).select_related("case"):
        actor = able(scene, "verify", safeguard.case, at)
        found = FOUND.get(SafeguardKind(safeguard.kind), "Looked at it: it works as described.")
        services.verify_safeguard(safeguard=safeguard, actor=actor, at=at, statement=found)


def _kept(scene: Scene) -> QuerySet[Safeguard]:
    minded = [key for story, key in scene.cases.items() if story not in NEGLECTED]
    relied = Q(case__relied_until_at__lt=F("case__expires_at"), case__state__in=RELIED_ON, failed_at__isnull=True)
    return Safeguard.objects.filter(relied, case__in=minded).order_by("case", "pk")


def _used(scene: Scene) -> QuerySet[ExceptionCase]:
    minded = [key for story, key in scene.cases.items() if story not in UNUSED]
    return ExceptionCase.objects.filter(pk__in=minded, state__in=RELIED_ON, unused_from_at__lt=F("expires_at"))


def _to_review(scene: Scene) -> QuerySet[Review]:
    minded = [key for story, key in scene.cases.items() if story not in FORGOTTEN]
    relied = Review.objects.awaited().filter(case__in=minded, case__state__in=RELIED_ON)
    return relied.order_by("due_at", "pk")
