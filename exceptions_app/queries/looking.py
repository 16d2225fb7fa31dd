"""Reviews nobody has answered: whose they are to answer, and how pressing each is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, TextChoices, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.absences import stood_for
from accounts.models import ApproverGroup, GroupMembership, User
from exceptions_app.models import RELIED_ON, ExceptionCase, Review, State, Step
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.searching import searched
from exceptions_app.queries.sight import sight_of
from exceptions_app.queries.witnessing import approves, impartial
from exceptions_app.sources import asks, backs


class Pressing(TextChoices):
    """How pressing an unanswered review is at an instant; the most first."""

    OVERDUE = "overdue", _("Overdue")
    DUE = "due", _("Due")
    TO_COME = "to_come", _("To come")


RANK = list(Pressing)


@dataclass(frozen=True)
class ReviewFilters:
    """What is looked for. `whose` is "mine" for a person's own exceptions, "answer" for what they may review."""

    search: str = ""
    whose: str = ""
    pressing: Pressing | None = None


def reviews(user: User, filters: ReviewFilters, at: datetime) -> QuerySet[Review]:
    """Unanswered reviews this person may see of what is in use at `at`; the most pressing first."""
    found = _found(user, filters, at).annotate(rank=_rank(at))
    if filters.pressing:
        found = found.filter(rank=RANK.index(filters.pressing))
    return found.select_related("case__identity", "case__control", "case__owner").order_by("rank", "due_at", "pk")


def numbers(user: User, filters: ReviewFilters, at: datetime) -> dict[Pressing, int]:
    """How many there are of each kind, whichever of them is looked for; one query."""
    ranked = _found(user, filters, at).order_by().annotate(rank=_rank(at)).values("rank")
    found = {RANK[rank]: number for rank, number in ranked.annotate(number=Count("pk")).values_list("rank", "number")}
    return {pressing: found.get(pressing, 0) for pressing in RANK}


def to_review(user: User, at: datetime) -> CaseQuerySet:
    """Cases with an open review that this person may answer: `judges.reviewers` as a filter.

    Where a source is empty, whom the law asks instead finds it by mail, and here once their time has come.
    """
    waiting = Review.objects.open(at).filter(case=OuterRef("pk"))
    found = ExceptionCase.objects.standing(RELIED_ON, at).filter(Exists(waiting))
    return impartial(found.filter(_reviewed_by(user, at)), user, at)


def to_resume(user: User, at: datetime) -> CaseQuerySet:
    """Suspended cases that this person may let resume, the longest first: `suspension.resumers` as a filter."""
    if user.is_auditor:
        return ExceptionCase.objects.none()
    waiting = Review.objects.open(at).filter(case=OuterRef("pk"))
    found = ExceptionCase.objects.standing([State.SUSPENDED], at)
    whose = _reviewed_by(user, at) | (~Q(Exists(waiting)) & approves(user))
    return impartial(found.filter(whose), user, at).order_by("suspended_at", "pk")


def _reviewed_by(user: User, at: datetime) -> Q:
    """Of cases: those whose reviews are this person's to answer, whoever gains."""
    people = stood_for(user, at)
    groups = list(GroupMembership.objects.filter(member__in=people).values_list("group", flat=True))
    led = list(ApproverGroup.objects.filter(lead__in=people).values_list("pk", flat=True))
    waiting = Review.objects.open(at).filter(case=OuterRef("pk"))
    whose = Q(control__owner__in=people) | Q(Exists(_last_steps(asks(people, groups))))
    whose |= Q(Exists(_last_steps(backs(people, led)))) & Q(Exists(waiting.filter(lead_from_at__lte=at)))
    if GroupMembership.objects.filter(member__in=people, group__is_fallback=True).exists():
        whose |= Q(Exists(waiting.filter(fallback_from_at__lte=at)))
    return whose


def most_pressing(cases: CaseQuerySet) -> CaseQuerySet:
    """The cases by when their first unanswered review is due."""
    first = Review.objects.unanswered().filter(case=OuterRef("pk")).order_by("due_at").values("due_at")[:1]
    return cases.annotate(review_by_at=first).order_by("review_by_at", "pk")


def _last_steps(wanted: Q) -> QuerySet[Step]:
    """Those of the steps that are the last of the standing route of a case."""
    later = Step.objects.filter(route=OuterRef("route"), order__gt=OuterRef("order"))
    return Step.objects.filter(wanted, route__case=OuterRef("pk"), route__voided_at__isnull=True).exclude(Exists(later))


def _found(user: User, filters: ReviewFilters, at: datetime) -> QuerySet[Review]:
    cases = to_review(user, at) if filters.whose == "answer" else sight_of(user)
    cases = cases.filter(searched(filters.search)).standing(RELIED_ON, at)
    if filters.whose == "mine":
        cases = cases.filter(Q(requester=user) | Q(owner=user) | Q(backup_owner=user))
    return Review.objects.awaited().filter(case__in=cases.values("pk"))


def _rank(at: datetime) -> Case:
    told = ((Q(due_at__lte=at), Pressing.OVERDUE), (Q(opens_at__lte=at), Pressing.DUE))
    whens = [When(condition, then=Value(RANK.index(found))) for condition, found in told]
    return Case(*whens, default=Value(RANK.index(Pressing.TO_COME)), output_field=IntegerField())
