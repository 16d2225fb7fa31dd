"""What keeps a case from being asked: every problem as a field and a sentence that says how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.texts import says
from accounts.zones import is_zone
from catalog.models import Control, CredentialForm, Tier
from exceptions_app import risk, scope, terms, triggers
from exceptions_app.models import ACTIVATED, LIVE, SINCE, ExceptionCase, Grant, Kind, Safeguard, SafeguardKind

REQUIRED_TEXTS = {
    "title": gettext_lazy("Give the exception a title that says what deviates."),
    "blocked": gettext_lazy("Say what was blocked."),
    "normal_path": gettext_lazy("Say why the normal path is unavailable."),
    "justification": gettext_lazy("Say why this is needed."),
    "exit_plan": gettext_lazy("Say how this will end: what replaces the exception."),
}

ASKED_SINCE = {
    "what_changed": gettext_lazy("Say what has changed since the last time, or that nothing has."),
    "exit_progress": gettext_lazy("Say what was done on the exit plan, or why nothing was."),
    "why_still": gettext_lazy("Say why it is still needed."),
}
"""What a renewal has to say, whatever it is called (promise 8)."""

GAP = "…"
"""Stands in the texts a control offers where only the writer knows what to say."""


@dataclass(frozen=True)
class Problem:
    """One thing in the way. `field` is the form field it belongs to, or "" when it belongs to the whole."""

    field: str
    sentence: str


@dataclass(frozen=True)
class Draft:
    """A case with its parts as they would be asked; the rows may be unsaved, as in a form being typed."""

    case: ExceptionCase
    grants: Sequence[Grant]
    safeguards: Sequence[Safeguard]

    @classmethod
    def stored(cls, case: ExceptionCase) -> Draft:
        """The case with its parts as the database has them."""
        grants = case.grants.select_related("system").order_by("pk")
        return cls(case, list(grants), list(case.safeguards.order_by("pk")))

    @property
    def floor(self) -> risk.Floor | None:
        """The tier's floor, once control and identity are named."""
        case = self.case
        if case.control is None or case.identity is None:
            return None
        systems = [grant.system for grant in self.grants if grant.system is not None]
        return risk.floor(case.control, case.identity, systems, case.credential_form)

    @property
    def tier(self) -> Tier | None:
        """The tier in force for these values; None while control or identity is missing."""
        floor, case = self.floor, self.case
        if floor is None:
            return None
        raised = max(filter(None, [case.raised_tier, case.least_tier]), default=None)
        return risk.tier(likelihood=case.likelihood, impact=case.impact, raised=raised, floor=floor)


def problems(draft: Draft, at: datetime) -> list[Problem]:
    """Everything that would refuse a submission at `at`, in the order of the form."""
    return [
        *_since(draft.case, at),
        *_texts(draft.case),
        *(Problem("on_change", sentence) for sentence in triggers.problems(draft.case.on_change)),
        *subject(draft.case),
        *_people(draft.case),
        *_exposure(draft.case, at),
        *_grants(draft.grants),
        *_safeguards(draft),
        *_scores(draft.case),
        *_renewal(draft.case),
        *_early(draft.case, at),
        *_time(draft, at),
    ]


def _since(case: ExceptionCase, at: datetime) -> Iterator[Problem]:
    if terms.renewal_number(case, at):
        yield from (Problem(name, sentence) for name, sentence in unanswered(said_since(case)).items())


def said_since(case: ExceptionCase) -> dict[str, str]:
    """What the case answers of what a renewal does, by field."""
    return {name: getattr(case, name) for name in SINCE}


def unanswered(said: Mapping[str, str]) -> dict[str, str]:
    """What a renewal answers and this says nothing to: by field, the sentence that asks for it."""
    return {name: str(sentence) for name, sentence in ASKED_SINCE.items() if not says(said.get(name, ""))}


def _texts(case: ExceptionCase) -> Iterator[Problem]:
    offered = case.control.prefills if case.control else {}
    for name, sentence in REQUIRED_TEXTS.items():
        if not says(getattr(case, name)):
            yield Problem(name, str(sentence))
        elif GAP in offered.get(name, "") and GAP in getattr(case, name):
            yield Problem(name, _("Write your own words where “…” stands."))
    if case.excess.strip() and not says(case.excess_reason):
        yield Problem("excess_reason", _("Say why the platform cannot grant less."))
    if case.credential_form not in CredentialForm.values:
        yield Problem("credential_form", _("Choose the form of the credential, or “none”."))


def subject(case: ExceptionCase) -> Iterator[Problem]:
    """What is wrong with kind, control or identity: asked at submission, and again at each approval."""
    if case.kind == Kind.BREAK_GLASS:
        yield Problem("kind", _("Break-glass is invoked, not requested."))
    if case.control is None:
        yield Problem("control", _("Choose the control this deviates from."))
    elif not case.control.is_active:
        yield Problem("control", _("%(code)s is retired; choose a control that applies.") % {"code": case.control})
    elif not case.control.exceptions_allowed:
        yield Problem("control", _("%(code)s allows no exceptions.") % {"code": case.control.code})
    if case.identity is None:
        yield Problem("identity", _("Choose the identity this is for."))
    elif not case.identity.is_active:
        yield Problem("identity", _("%(name)s is retired.") % {"name": case.identity.name})


def _people(case: ExceptionCase) -> Iterator[Problem]:
    if case.owner is None:
        yield Problem("owner", _("Name an owner: the person who answers for this exception."))
    elif not case.owner.is_active:
        yield Problem("owner", _("%(name)s has left; name an owner who is here.") % {"name": case.owner.name})
    if case.backup_owner is not None and case.backup_owner == case.owner:
        yield Problem("backup_owner", _("The backup owner is someone other than the owner."))


def _exposure(case: ExceptionCase, at: datetime) -> Iterator[Problem]:
    if case.kind == Kind.RETROSPECTIVE and case.exposed_from_at is None:
        yield Problem("exposed_from_at", _("Say since when the exposure has existed."))
    if case.kind != Kind.RETROSPECTIVE and case.exposed_from_at is not None:
        yield Problem("exposed_from_at", _("Only a retrospective exception has a past exposure."))
    if case.exposed_from_at is not None and case.exposed_from_at > at:
        yield Problem("exposed_from_at", _("The exposure began in the past; for a future start use the planned start."))


def _grants(grants: Sequence[Grant]) -> Iterator[Problem]:
    if not grants:
        yield Problem("grants", _("Say what this opens: at least one action on one resource."))
    for number, grant in enumerate(grants):
        where = f"grants-{number}"
        if not grant.system_id:
            yield Problem(f"{where}-system", _("Choose the system this opens."))
        if not grant.actions:
            yield Problem(f"{where}-actions", _("Name at least one action, such as “read”."))
        if "*" in "".join(grant.actions):
            yield Problem(f"{where}-actions", _("Name the actions; “*” is not an action."))
        wrong = scope.problem(grant.resource)
        if wrong:
            yield Problem(f"{where}-resource", wrong)


def _safeguards(draft: Draft) -> Iterator[Problem]:
    if not draft.safeguards:
        yield Problem("safeguards", _("Name at least one safeguard that stands in meanwhile."))
    for number, safeguard in enumerate(draft.safeguards):
        if not safeguard.kind:
            yield Problem(f"safeguards-{number}-kind", _("Choose what kind of safeguard this is."))
        if not says(safeguard.description):
            yield Problem(f"safeguards-{number}-description", _("Describe the safeguard so that it can be verified."))
    for kind in kinds_missing(draft):
        yield Problem("safeguards", required(draft, kind))


def kinds_missing(draft: Draft) -> list[SafeguardKind]:
    """Kinds of safeguard the control requires at this risk, and which none has that is verified before the start."""
    control, tier = draft.case.control, draft.tier
    if control is None or tier is None:
        return []
    given = {safeguard.kind for safeguard in draft.safeguards if safeguard.required}
    return [kind for kind in control.safeguards_required(tier) if kind not in given]


def required(draft: Draft, kind: SafeguardKind) -> str:
    """That the control requires a safeguard of this kind, and whether one of the kind only has to be verified first."""
    control, tier = draft.case.control, draft.tier
    values = {"code": control.code if control else "", "kind": kind.label, "tier": tier.label if tier else ""}
    if any(safeguard.kind == kind for safeguard in draft.safeguards):
        return _("%(code)s wants “%(kind)s” verified before the start at %(tier)s risk: say so there.") % values
    return _("%(code)s requires a safeguard of the kind “%(kind)s” at %(tier)s risk.") % values


def _scores(case: ExceptionCase) -> Iterator[Problem]:
    for name in ("likelihood", "impact"):
        value = getattr(case, name)
        if value is None or not 1 <= value <= 5:
            yield Problem(name, _("Choose a number from 1 to 5."))


def _renewal(case: ExceptionCase) -> Iterator[Problem]:
    before = case.renews
    if before is None:
        return
    if (before.control_id, before.identity_id) != (case.control_id, case.identity_id):
        yield Problem("renews", _("A renewal keeps control and identity of %(ref)s; file a new one.") % {"ref": before})
    if before.state not in {*ACTIVATED, "closed", "revoked"} or before.activated_at is None:
        yield Problem("renews", _("%(ref)s was never in force, so it cannot be renewed.") % {"ref": before})
    others = before.renewals.exclude(pk=case.pk)
    if others.filter(state__in=LIVE).exists():
        yield Problem("renews", _("%(ref)s already has a renewal under way.") % {"ref": before})
    elif others.filter(activated_at__isnull=False).exists():
        yield Problem("renews", _("%(ref)s was renewed meanwhile; go on from that renewal.") % {"ref": before})


def _early(case: ExceptionCase, at: datetime) -> Iterator[Problem]:
    """What begins once something in force for the same control and identity has gone on, is asked near its end."""
    soon = at + timedelta(days=terms.RENEWED_DAYS)
    if case.renews is not None or case.planned_start_at is None or case.planned_start_at <= soon:
        return
    same = ExceptionCase.objects.filter(control=case.control, identity=case.identity, state__in=ACTIVATED)
    running = same.filter(expires_at__gt=soon).exclude(pk=case.pk).order_by("expires_at").first()
    if case.control is not None and case.identity is not None and running is not None:
        sentence = _("%(ref)s is in force until %(end)s: what continues it is asked from %(days)d days before that.")
        words = {"ref": running, "end": date_format(localtime(running.expires_at), "j F Y")}
        yield Problem("planned_start_at", sentence % (words | {"days": terms.RENEWED_DAYS}))


def _time(draft: Draft, at: datetime) -> Iterator[Problem]:
    case = draft.case
    if case.remediation_on is None:
        yield Problem("remediation_on", _("Give the date by which the cause is mended."))
    elif case.remediation_on < at.date():
        yield Problem("remediation_on", _("The day by which the cause is mended is past."))
    wrong = _end_problem(case, at)
    if wrong:
        yield wrong
    elif case.control is not None and case.identity is not None and draft.tier is not None:
        yield from _caps(case, case.control, draft.tier, at)


def _end_problem(case: ExceptionCase, at: datetime) -> Problem | None:
    if case.planned_start_at is not None and case.planned_start_at < at - timedelta(days=1):
        return Problem("planned_start_at", _("The planned start is past; leave it empty to start when approved."))
    if case.planned_start_at is not None and case.planned_start_at > at + timedelta(days=terms.AHEAD_DAYS):
        sentence = _("The planned start is more than %(days)d days away; ask when it is nearer.")
        return Problem("planned_start_at", sentence % {"days": terms.AHEAD_DAYS})
    if case.term_days and case.end_on:
        return Problem("term_days", _("Give a number of days or an end date, not both."))
    if case.term_days:
        return None
    if case.end_on is None:
        return Problem("term_days", _("Say how long: a number of days or an end date. Nothing is open-ended."))
    if not is_zone(case.end_zone):
        return Problem("end_on", _("Choose the time zone of the end date."))
    if terms.end_of_day(case.end_on, case.end_zone) <= terms.start(case, at):
        return Problem("end_on", _("The end date lies before the start."))
    return None


def _caps(case: ExceptionCase, control: Control, tier: Tier, at: datetime) -> Iterator[Problem]:
    field = "term_days" if case.term_days else "end_on"
    days, cap = terms.asked_days(case, at) or 0, control.term_cap(tier)
    words = {"days": days, "cap": cap, "code": control.code, "tier": tier.label.lower()}
    if days > cap:
        yield Problem(
            field,
            _("%(days)d days is too long: %(code)s allows %(cap)d days at %(tier)s risk.") % words,
        )
        return
    left = terms.lifetime_left(case, control.lifetime_cap(tier), terms.start(case, at))
    if timedelta(days=days) > left or not left:
        words |= {"left": left.days, "life": control.lifetime_cap(tier), "identity": str(case.identity)}
        if not left.days:
            used_up = _(
                "All %(life)d days are used up for %(identity)s on %(code)s at %(tier)s risk. Mend the cause: no "
                "further exception fits."
            )
            yield Problem(field, used_up % words)
            return
        yield Problem(
            field,
            _(
                "Only %(left)d of %(life)d days are left for %(identity)s on %(code)s at %(tier)s risk. "
                "Ask for less, or mend the cause."
            )
            % words,
        )
