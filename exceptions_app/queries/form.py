"""What the exception form offers and shows beside itself: rows to choose from, deciders, cases alike, the last save."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts import absences
from accounts.models import User
from audit import queries as ledger
from catalog.models import Control, Identity, System
from exceptions_app import judges, limits
from exceptions_app.asking import turn
from exceptions_app.models import (
    LIVE,
    Decision,
    Evidence,
    EvidencePurpose,
    ExceptionCase,
    Grant,
    State,
    Step,
    Verdict,
)
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.sight import sight_of
from exceptions_app.routing import RoutePlan
from exceptions_app.sources import Sitter, bench

OFFERED = 150
"""Rows of each kind sent along with the form: 9 kB on the wire in all. Any other is found by what is typed."""
FEW = 4
OVERPRIVILEGED = "NHI5:2025"
"""OWASP's item on identities that may do too much: what a denial of access is most often about."""


@dataclass(frozen=True)
class Offered:
    """The rows a form can offer to choose from."""

    controls: Sequence[Control]
    identities: Sequence[Identity]
    systems: Sequence[System]
    people: Sequence[User]


@dataclass(frozen=True)
class LastSave:
    """Who saved a case last, and when."""

    who: User | None
    at: datetime


@dataclass(frozen=True)
class AskedToComplete:
    """Who asked the owner to complete a draft, when, and what they say is still open."""

    who: User | None
    at: datetime
    note: str


def offered() -> Offered:
    """In-use controls, identities, systems and active people, at most OFFERED of each; four queries."""
    return Offered(
        controls=list(Control.objects.in_use().order_by("code")[:OFFERED]),
        identities=list(Identity.objects.in_use().select_related("owner", "vendor").order_by("slug")[:OFFERED]),
        systems=list(System.objects.in_use().order_by("name")[:OFFERED]),
        people=list(User.objects.active().order_by("name", "email")[:OFFERED]),
    )


def controls_like(text: str) -> list[Control]:
    """Controls whose code or title contains the text, an exact code first; at most FEW."""
    exact = Control.objects.filter(code__iexact=text)
    return list(exact) or list(Control.objects.filter(Q(code__icontains=text) | Q(title__icontains=text))[:FEW])


def identities_like(text: str) -> list[Identity]:
    """Identities whose handle or name contains the text, an exact handle first; at most FEW."""
    rows = Identity.objects.select_related("owner", "vendor")
    return (
        list(rows.filter(slug__iexact=text))
        or list(rows.filter(called__value=text))
        or list(rows.filter(Q(slug__icontains=text) | Q(name__icontains=text))[:FEW])
    )


def systems_like(text: str) -> list[System]:
    """Systems whose name or handle contains the text, an exact one first; at most FEW."""
    exact = System.objects.filter(Q(name__iexact=text) | Q(slug__iexact=text))
    return list(exact) or list(System.objects.filter(Q(name__icontains=text) | Q(slug__icontains=text))[:FEW])


def people_like(text: str) -> list[User]:
    """Active people whose name or e-mail contains the text, an exact e-mail first; at most FEW."""
    rows = User.objects.active()
    return list(rows.filter(email__iexact=text)) or list(rows.search(text)[:FEW])


def gaining_ids(case: ExceptionCase, writer: User, at: datetime) -> set[int]:
    """Keys of those who would gain at `at`; the case may be unsaved, then its writer stands for its editors."""
    if case.pk:
        return judges.gaining_ids(case, at) | {writer.pk} | absences.standing_in_for({writer.pk}, at)
    identity = case.identity
    ids = {writer.pk, case.owner_id, *((identity.owner_id, identity.backup_owner_id) if identity else ())}
    own = {key for key in ids if key is not None}
    return own | absences.standing_in_for(own, at)


def deciders(plan: RoutePlan, draft: limits.Draft, gaining: set[int], at: datetime) -> list[list[Sitter]]:
    """Who could fill each step of the plan at `at`, given who gains; the rows may be unsaved."""
    steps = [
        Step(name=step.name, source=step.source, group=step.group, person=step.person, count=step.count)
        for step in plan.steps
    ]
    bank = bench(steps, [draft.case], at, grants=draft.grants)
    return [bank.sitting(step, draft.case, barred=gaining, given=0).sitters for step in steps]


def asked_now(case: ExceptionCase, at: datetime) -> tuple[list[User], int]:
    """Those who may decide the current step of a request, by name, and how many of them have to."""
    current = turn(judges.asked(case, at))
    if current is None:
        return [], 0
    return sorted((sitter.user for sitter in current.sitters), key=str), current.step.count - len(current.given)


def alike(case: ExceptionCase, user: User) -> list[ExceptionCase]:
    """The latest cases of the same control and identity that this person may see, the live ones first."""
    if case.control is None or case.identity is None:
        return []
    same = sight_of(user).filter(control=case.control, identity=case.identity)
    rows = same.exclude(pk=case.pk).exclude(state=State.DRAFT).order_by("-created_at", "-pk")[: 2 * FEW]
    return sorted(rows, key=lambda row: row.state not in LIVE)[:FEW]


def others(case: ExceptionCase, user: User) -> list[ExceptionCase]:
    """The latest cases of the same control for other identities of the same kind that this person may see."""
    if case.control is None or case.identity is None:
        return []
    near = sight_of(user).filter(control=case.control, identity__kind=case.identity.kind)
    rows = near.exclude(identity=case.identity).exclude(pk=case.pk).exclude(state=State.DRAFT)
    return list(rows.select_related("identity").order_by("-created_at", "-pk")[:FEW])


def controls_near(case: ExceptionCase, user: User, *, is_about_access: bool = False) -> list[Control]:
    """Controls this may be about: those of the identity's latest exceptions, then of identities of its kind.

    As far as this person may see them; where there are none, those that answer to OVERPRIVILEGED. These come first
    where it is known to be about access.
    """
    cases = sight_of(user).filter(control__is_active=True).exclude(pk=case.pk)
    about_access = Control.objects.in_use().filter(mappings__item__code=OVERPRIVILEGED).order_by("code")
    found = _most_asked(about_access, cases, case)[: FEW // 2] if is_about_access else []
    if case.identity is not None:
        for near in (cases.filter(identity=case.identity), cases.filter(identity__kind=case.identity.kind)):
            latest = near.order_by("-created_at", "-pk").values_list("control", flat=True)[:OFFERED]
            found += [key for key, _count in Counter(latest).most_common(FEW) if key and key not in found]
    if not found:
        found = list(about_access.values_list("pk", flat=True).distinct()[:FEW])
    rows = Control.objects.in_bulk(found[:FEW])
    return [rows[key] for key in found[:FEW]]


def _most_asked(controls: QuerySet[Control], cases: CaseQuerySet, case: ExceptionCase) -> list[int]:
    """Keys of these controls from which identities of its kind were excepted, the most often first; else of all."""
    keys = list(dict.fromkeys(controls.values_list("pk", flat=True)))
    if case.identity is None:
        return keys
    alike = cases.filter(identity__kind=case.identity.kind, control__in=keys).order_by("-created_at", "-pk")
    times = Counter(alike.values_list("control", flat=True)[:OFFERED])
    return sorted(times, key=lambda key: (-times[key], keys.index(key))) or keys


def resources_before(case: ExceptionCase, user: User) -> list[str]:
    """What this identity's exceptions opened so far, as far as this person may see; the newest first."""
    if case.identity is None:
        return []
    cases = sight_of(user).filter(identity=case.identity).exclude(pk=case.pk)
    grants = Grant.objects.filter(case__in=cases.values("pk").order_by()).order_by("-pk")
    return list(grants.values_list("resource", flat=True)[:OFFERED])


def asked_changes(case: ExceptionCase) -> Decision | None:
    """The latest request for changes to a draft that came back; None for one that was never asked."""
    if case.state != State.DRAFT:
        return None
    asked = Decision.objects.filter(step__route__case=case, verdict=Verdict.CHANGES)
    return asked.select_related("person").order_by("-decided_at", "-pk").first()


def asked_to_complete(case: ExceptionCase, user: User) -> AskedToComplete | None:
    """The latest request to this person to complete the draft they own; None once it was submitted."""
    if case.state != State.DRAFT or case.owner != user:
        return None
    event = ledger.story(case.stream).filter(kind__in=("case.shared", "case.submitted")).last()
    if event is None or event.body is None or event.kind != "case.shared":
        return None
    if str(user.pseudonym) not in event.body["owner"]:
        return None
    return AskedToComplete(User.objects.filter(pseudonym=event.actor_id).first(), event.at, event.body["reason"])


def last_save(case: ExceptionCase) -> LastSave | None:
    """Who wrote the newest version of the case."""
    version = case.history.select_related("history_user").order_by("-history_date", "-history_id").first()
    return LastSave(version.history_user, version.history_date) if version else None


def attached(case: ExceptionCase) -> list[Evidence]:
    """Evidence that is part of the request, oldest first."""
    return list(case.evidence.filter(purpose=EvidencePurpose.ASK).select_related("added_by").order_by("pk"))
