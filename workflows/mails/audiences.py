"""Who hears of an occasion, resolved when the mail goes; for each person the sentence parts that say why."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import changes_things
from exceptions_app import asking, judges
from exceptions_app.asking import Asked
from exceptions_app.models import Decision, ExceptionCase, Outcome
from exceptions_app.queries.witnessing import approvers_of
from exceptions_app.sources import Sitter, Stand
from workflows.mails.occasion import Occasion
from workflows.models import Notice

ASKING = ("ask_approvers", "escalate", "nudge", "remind_at_half_time")
BEHIND = {Stand.LEAD, Stand.FALLBACK}
Audience = dict[User, list[str]]
Part = Callable[[Occasion], Iterable[tuple[User | None, str]]]


def those(*parts: Part) -> Callable[[Occasion], Audience]:
    """One entry a person, however many of the parts name them; never the person who did it, nor anyone who left."""

    def gather(occasion: Occasion) -> Audience:
        audience: Audience = {}
        for part in parts:
            for person, why in part(occasion):
                if person is not None and person.is_active and person != occasion.actor:
                    audience.setdefault(person, []).append(why)
        return {person: reasons for person, reasons in audience.items() if _exists_for(person, occasion)}

    return gather


def requester(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    yield occasion.case.requester, _("you asked for it")


def owner(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    yield occasion.case.owner, _("you own it")


def backup(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """The backup owner who accepted."""
    if occasion.case.backup_accepted_at:
        yield occasion.case.backup_owner, _("you are its backup owner")


def named_backup(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """The backup owner who has not answered yet."""
    if not occasion.case.backup_accepted_at:
        yield occasion.case.backup_owner, _("you are named as its backup owner")


def offered_owner(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """The person asked to own it who has not answered yet."""
    for offer in occasion.case.ownership_offers.filter(answered_at__isnull=True).select_related("to"):
        yield offer.to, _("you are asked to own it")


def control_owner(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    if occasion.case.control is not None:
        yield occasion.case.control.owner, _("you own the control")


def deciders(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """Everyone who may fill the step whose turn it is; where nobody may, those who can mend that."""
    asked = turn(occasion)
    if asked is None:
        return
    for sitter in sorted(asked.sitters, key=lambda one: one.user.pk):
        yield sitter.user, _why_decide(asked, sitter)
    if not asked.sitters:
        yield from managers(occasion)


def escalated(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """Those to whom the step has just come, the lead or the fallback group; where nobody may, those who can mend it."""
    asked = turn(occasion)
    if asked is None or not come(occasion, asked):
        return
    for sitter in sorted(asked.behind, key=lambda one: one.user.pk):
        if sitter.stand in come(occasion, asked):
            yield sitter.user, _why_decide(asked, sitter)
    if not asked.sitters:
        yield from managers(occasion)


def verifiers(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """Those who verified one of its safeguards last and may do so again; where nobody did, the control's owner."""
    barred = judges.barred_ids(occasion.case, occasion.at)
    found = User.objects.active().filter(pk__in=occasion.case.safeguards.values("verified_by")).exclude(pk__in=barred)
    people = [(person, _("you verified one of its safeguards")) for person in found.order_by("pk")]
    return people or control_owner(occasion)


def reviewers(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """Those who look at it again, in a review or to resume it; where nobody may, those who can mend that."""
    for sitter in sorted(occasion.reviewers, key=lambda one: one.user.pk):
        yield sitter.user, _why_review(occasion, sitter)
    if not occasion.reviewers:
        yield from _managers(_("nobody may review it, and you run the programme"))


def resumers(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """Those who look at it again to resume it; where none of them is left, its other approvers."""
    others = [] if occasion.reviewers else approvers_of(occasion.case, occasion.at)
    if others:
        return [(person, _("you may resume it")) for person in others]
    return reviewers(occasion)


def addressed(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """Those a comment is for."""
    for person in User.objects.filter(pseudonym__in=occasion.body.get("told", ())).order_by("pk"):
        yield person, _("%(person)s addresses you") % {"person": occasion.by}


def managers(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """Programme managers, where nobody may decide: they staff the groups."""
    yield from _managers(_("nobody may decide it, and you run the programme"))


def _running() -> Iterable[User]:
    return User.objects.active().filter(is_programme_manager=True, is_auditor=False).order_by("pk")


def _managers(why: str) -> Iterable[tuple[User | None, str]]:
    yield from ((person, why) for person in _running())


def stranded(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """Programme managers, of a request that lapsed with nobody who might have decided it."""
    asked = turn(occasion)
    if asked is not None and not asked.sitters:
        yield from managers(occasion)


def asked(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """Everyone who was asked by mail to decide this case, or decided before the mail of their morning went."""
    stream = occasion.effect.event.stream
    notices = Notice.objects.filter(effect__event__stream=stream, effect__reaction__in=ASKING, sent_at__isnull=False)
    answers = Decision.objects.filter(step__route__case=occasion.case)
    decided = Q(pk__in=answers.values("person")) | Q(pk__in=answers.values("on_behalf_of"))
    for person in User.objects.filter(Q(pk__in=notices.values("person")) | decided).order_by("pk"):
        yield person, _("you were asked to decide it")


def confirmers(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """Those who may confirm that access is gone: the owners of control and systems, else the approver group."""
    barred = judges.barred_ids(occasion.case, occasion.at)
    owners = [*control_owner(occasion), *((g.system.owner, _("you own a system")) for g in occasion.owed if g.system)]
    able = [(person, why) for person, why in owners if person and changes_things(person) and person.pk not in barred]
    if able or occasion.case.control is None:
        return able
    members = occasion.case.control.approver_group.members.filter(is_active=True, is_auditor=False)
    members = members.exclude(pk__in=barred)
    return [(person, _("you belong to the control's approver group")) for person in members.order_by("pk")]


def confirmers_of_less(occasion: Occasion) -> Iterable[tuple[User | None, str]]:
    """The same, where a review took something away."""
    return confirmers(occasion) if occasion.said("outcome") == Outcome.NARROW else ()


def turn(occasion: Occasion) -> Asked | None:
    """The step whose turn it is."""
    return asking.turn(judges.asked(occasion.case, occasion.at))


def come(occasion: Occasion, asked: Asked) -> set[Stand]:
    """As what the step has just come to people besides its own; nothing where those still suffice."""
    if occasion.kind == "case.decided" and not asked.is_short:
        return set()
    return {"to_lead": {Stand.LEAD}}.get(occasion.said("kind"), BEHIND)


def _why_decide(asked: Asked, sitter: Sitter) -> str:
    words = {"step": asked.step.title, "who": sitter.for_whom}
    if sitter.for_whom is not None:
        return _("you stand in for %(who)s, who is asked for the step “%(step)s”") % words
    if sitter.stand == Stand.FALLBACK and asked.own:
        return _("you belong to the fallback group, and the time of “%(step)s” runs out") % words
    if sitter.stand == Stand.LEAD and asked.own:
        return _("you are the lead, and the time of “%(step)s” runs out") % words
    if sitter.stand == Stand.FALLBACK:
        return _("you belong to the fallback group, and too few of “%(step)s” may decide") % words
    if sitter.stand == Stand.LEAD:
        return _("you are the lead, and too few of “%(step)s” may decide") % words
    return _("you are asked for the step “%(step)s”") % words


def _why_review(occasion: Occasion, sitter: Sitter) -> str:
    control = occasion.case.control
    if sitter.for_whom is not None:
        return _("you stand in for %(who)s, who reviews it") % {"who": sitter.for_whom}
    if control is not None and control.owner_id == sitter.user.pk:
        return _("you own the control")
    return {
        Stand.OWN: _("you are asked to review it"),
        Stand.LEAD: _("you are the lead, and the time to review it runs out"),
        Stand.FALLBACK: _("you belong to the fallback group, and the time to review it runs out"),
    }[sitter.stand]


def _exists_for(person: User, occasion: Occasion) -> bool:
    """Nobody is told of a case that would be a 404 for them."""
    return ExceptionCase.objects.visible_to(person, occasion.at).filter(pk=occasion.case.pk).exists()
