"""Ownership is handed over to a person who accepts; until then the owner stays, and nobody is disqualified."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed, NotPossible, Stale
from exceptions_app import ask, judges, services
from exceptions_app.models import Decision, ExceptionCase, OwnershipOffer
from exceptions_app.queries.home import home
from exceptions_app.services import DraftContent
from tests.exceptions_app.reading import body, events, refused
from tests.exceptions_app.world import HOUR, START, fresh

pytestmark = pytest.mark.django_db


def offer(world, case, to, actor=None):
    return services.offer_ownership(case=case, actor=actor or world.olga, at=START + HOUR, to=to, reason="I move on.")


def test_until_it_is_accepted_the_owner_stays_and_nobody_else_gains(world):
    case = world.active()
    nina = world.person("Nina")

    offer(world, case, nina)

    assert fresh(case).owner == world.olga
    assert nina.pk not in judges.gaining_ids(fresh(case), START)
    assert events(case)[-1] == "ownership.offered"


def test_who_accepts_owns_it_and_gains_from_then_on_and_the_old_owner_still_does(world):
    case = world.active()
    nina = world.person("Nina")
    offer(world, case, nina)

    services.accept_ownership(case=case, actor=nina, at=START + 2 * HOUR)

    row = fresh(case)
    assert row.owner == nina
    assert {nina.pk, world.olga.pk} <= judges.gaining_ids(row, START)
    assert events(case)[-2:] == ["case.owner_changed", "review.opened"]
    given = OwnershipOffer.objects.get()
    assert (given.answer, given.answered_at) == ("accepted", START + 2 * HOUR)


def test_who_declines_owns_nothing_and_is_asked_no_more(world):
    case = world.active()
    nina = world.person("Nina")
    offer(world, case, nina)

    services.decline_ownership(case=case, actor=nina, at=START + 2 * HOUR)

    assert fresh(case).owner == world.olga
    assert events(case)[-1] == "ownership.declined"
    assert not ExceptionCase.objects.visible_to(nina).exists()
    with refused(NotAllowed, case):
        services.accept_ownership(case=case, actor=nina, at=START + 3 * HOUR)


def test_a_later_offer_takes_the_place_of_an_unanswered_one(world):
    case = world.active()
    nina, nils = world.person("Nina"), world.person("Nils")
    offer(world, case, nina)
    offer(world, case, nils)

    with refused(NotAllowed, case):
        services.accept_ownership(case=case, actor=nina, at=START + 2 * HOUR)
    services.accept_ownership(case=case, actor=nils, at=START + 2 * HOUR)

    assert fresh(case).owner == nils
    assert set(OwnershipOffer.objects.values_list("to__name", "answer")) == {("Nina", "replaced"), ("Nils", "accepted")}


def test_who_approved_it_cannot_come_to_gain_from_it(world):
    case = world.active()

    with refused(NotPossible, case):
        offer(world, case, world.bob)


def test_who_approved_after_being_asked_cannot_accept_once_it_is_in_force(world):
    case = world.requested()
    offer(world, case, world.bob)
    case = world.activate(world.approve(case, START + HOUR), START + HOUR)

    with refused(NotAllowed, case):
        services.accept_ownership(case=case, actor=world.bob, at=START + 2 * HOUR)


def test_an_approver_who_takes_a_request_over_decides_it_no_more(world):
    case = world.requested()
    offer(world, case, world.bob)

    services.accept_ownership(case=case, actor=world.bob, at=START + 2 * HOUR)

    assert not judges.seats(world.bob, fresh(case), START)


@pytest.mark.parametrize("who", ["alice", "bob", "connie", "mallory", "audrey"])
def test_only_the_owner_or_a_programme_manager_offers_it(world, who):
    case = world.active()

    with refused(NotAllowed, case):
        offer(world, case, world.person("Nina"), actor=getattr(world, who))


def test_a_programme_manager_may_offer_it(world):
    case = world.active()

    offer(world, case, world.person("Nina"), actor=world.petra)

    assert OwnershipOffer.objects.get().offered_by == world.petra


@pytest.mark.parametrize("who", ["olga", "audrey"])
def test_nobody_is_asked_who_owns_it_or_only_reads(world, who):
    case = world.active()

    with refused(NotPossible, case):
        offer(world, case, getattr(world, who))


def test_the_person_asked_sees_the_case_and_finds_it_on_home(world):
    case = world.active()
    nina = world.person("Nina")
    assert not ExceptionCase.objects.visible_to(nina).exists()

    offer(world, case, nina)

    assert list(ExceptionCase.objects.visible_to(nina)) == [case]
    assert list(home(nina, START + HOUR).owner_asks.cases) == [case]


def takes_over(world, case, person):
    offer(world, case, person)
    services.accept_ownership(case=case, actor=person, at=START + 2 * HOUR)


def somebody_takes_over(world, case):
    takes_over(world, case, world.person("Nina"))


def the_backup_declines(world, case):
    services.decline_backup(case=case, actor=world.person("Oscar"), at=START + 2 * HOUR)


def the_owner_leaves(world, case):
    people.change_user(user=world.olga, actor=None, at=START, manager=world.person("Mona"))
    people.deactivate(user=world.olga, actor=None, at=START + HOUR)
    services.hand_over_orphan(case=case, at=START + 2 * HOUR)


OTHERS = [somebody_takes_over, the_backup_declines, the_owner_leaves]


@pytest.mark.parametrize("change", OTHERS)
def test_whoever_answered_while_others_were_named_is_asked_again_and_hears_of_it(world, change):
    case = world.requested(router=world.routed((world.group, 2)), backup_owner=world.person("Oscar"))
    world.approve(case, START + HOUR)

    change(world, case)

    assert ask.digest(fresh(case)) == fresh(case).digest
    assert Decision.objects.get().voided_at == START + 2 * HOUR
    assert body(case, "case.facts_changed")["voided_decisions"] == 1
    assert events(case)[-1] == "case.facts_changed"


def amend(world, case, version=None, **fields):
    now = {"actor": world.alice, "at": START + 3 * HOUR, "version": version or fresh(case).version}
    return services.amend(case=case, content=DraftContent(fields), router=world.router, **now)


def test_who_has_answered_for_it_never_judges_it_whoever_owns_it_by_then(world):
    case = world.requested()
    takes_over(world, case, world.bob)

    amend(world, case, owner=world.olga)

    assert not judges.seats(world.bob, fresh(case), START + 3 * HOUR)


def test_who_has_accepted_to_back_the_owner_never_judges_it_though_no_longer_named(world):
    case = world.requested(backup_owner=world.bob)
    services.accept_backup(case=case, actor=world.bob, at=START + HOUR)

    amend(world, case, backup_owner=None)

    assert not judges.seats(world.bob, fresh(case), START + 3 * HOUR)


def test_a_form_opened_before_a_handover_takes_nothing_back(world):
    case = world.requested()
    version = fresh(case).version
    takes_over(world, case, world.person("Nina"))

    with refused(Stale, fresh(case)):
        amend(world, case, version, owner=world.olga)


def test_a_form_opened_before_a_backup_declined_does_not_name_them_again(world):
    oscar = world.person("Oscar")
    case = world.draft(backup_owner=oscar)
    version = fresh(case).version
    services.decline_backup(case=case, actor=oscar, at=START + HOUR)

    with refused(Stale, fresh(case)):
        content = DraftContent({"backup_owner": oscar})
        services.save_draft(case=case, actor=world.alice, at=START + 2 * HOUR, version=version, content=content)


def another_owner_is_named(world, case):
    amend(world, case, owner=world.person("Zed"))


@pytest.mark.parametrize("change", [another_owner_is_named, the_owner_leaves])
def test_an_offer_ends_with_the_ownership_of_who_made_it(world, change):
    case = world.requested()
    offer(world, case, world.person("Nina"))

    change(world, case)

    assert OwnershipOffer.objects.get().answer == "replaced"
    with refused(NotAllowed, fresh(case)):
        services.accept_ownership(case=case, actor=world.person("Nina"), at=START + 4 * HOUR)


def test_who_comes_to_own_it_is_no_longer_at_deciding_it(world):
    case = world.requested()
    services.take(case=case, actor=world.carol, at=START)

    takes_over(world, case, world.carol)

    assert fresh(case).taken_by is None
