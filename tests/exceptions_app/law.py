"""Who may fill which step, read from the promises word by word: slow, and independent of the product's own way."""

from accounts.models import Absence, ApproverGroup
from catalog.models import Tier
from exceptions_app import ask
from exceptions_app.models import Decision, Step


def delegate_of(person, at):
    absence = Absence.objects.running(at).filter(person=person).first()
    return absence.delegate if absence else None


def gaining(case, at):
    own = {case.requester, case.owner} | {editor.person for editor in case.editors.all()}
    if case.backup_accepted_at:
        own.add(case.backup_owner)
    own |= {case.identity.owner, case.identity.backup_owner}
    own.discard(None)
    return own | {delegate_of(person, at) for person in own} - {None}


def able(person):
    return person is not None and person.is_active and not person.is_auditor


def own(step, case):
    match step.source:
        case "group":
            found = list(step.group.members.all())
        case "control_group":
            found = list(case.control.approver_group.members.all())
        case "control_owner":
            found = [case.control.owner]
        case "control_lead":
            found = [case.control.owner.manager] if case.control.owner else []
        case "system_owner":
            found = [grant.system.owner for grant in case.grants.all() if grant.system]
        case "owner_manager":
            found = [case.identity.owner.manager] if case.identity.owner else []
        case "person":
            found = [step.person]
    return found


def leads(step, case):
    if step.source in {"group", "control_group"}:
        group = step.group or case.control.approver_group
        return [group.lead]
    return [person.manager for person in own(step, case) if person]


def behind(step, case):
    fallback = ApproverGroup.objects.filter(is_fallback=True).first()
    return [own(step, case), leads(step, case), list(fallback.members.all()) if fallback else []]


def given(step, case):
    said = list(Decision.objects.filter(step=step, verdict="approve", voided_at=None))
    digest = ask.digest(case) if said else ""
    return [decision for decision in said if decision.digest == digest]


def voices(decisions):
    return {decision.person for decision in decisions} | {decision.on_behalf_of for decision in decisions} - {None}


def steps_of(case):
    return list(Step.objects.filter(route__case=case, route__voided_at=None).order_by("order"))


def is_met(step, case):
    return len(given(step, case)) >= step.count


def stepped_aside(case):
    return {said.person for said in Decision.objects.filter(step__route__case=case, verdict="recuse", voided_at=None)}


def come_to(step, case, at):
    """How far the step whose turn it is has been opened by the time that has gone: 1 its lead, 2 the fallback group."""
    turn = next((one for one in steps_of(case) if not is_met(one, case)), None)
    if step != turn:
        return 0
    gone = (at - case.step_began_at) / (case.decide_by_at - case.step_began_at)
    return 2 if gone >= 7 / 8 else 1 if gone >= 3 / 4 else 0


def sitters(step, case, at):
    """Everyone who may fill the step, as (person, rank, for whom); and everyone asked, those who gain among them."""
    barred = gaining(case, at) | voices(given(step, case))
    if case.risk_tier == Tier.CRITICAL:
        for other in steps_of(case):
            barred |= voices(given(other, case))
    barred |= stepped_aside(case)
    found, put_to, enough = {}, set(), len(given(step, case))
    for rank, people in enumerate(behind(step, case)):
        asked = [person for person in people if able(person)]
        put_to |= {*asked, *(delegate_of(person, at) for person in asked)} - {None}
        free = [person for person in dict.fromkeys(asked) if person not in barred]
        fresh = [person for person in free if person not in found]
        found |= dict.fromkeys(fresh, (rank, None))
        enough += len(fresh)
        for person in free:
            stands_in = delegate_of(person, at)
            if able(stands_in) and stands_in not in barred and stands_in not in found:
                found[stands_in] = (rank, person)
        if enough >= step.count and rank >= come_to(step, case, at):
            break
    return found, put_to


def sittings(case, at):
    """Every step that is not met, in order, with who may fill it and whom it asks."""
    return [(step, *sitters(step, case, at)) for step in steps_of(case) if not is_met(step, case)]


def seats(user, open_steps):
    """The steps the person may fill, in order, each with rank and for whom."""
    return [(step, *sitting[user]) for step, sitting, _put_to in open_steps if user in sitting]


def is_kept_out(user, open_steps, gaining):
    """Whether an open step asks the person, who gains."""
    return user in gaining and any(user in put_to for _step, _sitting, put_to in open_steps)
