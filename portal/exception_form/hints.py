"""What the aside answers while one writes: risk, limits, who decides, the end, what is missing, cases alike."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.zones import is_zone
from catalog.models import Tier, Vendor
from exceptions_app import limits, risk, scope, terms
from exceptions_app.models import LIVE, ExceptionCase, Source
from exceptions_app.queries import form as queries
from exceptions_app.queries import lending
from exceptions_app.routing import RoutePlan, StepPlan, by_every_owner
from exceptions_app.services import DraftContent
from exceptions_app.services.drafts import as_written
from exceptions_app.sources import Sitter, Stand
from intake import refusals
from portal import words
from portal.exception_form import sentences, suggesting
from portal.exception_form.forms import SECTIONS, AskForm
from portal.exception_form.points import Point, by_section, is_empty, point_of
from portal.exception_form.sheet import Sheet
from portal.exception_form.suggesting import Suggestion
from workflows.routing import route_of

FEW_NARROWER = 4


@dataclass(frozen=True)
class Decider:
    """One step as it would be: who decides, which people that is today, and the rules that ask for it."""

    title: str
    people: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A section of the form, what in it is missing; undone is also one with what would be refused."""

    anchor: str
    title: str
    missing: list[Point]
    undone: bool


@dataclass(frozen=True)
class Echo:
    """A field that says word for word what an earlier case says."""

    href: str
    name: str
    case: ExceptionCase


@dataclass(frozen=True)
class Hints:
    """The aside. Every part may be absent: then its question cannot be answered yet."""

    tier: Tier | None
    scored: str
    floor: str
    why_floor: tuple[str, ...]
    cap: str
    left: str
    deciders: list[Decider]
    end: str
    end_note: str
    opens: list[str]
    refused: list[Point]
    missing: list[Point]
    alike: list[ExceptionCase]
    others: list[ExceptionCase]
    duplicate: ExceptionCase | None
    guidance: list[str]
    vendor: Vendor | None
    is_vendor_overdue: bool
    narrower: list[tuple[str, list[tuple[str, str]]]]
    repeated: list[Echo]
    offers: dict[str, list[Suggestion]]
    is_renewal: bool

    @property
    def contents(self) -> list[Section]:
        """The sections in their order, each with what in it is missing."""
        missing, undone = dict(by_section(self.missing)), dict(by_section([*self.missing, *self.refused]))
        return [
            Section(anchor, title, missing.get(title, []), bool(undone.get(title)))
            for anchor, title in [(anchor, str(title)) for anchor, title, _names in SECTIONS]
        ]

    @property
    def missing_by_section(self) -> list[tuple[str, list[Point]]]:
        """What is missing, section by section, in the order of the page."""
        return by_section(self.missing)


def _plan(draft: limits.Draft, at: datetime) -> RoutePlan | None:
    if draft.case.control is None:
        return None
    return by_every_owner(route_of(draft, at), [grant.system for grant in draft.grants])


def imagined(case: ExceptionCase | None, content: DraftContent, user: User, at: datetime) -> limits.Draft:
    """The case as it would be with this content: a copy in memory, never stored."""
    row = copy(case) if case else ExceptionCase(requester=user, created_at=at, updated_at=at)
    for name, value in content.fields.items():
        setattr(row, name, value)
    draft = as_written(row, content)
    row.risk_tier = draft.tier
    row.renewal_number = terms.renewal_number(row, at)
    return draft


def hints(draft: limits.Draft, content: DraftContent, sheet: Sheet, user: User, at: datetime) -> Hints:
    """Everything the aside says about this draft at `at`; a constant number of queries."""
    case, tier, floor = draft.case, draft.tier, draft.floor
    points = [point_of(problem, sheet) for problem in limits.problems(draft, at)]
    missing = [point for point in points if is_empty(point.field, draft)]
    plan = _plan(draft, at)
    end, end_note = _end(draft, plan, at)
    alike, others = queries.alike(case, user), queries.others(case, user)
    near = [*alike, *others]
    least, why_least = _least(case, floor)
    typed = str(sheet.ask["control"].value() or "").strip()
    has_credential = bool(sheet.ask["credential_form"].value())
    return Hints(
        tier=tier,
        scored=_scored(case),
        floor=_("At least %(tier)s, because:") % {"tier": least.label} if least and why_least else "",
        why_floor=why_least,
        cap=_cap(case, tier),
        left=_left(case, tier, at),
        deciders=_deciders(draft, plan, user, at),
        end=end,
        end_note=end_note,
        opens=[sentences.opens(case.identity, grant, until=end) for grant in content.grants or ()],
        refused=[point for point in points if point not in missing],
        missing=missing,
        alike=alike,
        others=others,
        duplicate=next((other for other in alike if other.state in LIVE and other.pk != case.renews_id), None),
        guidance=_guidance(case),
        vendor=case.identity.vendor if case.identity else None,
        is_vendor_overdue=_is_vendor_overdue(case, at),
        narrower=_narrower(case, content, user),
        repeated=_repeated(case, near),
        offers=suggesting.beside(suggesting.Sight(draft, typed, has_credential, near, user, at)),
        is_renewal=bool(case.renewal_number),
    )


def _repeated(case: ExceptionCase, near: Sequence[ExceptionCase]) -> list[Echo]:
    return [
        Echo(f"id_{one.field}", str(AskForm.base_fields[one.field].label), one.case)
        for one in lending.repeated(case, near)
    ]


def _guidance(case: ExceptionCase) -> list[str]:
    """What the control says to everybody, and to those who ask for an identity of this kind."""
    if case.control is None:
        return []
    readers = ["", *([case.identity.kind] if case.identity else [])]
    return [case.control.guidance[reader] for reader in readers if reader in case.control.guidance]


def _is_vendor_overdue(case: ExceptionCase, at: datetime) -> bool:
    vendor = case.identity.vendor if case.identity else None
    return vendor is not None and vendor.is_review_overdue(at.date())


def _narrower(case: ExceptionCase, content: DraftContent, user: User) -> list[tuple[str, list[tuple[str, str]]]]:
    """For each grant of a whole path: what was enough before, or the refusal names, with what its button sends."""
    wide = [(place, grant) for place, grant in enumerate(content.grants or ()) if grant.resource.endswith("*")]
    if not wide:
        return []
    refused = refusals.read(case.blocked)
    known = [*([refused.resource] if refused else []), *queries.resources_before(case, user)]
    found = []
    for place, grant in wide:
        fits = [one for one in dict.fromkeys(known) if one != grant.resource and scope.covers(grant.resource, one)]
        found.append((grant.resource, [(f"resource:{place}:{one}", one) for one in fits[:FEW_NARROWER]]))
    return found


def _scored(case: ExceptionCase) -> str:
    if not (case.likelihood and case.impact):
        return ""
    tier = risk.scored(case.likelihood, case.impact)
    values = {"a": case.likelihood, "b": case.impact, "tier": tier.label}
    return _("Likelihood %(a)d × impact %(b)d is %(tier)s.") % values


def _least(case: ExceptionCase, floor: risk.Floor | None) -> tuple[Tier | None, tuple[str, ...]]:
    """The lowest tier it can have, and why: by the catalog, and by who raised it."""
    if case.least_tier is None or floor is None:
        return (floor.tier, floor.reasons) if floor else (None, ())
    raised = Tier(case.least_tier)
    sentence = _("The risk was raised to %(tier)s while it was decided.") % {"tier": raised.label}
    return max(floor.tier, raised), (*floor.reasons, sentence)


def _cap(case: ExceptionCase, tier: Tier | None) -> str:
    if case.control is None or tier is None:
        return ""
    values = {"days": words.days(case.control.term_cap(tier)), "tier": tier.label, "code": case.control.code}
    return _("%(code)s allows %(days)s at %(tier)s risk.") % values


def _left(case: ExceptionCase, tier: Tier | None, at: datetime) -> str:
    if case.control is None or case.identity is None or tier is None:
        return ""
    lifetime = case.control.lifetime_cap(tier)
    left = terms.lifetime_left(case, lifetime, terms.start(case, at))
    return _("%(identity)s has %(left)s left of %(life)s in all, renewals included.") % {
        "identity": case.identity.slug,
        "left": left.days,
        "life": words.days(lifetime),
    }


def _deciders(draft: limits.Draft, plan: RoutePlan | None, user: User, at: datetime) -> list[Decider]:
    if plan is None:
        return []
    sitting = queries.deciders(plan, draft, queries.gaining_ids(draft.case, user, at), at)
    return [
        Decider(_step_title(step), _people(sitters), step.reasons)
        for step, sitters in zip(plan.steps, sitting, strict=True)
    ]


def _step_title(step: StepPlan) -> str:
    values = {"n": step.count, "group": step.name}
    if step.source not in {Source.GROUP, Source.CONTROL_GROUP}:
        return step.name
    return ngettext("One of %(group)s", "%(n)d of %(group)s", step.count) % values


def _people(sitters: Sequence[Sitter]) -> str:
    able = [sitter.user for sitter in sitters]
    if not able:
        return _("Nobody can decide this without gaining from it. Ask a programme manager before you submit it.")
    if sitters[0].stand == Stand.OWN:
        return words.named(able)
    people = words.named(able)
    return _("Nobody there can decide this without gaining from it. In their place: %(people)s.") % {"people": people}


def _end(draft: limits.Draft, plan: RoutePlan | None, at: datetime) -> tuple[str, str]:
    """The latest instant it could end at, in words, and how that follows."""
    case, tier = draft.case, draft.tier
    if case.control is None or plan is None or tier is None or not (case.term_days or case.end_on):
        return "", ""
    if case.end_on and not is_zone(case.end_zone):
        return "", ""
    within = plan.decide_within
    asked = terms.asked(case, at=at, decide_by_at=at + within, cap_days=case.control.term_cap(tier))
    zone = ZoneInfo(case.end_zone) if case.end_on else None
    end = date_format(localtime(asked.latest_end_at, zone), "j F Y, H:i T")
    return _("%(end)s at the latest") % {"end": end}, _end_note(case, within)


def _end_note(case: ExceptionCase, within: timedelta) -> str:
    if not case.term_days:
        return _("A fixed end: a later start makes it shorter.")
    return _("%(days)s from its start. Approvers have %(within)s, then it may wait %(wait)s for its start.") % {
        "days": words.days(case.term_days),
        "within": words.days(within.days),
        "wait": words.days(terms.ACTIVATION_DAYS),
    }
