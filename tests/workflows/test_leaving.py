"""What the leaver page says becomes of a case is what the clock then does, whatever the constellation (promise 15)."""

from itertools import cycle, islice, product

import pytest

from accounts import services as accounts
from exceptions_app import services as cases
from exceptions_app.models import RELIED_ON, Response, State, Trigger
from exceptions_app.queries.leaving import leaving
from exceptions_app.succession import Fate, succession
from tests.exceptions_app.reading import assert_intact
from tests.workflows.stage import AT, DAY, fresh, person
from workflows import sweeps

LEFT_AT = AT + DAY
BACKUPS = ("nobody", "accepted", "asked", "closed", "auditor")
STATES = (State.REQUESTED, State.APPROVED, State.ACTIVE, State.SUSPENDED)
OWNED = ("to_backup", "to_manager", "to_nobody")


@pytest.fixture
def backups(db):
    """Somebody for each way a backup owner can be; what befalls them comes later."""
    return {"nobody": None} | {name: person(name.title()) for name in BACKUPS[1:]}


@pytest.fixture
def managers(stage):
    """By what makes them able to own, or not. Bob decides, so he approved whatever was."""
    ayla = person("Ayla")
    accounts.set_roles(user=ayla, actor=None, at=AT, is_auditor=True)
    return {"nobody": None, "able": person("Mona"), "auditor": ayla, "judge": stage.bob}


def brought(stage, state, does, backup, *, answers, owner=None):
    """A case in that state, with that backup owner, that does this when its owner changes."""
    owner = owner or stage.alice
    said = {"on_change": {Trigger.OWNER_CHANGED: does}, "backup_owner": backup, "owner": owner}
    stage = stage.another()
    case = stage.draft(safeguard_required=state == State.APPROVED, **said)
    if answers:
        cases.accept_backup(case=case, actor=backup, at=AT)
    stage.submit(fresh(case))
    if state != State.REQUESTED:
        stage.approve(case)
        sweeps.run(sweeps.ACTIVATE, at=AT)
    if state == State.SUSPENDED:
        cases.suspend(case=fresh(case), actor=stage.omar, at=AT, reason="Odd calls")
    assert fresh(case).state == state
    return fresh(case)


def test_an_heir_who_judged_what_has_not_started_is_told_to_be_judged_again(stage, backups):
    owner = person("Owen", manager=stage.bob)
    case = brought(stage, State.APPROVED, Response.NOTHING, None, answers=False, owner=owner)

    assert succession(case, LEFT_AT).fate == Fate.JUDGED_AGAIN
    assert succession(case, LEFT_AT).heir == stage.bob


def became(before):
    """What is to be seen of what became of the case."""
    after = fresh(before)
    if after.state == State.REVOKED:
        return Fate.ENDED
    if after.state == State.SUSPENDED and before.state in RELIED_ON:
        return Fate.SUSPENDED
    if after.state == State.REQUESTED and (before.state == State.APPROVED or after.digest != before.digest):
        return Fate.ASKED_AGAIN
    if after.reviews.unanswered().filter(trigger=Trigger.OWNER_CHANGED).exists():
        return Fate.REVIEWED
    same = (after.owner, after.backup_owner) == (before.owner, before.backup_owner)
    return Fate.LEFT if same else Fate.KEPT


def leave(person, petra):
    accounts.deactivate(user=person, actor=petra, at=LEFT_AT)
    sweeps.run_all(sweeps.CLOCK, name="sweep_clock", at=LEFT_AT)


@pytest.mark.parametrize(("manager", "first"), [("nobody", 0), ("able", 1), ("auditor", 2), ("judge", 3)])
def test_what_was_said_of_each_case_is_what_becomes_of_it(stage, backups, managers, manager, first):
    accounts.change_user(user=stage.alice, actor=None, at=AT, manager=managers[manager])
    responses = islice(cycle(Response), first, None)  # so that each meets every backup owner in every state
    every = [(backup, state, next(responses)) for state, backup in product(STATES, BACKUPS)]
    owned = [
        brought(stage, state, does, backups[backup], answers=backup not in {"nobody", "asked"})
        for backup, state, does in every
    ]
    accounts.deactivate(user=backups["closed"], actor=None, at=AT)
    accounts.set_roles(user=backups["auditor"], actor=None, at=AT, is_auditor=True)

    found = leaving(stage.alice, stage.petra, LEFT_AT)
    said = {one.case.pk: one for name in OWNED for one in getattr(found, name).rows}
    leave(stage.alice, stage.petra)

    assert len(said) == len(owned)
    for case, constellation in zip(owned, every, strict=True):
        told = said[case.pk]
        at_once = Fate.KEPT if told.fate == Fate.JUDGED_AGAIN else told.fate  # that is asked when it would start
        assert (told.heir or stage.alice, at_once) == (fresh(case).owner, became(case)), constellation
    assert sweeps.run(sweeps.ORPHANS, at=LEFT_AT + DAY) == 0
    assert_intact()


def test_what_was_said_of_each_case_they_backed_up_is_what_becomes_of_it(stage):
    mona = person("Mona")
    every = list(product(STATES, Response))
    backed_up = [brought(stage, state, does, mona, answers=True) for state, does in every]

    found = leaving(mona, stage.petra, LEFT_AT)
    said = {told.case.pk: told.fate for told in found.backed_up.rows}
    leave(mona, stage.petra)

    for case, constellation in zip(backed_up, every, strict=True):
        assert fresh(case).backup_owner is None
        assert said[case.pk] == became(case), constellation


def test_a_draft_stays_a_draft(stage):
    draft = stage.draft()

    told = leaving(stage.alice, stage.petra, LEFT_AT).drafts
    leave(stage.alice, stage.petra)

    assert [one.case for one in told.rows] == [draft]
    assert (fresh(draft).state, fresh(draft).owner) == (State.DRAFT, stage.alice)


def test_who_is_passed_over_is_told_with_the_reason(stage, backups, managers):
    accounts.change_user(user=stage.alice, actor=None, at=AT, manager=managers["judge"])
    brought(stage, State.ACTIVE, Response.REVIEW, backups["asked"], answers=False)

    told = leaving(stage.alice, stage.petra, LEFT_AT).to_nobody.rows[0]

    assert [(str(one), why) for one, why in told.passed_over] == [("Asked", "unanswered"), ("Bob", "judged")]


@pytest.mark.parametrize(("others", "is_short"), [(True, False), (False, True)])
def test_a_request_left_with_too_few_people_is_said_before_they_go(stage, others, is_short):
    if not others:
        accounts.deactivate(user=stage.bea, actor=None, at=AT)
    case = stage.requested()

    told = leaving(stage.bob, stage.petra, LEFT_AT).to_decide.rows

    assert [(one.case, one.is_short) for one in told] == [(case, is_short)]


def test_what_they_approved_and_has_not_started_is_told_and_asked_again(stage):
    case = stage.approved(safeguard_required=True)
    told = leaving(stage.bob, stage.petra, LEFT_AT).approved.rows

    accounts.deactivate(user=stage.bob, actor=None, at=LEFT_AT)
    cases.verify_safeguard(safeguard=case.safeguards.get(), actor=stage.omar, at=LEFT_AT, statement="Tried it")
    sweeps.run_all(sweeps.CLOCK, name="sweep_clock", at=LEFT_AT)

    assert [one.case for one in told] == [case]
    assert fresh(case).state == State.REQUESTED


def test_a_review_that_nobody_else_may_answer_is_told(stage):
    for name in ("bea", "omar"):
        accounts.deactivate(user=getattr(stage, name), actor=None, at=AT)
    case = stage.active()
    cases.report_change(case=case, actor=stage.alice, at=AT, trigger=Trigger.CODE_CHANGED, what="Release 5.")

    told = leaving(stage.bob, stage.petra, LEFT_AT).to_review.rows

    assert [one.case for one in told] == [case]
    assert not leaving(stage.bea, stage.petra, LEFT_AT).to_review.rows
