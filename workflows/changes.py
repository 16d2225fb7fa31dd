"""What changes in the catalog that exceptions were decided on: found from its events, and by the day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.models import Event
from exceptions_app import services
from exceptions_app.models import ACTIVATED, Decision, ExceptionCase, Response, Review, State, Trigger
from exceptions_app.outgrown import outgrown
from workflows.models import Effect

BATCH = 500
CONCERNED = (State.APPROVED, *ACTIVATED)
OF_IDENTITIES = {
    "owner": Trigger.IDENTITY_OWNER_CHANGED,
    "vendor": Trigger.VENDOR_CHANGED,
    "last_rotated_on": Trigger.CREDENTIAL_ROTATED,
}
OF_VENDORS = ("name", "onboarding_ref", "onboarding_url", "is_active")
"""What of a vendor's entry says that it is another than who was let in; a later day of review does not."""
SHORTER = ("term_cap_", "lifetime_cap_", "review_days_")
TIGHTENING = (*SHORTER, "exceptions_allowed", "required_safeguards", "severity")
_REVIEW_OF = "review of "


def concerns(body: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Whether the event changes a field whose name begins so."""
    return any(field.startswith(tuple(names)) for field in body.get("changes", ()))


def tightens(changes: Mapping[str, Any]) -> bool:
    """Whether one of these changes of a control asks for more than before; what is asked for less disturbs nobody."""
    return any(_is_more(name, change["before"], change["after"]) for name, change in changes.items())


def _is_more(name: str, before: Any, after: Any) -> bool:
    if name.startswith(SHORTER):
        return bool(after < before)
    if name == "severity":
        return bool(after > before)
    return name == "required_safeguards" or (name == "exceptions_allowed" and not after)


def fire(effect: Effect, *, at: datetime) -> str:
    """Have the cases do what they say they do at such a change; answers why there was nothing to do, or "".

    Those that were decided before it: who decides later has seen it.
    """
    event = effect.event
    _catalog, place, key = event.stream.name.split("/", 2)
    cause = f"{event.stream.name} {event.sequence}"
    fired = 0
    for trigger, cases, why in _found(event, place, key):
        for keys in _batches(cases.filter(_decided_by(event.at))):
            fired += _fire_batch(keys, trigger, why, cause, at)
    return "" if fired else _("no exception listens to this, or none is left")


def lapsed_vendors(at: datetime) -> QuerySet[ExceptionCase]:
    """Cases of a vendor whose own review is past since they were approved, and that have not been told of it."""
    lapsed = _concerned().filter(
        Q(approved_at__date__lte=F("identity__vendor__review_on")) | Q(approved_at__isnull=True),
        identity__vendor__review_on__lt=at.date(),
    )
    listening = lapsed.exclude(on_change__vendor_changed=Response.NOTHING.value)
    told = Concat(
        Value(_REVIEW_OF),
        OuterRef("identity__vendor__slug"),
        Value(" "),
        Cast(OuterRef("identity__vendor__review_on"), CharField()),
    )
    known = Review.objects.filter(case=OuterRef("pk"), trigger=Trigger.VENDOR_CHANGED).alias(told=told)
    return listening.exclude(Exists(known.filter(cause=F("told"))))


def fire_vendor_reviews(*, keys: Sequence[int], at: datetime) -> list[ExceptionCase]:
    """Tell these cases that the review of their vendor is past."""
    by_vendor: dict[Any, list[int]] = defaultdict(list)
    for case in lapsed_vendors(at).filter(pk__in=keys).select_related("identity__vendor").order_by("pk"):
        if case.identity is not None and case.identity.vendor is not None:
            by_vendor[case.identity.vendor].append(case.pk)
    found: list[ExceptionCase] = []
    for vendor, cases in by_vendor.items():
        why = _("The review of %(vendor)s was due on %(day)s.")
        words = {"vendor": vendor, "day": date_format(vendor.review_on, "j F Y")}
        cause = f"{_REVIEW_OF}{vendor.slug} {vendor.review_on}"
        found += services.fire_many(keys=cases, trigger=Trigger.VENDOR_CHANGED, why=why % words, cause=cause, at=at)
    return found


def _found(event: Event, place: str, key: str) -> Iterable[tuple[Trigger, QuerySet[ExceptionCase], str]]:
    """Each change the event tells, the cases it may concern, and what is said of it where that is the same for all."""
    changes = (event.body or {}).get("changes", {})
    if place == "identities":
        cases = _concerned().filter(identity__slug=key)
        yield from ((trigger, cases, "") for field, trigger in OF_IDENTITIES.items() if field in changes)
    elif place == "vendors":
        yield Trigger.VENDOR_CHANGED, _concerned().filter(identity__vendor__slug=key), ""
    elif place == "controls" and tightens(changes):
        yield Trigger.CONTROL_TIGHTENED, _concerned().filter(control__code=key), ""


def _concerned() -> QuerySet[ExceptionCase]:
    return ExceptionCase.objects.filter(state__in=CONCERNED)


def _decided_by(at: datetime) -> Q:
    """Cases of which somebody had approved a step by then: who did cannot have known."""
    standing = Decision.objects.approvals().filter(step__route__voided_at__isnull=True, voided_at__isnull=True)
    given = standing.filter(step__route__case=OuterRef("pk"), decided_at__lte=at)
    return Q(Exists(given)) | Q(approved_at__isnull=True, activated_at__lte=at)


def _batches(cases: QuerySet[ExceptionCase]) -> Iterable[list[int]]:
    keys = list(cases.order_by("pk").values_list("pk", flat=True))
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


def _fire_batch(keys: Sequence[int], trigger: Trigger, why: str, cause: str, at: datetime) -> int:
    alike = {why: list(keys)} if trigger != Trigger.CONTROL_TIGHTENED else _outgrown(keys, at)
    return sum(
        len(services.fire_many(keys=some, trigger=trigger, why=said, cause=cause, at=at))
        for said, some in alike.items()
    )


def _outgrown(keys: Sequence[int], at: datetime) -> dict[str, list[int]]:
    """Those of these cases that could not be had today, by what is said of them."""
    found: dict[str, list[int]] = defaultdict(list)
    cases = ExceptionCase.objects.filter(pk__in=keys).select_related("control", "identity")
    for case in cases.prefetch_related("grants__system", "safeguards").order_by("pk"):
        if said := outgrown(case, at):
            found[said].append(case.pk)
    return found
