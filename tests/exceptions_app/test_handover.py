"""From a case to its renewal: no gap, no overlap, no worker, and nothing follows what did not last."""

from datetime import timedelta

import pytest

from accounts import services as people
from accounts.errors import NotAllowed, NotPossible
from catalog import services as catalog
from catalog.models import Tier
from exceptions_app import services
from exceptions_app.models import ExceptionCase, Period, RemovalState
from tests.exceptions_app.reading import assert_intact, body, events, refused
from tests.exceptions_app.world import DAY, HOUR, SINCE, START, fresh

pytestmark = pytest.mark.django_db
SOON = START + 20 * DAY
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def case(world):
    """Thirty days from START."""
    return world.active()


def heir_of(world, case, at=SOON, **fields):
    return fresh(world.approve(world.renewal(case, at, **fields), at))


def guarded_heir(world, case, at=SOON):
    """Approved, but a required safeguard is not verified yet."""
    return heir_of(world, case, at, safeguards=[world.safeguard(required=True)])


def verify(world, case, at):
    services.verify_safeguard(safeguard=case.safeguards.get(), actor=world.bob, at=at, statement="Alert fired.")


def in_force(at):
    return list(ExceptionCase.objects.in_force(at).order_by("pk"))


def test_approval_in_time_hands_over_without_gap_overlap_or_worker(world, case):
    end = case.expires_at

    heir = heir_of(world, case)

    assert (heir.state, heir.activated_at, heir.expires_at) == ("active", end, end + 30 * DAY)
    assert events(heir)[-2:] == ["case.approved", "case.activated"]
    for at, expected in [(SOON, case), (end - MOMENT, case), (end, heir), (end + 29 * DAY, heir)]:
        assert in_force(at) == [expected], at
    assert in_force(end + 30 * DAY) == []
    assert_intact()


def test_the_last_safeguard_verified_in_time_hands_over_too(world, case):
    heir = guarded_heir(world, case)
    assert heir.state == "approved"

    verify(world, heir, SOON + DAY)

    assert (fresh(heir).state, fresh(heir).activated_at) == ("active", case.expires_at)
    assert events(heir)[-2:] == ["safeguard.verified", "case.activated"]
    assert_intact()


def test_an_approval_after_the_end_starts_when_it_is_swept(world, case):
    heir = world.renewal(case, case.expires_at - DAY)
    late = case.expires_at + HOUR

    heir = world.activate(world.approve(heir, late), late + HOUR)

    assert heir.activated_at == late + HOUR
    assert in_force(late) == []


def test_the_end_supersedes_and_what_the_heir_covers_is_carried(world, case):
    heir = heir_of(world, case, grants=[world.grant("kv/erp/*", actions=["read", "list"])])
    end = case.expires_at

    services.expire(case=case, at=end)

    row = fresh(case)
    assert (row.state, row.end_reason) == ("closed", "superseded")
    assert row.grants.get().removal_state == RemovalState.CARRIED
    assert body(case, "case.superseded")["by"] == heir.reference
    services.expire(case=heir, at=fresh(heir).expires_at)
    assert fresh(heir).end_reason == "expired"
    assert fresh(heir).grants.get().removal_state == RemovalState.OWED
    assert_intact()


@pytest.mark.parametrize(
    "narrower",
    [
        {"resource": "kv/erp/other"},
        {"actions": ["list"]},
        {"system": "another"},
    ],
    ids=str,
)
def test_what_the_heir_does_not_cover_is_owed_at_once(world, case, narrower):
    if narrower.get("system"):
        narrower = {"system": world.make_system("Other vault")}
    heir_of(world, case, grants=[world.grant(narrower.pop("resource", "kv/erp/key"), **narrower)])

    services.expire(case=case, at=case.expires_at)

    grant = case.grants.get()
    assert fresh(case).end_reason == "superseded"
    assert (grant.removal_state, grant.removal_owed_at) == (RemovalState.OWED, case.expires_at)


def test_a_late_sweep_supersedes_all_the_same(world, case):
    heir = heir_of(world, case)

    services.expire_many(keys=[case.pk, heir.pk], at=heir.expires_at + 100 * DAY)

    assert (fresh(case).end_reason, fresh(heir).end_reason) == ("superseded", "expired")
    assert case.grants.get().removal_state == RemovalState.CARRIED
    assert heir.grants.get().removal_state == RemovalState.OWED


def test_only_one_renewal_lives_at_a_time(world, case):
    second = services.renew(case=case, actor=world.alice, at=SOON, changed=SINCE)
    first = world.renewal(case, SOON)

    with refused(NotPossible, second, says="already has a renewal"):
        world.submit(second, SOON)

    services.withdraw(case=first, actor=world.alice, at=SOON)
    services.save_draft(
        case=second,
        actor=world.alice,
        at=SOON,
        version=second.version,
        content=services.DraftContent({"remediation_on": (SOON + 60 * DAY).date()}),
    )
    assert world.submit(second, SOON).state == "requested"


# A predecessor that did not last

ENDS = {
    "suspended": lambda world, case, at: services.suspend(case=case, actor=world.connie, at=at, reason="Odd calls."),
    "revoked": lambda world, case, at: services.revoke(case=case, actor=world.connie, at=at, reason="Leaked."),
    "completed": lambda world, case, at: services.complete(case=case, actor=world.alice, at=at, reason="Not needed."),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_renewal_activated_ahead_is_held(world, case, end):
    heir = heir_of(world, case)

    ENDS[end](world, case, SOON + DAY)

    heir = fresh(heir)
    assert heir.state == "suspended"
    assert [period.from_at == period.until_at for period in heir.periods.all()] == [True]
    world.sweep(heir.activated_at + HOUR)
    assert in_force(heir.activated_at + HOUR) == []
    assert_intact()


@pytest.mark.parametrize("end", ENDS)
def test_an_approved_renewal_is_asked_for_again(world, case, end):
    heir = guarded_heir(world, case)

    ENDS[end](world, case, SOON + DAY)

    heir = fresh(heir)
    assert heir.state == "requested"
    assert body(heir, "case.reopened")["reason"] == "predecessor_ended"
    assert all(decision.voided_at for route in heir.routes.all() for decision in route.steps.get().decisions.all())
    assert_intact()


@pytest.mark.parametrize("end", ENDS)
def test_what_follows_a_held_renewal_is_held_too(world, case, end):
    heir = heir_of(world, case, term_days=5)
    ahead = heir_of(world, heir, SOON + HOUR, term_days=5)
    waiting = world.approve(world.renewal(ahead, SOON + HOUR, safeguards=[world.safeguard(required=True)]), SOON + HOUR)

    ENDS[end](world, case, SOON + DAY)

    assert (fresh(heir).state, fresh(ahead).state, fresh(waiting).state) == ("suspended", "suspended", "requested")
    world.sweep(ahead.activated_at + HOUR)
    assert in_force(ahead.activated_at + HOUR) == []
    assert_intact()


def test_a_suspended_predecessor_that_expires_starts_nothing(world, case):
    heir = guarded_heir(world, case)
    ENDS["suspended"](world, case, SOON + DAY)
    world.approve(heir, SOON + 2 * DAY)
    verify(world, heir, SOON + 2 * DAY)
    assert fresh(heir).state == "approved", "never from a suspended predecessor"

    world.sweep(case.expires_at)
    world.sweep(case.expires_at + HOUR)

    assert fresh(case).end_reason == "expired"
    assert fresh(heir).state == "requested", "someone must look again"
    assert in_force(case.expires_at + HOUR) == []


def test_a_held_renewal_waits_for_its_suspended_predecessor(world, case):
    heir = heir_of(world, case)
    ENDS["suspended"](world, case, SOON + DAY)

    with refused(NotPossible, heir, says="suspended"):
        services.resume(case=heir, actor=world.bob, at=SOON + 2 * DAY, statement="All well.")
    services.resume(case=case, actor=world.bob, at=SOON + 2 * DAY, statement="All well.")
    heir = services.resume(case=heir, actor=world.bob, at=SOON + 2 * DAY, statement="All well.")

    end = case.expires_at
    assert in_force(SOON + 2 * DAY) == [case]
    assert (in_force(end - MOMENT), in_force(end)) == ([case], [heir])


@pytest.mark.parametrize("end", ["revoked", "completed"])
def test_a_held_renewal_may_be_let_go_on_by_someone_who_does_not_gain(world, case, end):
    heir = heir_of(world, case)
    ENDS[end](world, case, SOON + DAY)

    with refused(NotAllowed, heir):
        services.resume(case=heir, actor=world.alice, at=SOON + 2 * DAY, statement="All well.")
    heir = services.resume(case=heir, actor=world.bob, at=SOON + 2 * DAY, statement="All well.")

    assert in_force(SOON + 2 * DAY) == [], "not before the handover that was approved"
    assert in_force(heir.activated_at) == [heir]


def test_a_renewal_of_a_case_ended_early_owes_nothing_for_what_it_never_opened(world, case):
    heir = heir_of(world, case)

    services.revoke(case=heir, actor=world.connie, at=SOON + DAY, reason="Not wanted.")

    assert fresh(heir).grants.get().removal_state == RemovalState.NOT_OWED
    assert fresh(case).state == "active"


# The second look, without a worker


def test_handing_over_looks_again_at_earlier_approvers(world, case):
    heir = world.renewal(case, SOON)
    services.withdraw(case=heir, actor=world.alice, at=SOON)
    draft = services.renew(case=case, actor=world.alice, at=SOON, changed=SINCE)
    services.save_draft(
        case=draft,
        actor=world.alice,
        at=SOON,
        version=draft.version,
        content=services.DraftContent({"remediation_on": (SOON + 60 * DAY).date()}),
    )
    heir = world.submit(draft, SOON, router=world.routed((world.group, 2)))
    world.approve(heir, SOON, actor=world.bob)
    people.deactivate(user=world.bob, actor=None, at=SOON)

    world.approve(heir, SOON, actor=world.carol)

    assert fresh(heir).state == "approved"
    assert world.activate(heir, SOON).state == "requested"


def test_handing_over_looks_again_at_the_tier(world, case):
    heir = world.renewal(case, SOON)
    catalog.change_system(system=world.system, version=1, actor=None, at=SOON, criticality=Tier.CRITICAL)

    world.approve(heir, SOON)

    assert fresh(heir).state == "approved"
    heir = world.activate(heir, SOON)
    assert (heir.state, heir.risk_tier) == ("requested", Tier.HIGH)


def test_a_later_planned_start_is_kept_and_leaves_the_gap_that_was_asked(world, case):
    planned = case.expires_at + 5 * DAY

    heir = heir_of(world, case, planned_start_at=planned)
    assert heir.state == "approved"
    world.sweep(planned - HOUR)
    assert in_force(planned - HOUR) == []

    assert world.activate(heir, planned).activated_at == planned


def test_an_earlier_planned_start_does_not_overlap(world, case):
    heir = heir_of(world, case, planned_start_at=case.expires_at - 5 * DAY)

    assert (heir.activated_at, heir.expires_at) == (case.expires_at, case.expires_at + 30 * DAY)


def test_a_chain_of_renewals_is_one_unbroken_force(world, case):
    """Ninety days at most a term, a hundred and eighty in all, at moderate risk."""
    chain = [case]
    for _turn in range(5):
        before = fresh(chain[-1])
        at = before.expires_at - DAY
        world.sweep(at)
        chain.append(heir_of(world, before, at))

    assert [link.renewal_number for link in chain] == [0, 1, 2, 3, 4, 5]
    assert Period.objects.count() == 6
    assert chain[-1].expires_at == START + 180 * DAY
    last = fresh(chain[-1])
    draft = services.renew(case=last, actor=world.alice, at=last.expires_at - DAY, changed=SINCE)
    with pytest.raises(NotPossible, match="All 180 days"):
        world.submit(draft, last.expires_at - DAY)


# No orphan


def test_an_orphan_goes_to_the_accepted_backup_first(world):
    boris = world.person("Boris")
    case = world.draft(backup_owner=boris)
    services.accept_backup(case=case, actor=boris, at=START)
    case = world.activate(world.approve(world.submit(case, START), START), START)
    people.deactivate(user=world.olga, actor=None, at=START + DAY)

    case = services.hand_over_orphan(case=case, at=START + DAY)

    row = fresh(case)
    assert (row.owner, row.backup_owner, row.backup_accepted_at) == (boris, None, None)
    assert body(row, "case.owner_changed")["to_owner"] == [str(boris.pseudonym)]
    assert in_force(START + DAY) == [row]
    assert_intact()


def test_then_to_the_manager(world, case):
    people.deactivate(user=world.olga, actor=None, at=START + DAY)

    services.hand_over_orphan(case=case, at=START + DAY)

    assert fresh(case).owner == world.person("Mona")


def test_an_auditor_inherits_nothing(world, case):
    people.set_roles(user=world.person("Mona"), actor=None, at=START, is_auditor=True)
    people.deactivate(user=world.olga, actor=None, at=START + DAY)

    services.hand_over_orphan(case=case, at=START + DAY)

    assert fresh(case).state == "suspended"


def test_else_it_stops_and_holds_what_follows(world, case):
    heir = heir_of(world, case)
    people.deactivate(user=world.person("Mona"), actor=None, at=SOON)
    people.deactivate(user=world.olga, actor=None, at=SOON)

    services.hand_over_orphan(case=case, at=SOON + DAY)

    assert (fresh(case).state, fresh(heir).state) == ("suspended", "suspended")
    assert in_force(SOON + DAY) == []
    assert services.hand_over_orphan(case=case, at=SOON + DAY) is None
    assert_intact()


def test_an_owner_who_is_here_keeps_it(world, case):
    assert services.hand_over_orphan(case=case, at=START + DAY) is None
