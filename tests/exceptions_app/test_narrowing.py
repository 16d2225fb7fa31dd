"""Approving less than was asked: only less, granted as the intersection of all approvals, never past the latest end."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import services as people
from accounts.errors import NotPossible
from catalog.models import Tier
from exceptions_app import ask, services
from exceptions_app.models import Grant, RemovalState, Safeguard, State
from exceptions_app.narrowing import Condition, Narrowing
from exceptions_app.scope import Scope, covers, meet
from tests.exceptions_app.world import DAY, HOUR, START, fresh

NETS = ("10.0.0.0/8", "10.4.0.0/16", "192.168.1.0/24")


def asked(world, **grant):
    """A request of one grant and two approvers, one after the other."""
    wide = {"resource": "kv/prod/*", "actions": ("read", "list", "write"), "networks": NETS[:1]} | grant
    last = world.make_group("CISO", "Cid")
    router = world.routed((world.group, 1), (last, 1))
    return world.requested(grants=[world.grant(**wide)], router=router)


def approve(world, case, name, at=START, **narrowing):
    return services.approve(
        case=case,
        actor=world.person(name),
        at=at,
        digest=ask.digest(fresh(case)),
        statement="I accept it.",
        capacity="Approver",
        narrowing=Narrowing(**narrowing),
    )


def left(case, **scope):
    """A narrowing of the case's one grant, in these respects."""
    grant = case.grants.get()
    return {"grants": {grant.pk: Scope(**vars(grant.asked) | scope)}}


def test_what_is_granted_is_the_intersection_of_all_approvals(world):
    case = asked(world)

    approve(world, case, "Bob", term_days=20, **left(case, actions=("read", "list"), resource="kv/prod/erp/*"))
    approve(world, case, "Cid", term_days=25, **left(case, actions=("read", "write"), networks=NETS[1:2]))

    grant = case.grants.get()
    assert grant.opens == Scope(("read",), "kv/prod/erp/*", NETS[1:2])
    assert grant.asked == Scope(("read", "list", "write"), "kv/prod/*", NETS[:1])
    assert fresh(case).approved_term_seconds == 20 * 86400


def test_a_narrowing_leaves_the_ask_and_the_answers_to_it_as_they_are(world):
    case = asked(world)
    digest = ask.digest(case)

    approve(world, case, "Bob", term_days=3, **left(case, actions=("read",)))

    assert ask.digest(fresh(case)) == digest


def test_approvals_with_nothing_in_common_send_the_request_back(world):
    case = asked(world)

    approve(world, case, "Bob", **left(case, actions=("read",)))
    approve(world, case, "Cid", **left(case, actions=("write",)))

    case = fresh(case)
    assert case.state == State.DRAFT
    assert case.grants.get().granted is None
    assert not case.routes.filter(voided_at__isnull=True).exists()


def test_a_withheld_grant_is_never_opened_and_owes_nothing(world):
    case = world.requested(grants=[world.grant("kv/a"), world.grant("kv/b")])
    first, second = case.grants.order_by("pk")

    approve(world, case, "Bob", grants={second.pk: None})
    case = world.activate(case, START)
    services.revoke(case=case, actor=world.connie, at=START + HOUR, reason="Leaked.")

    assert [grant.opens for grant in case.grants.order_by("pk")] == [first.asked, None]
    states = list(Grant.objects.order_by("pk").values_list("removal_state", flat=True))
    assert states == [RemovalState.OWED, RemovalState.NOT_OWED]


@pytest.mark.parametrize(
    ("wider", "field"),
    [
        ({"term_days": 31}, "term_days"),
        ({"term_days": 0}, "term_days"),
        ({"not_before_at": START + 400 * DAY}, "not_before_at"),
        ({"safeguards": [Condition("network", " ")]}, "safeguards-0-description"),
        ({"safeguards": [Condition("prayer", "We hope")]}, "safeguards-0-kind"),
        ({"actions": ("read", "delete")}, "grants-{}-actions"),
        ({"actions": ()}, "grants-{}-actions"),
        ({"resource": "kv/*"}, "grants-{}-resource"),
        ({"resource": "kv/prod/../x"}, "grants-{}-resource"),
        ({"networks": ("0.0.0.0/0",)}, "grants-{}-networks"),
        ({"networks": ()}, "grants-{}-networks"),
        ({"networks": ("ten",)}, "grants-{}-networks"),
    ],
)
def test_an_approval_that_does_not_narrow_is_refused_and_nothing_is_kept(world, wider, field):
    case = asked(world)
    key = case.grants.get().pk
    narrowing = left(case, **wider) if "{}" in field else wider

    with pytest.raises(NotPossible) as refused:
        approve(world, case, "Bob", **narrowing)

    assert field.format(key) in refused.value.fields
    assert not case.routes.get().steps.first().decisions.exists()


def test_withholding_everything_is_a_rejection_by_another_name(world):
    case = asked(world)

    with pytest.raises(NotPossible, match="Nothing would be left"):
        approve(world, case, "Bob", grants={case.grants.get().pk: None})


def test_what_only_repeats_the_ask_narrows_nothing(world):
    case = asked(world)

    approve(world, case, "Bob", term_days=30, not_before_at=START - DAY, **left(case))

    assert case.routes.get().steps.first().decisions.get().narrowing == {}


def test_who_approves_what_earlier_steps_left_takes_nothing_more_back(world):
    case = asked(world)
    approve(world, case, "Bob", term_days=20, **left(case, actions=("read",)))

    approve(world, case, "Cid", term_days=20, **left(case, actions=("read",)))

    first, second = (step.decisions.get().narrowing for step in case.routes.get().steps.all())
    assert "as_left" not in first
    assert second == first | {"as_left": True}


def asked_again_without(world, case, name):
    """Who gave an approval leaves before the start, and a colleague approves in full what was asked."""
    people.deactivate(user=world.person(name), actor=None, at=START)
    services.activate_many(keys=[case.pk], at=START, router=world.router)
    assert fresh(case).state == State.REQUESTED
    approve(world, case, "Carol")
    return fresh(case)


@pytest.mark.parametrize("said", [{}, {"term_days": 25}], ids=["says nothing of it", "shortens it less"])
def test_an_approval_covers_what_was_left_when_it_was_given_and_no_more(world, said):
    case = asked(world)
    approve(world, case, "Bob", term_days=3, **left(case, actions=("read",), resource="kv/prod/erp"))
    approve(world, case, "Cid", **said)

    case = asked_again_without(world, case, "Bob")

    assert case.approved_term_seconds == 3 * DAY.total_seconds()
    assert (case.grants.get().opens.actions, case.grants.get().opens.resource) == (("read",), "kv/prod/erp")


def test_an_approval_keeps_the_condition_that_stood_when_it_was_given(world):
    case = asked(world)
    condition = Condition("network", "Only from the jump host")
    approve(world, case, "Bob", safeguards=[condition])
    approve(world, case, "Cid")
    first = fresh(case).safeguards.get(decision__isnull=False)
    services.verify_safeguard(safeguard=first, actor=world.connie, at=START, statement="Logged on from elsewhere.")

    case = asked_again_without(world, case, "Bob")

    kept = case.safeguards.get(decision__isnull=False)
    assert (kept.description, kept.verified_at, kept.decision.person.name) == (condition.description, None, "Cid")


def test_days_an_earlier_approval_left_may_be_said_again_when_fewer_remain(world):
    last = world.make_group("CISO", "Cid")
    until = {"term_days": None, "end_on": (START + 12 * DAY).date(), "end_zone": "UTC"}
    case = world.requested(router=world.routed((world.group, 1), (last, 1)), **until)
    approve(world, case, "Bob", term_days=11)

    case = approve(world, case, "Cid", at=START + 4 * DAY, term_days=11)

    assert case.state == State.APPROVED
    assert case.approved_term_seconds < 9 * DAY.total_seconds()


def test_a_later_start_waits_and_never_moves_the_latest_end(world):
    case = asked(world)
    latest = case.latest_end_at
    start = START + 30 * DAY

    approve(world, case, "Bob", not_before_at=start)
    approve(world, case, "Cid")
    early = services.activate(case=case, at=start - HOUR, router=world.router)
    case = world.activate(case, start + HOUR)

    assert not early
    assert case.state == State.ACTIVE
    assert case.latest_end_at == latest
    assert case.expires_at == min(start + HOUR + 30 * DAY, latest)


def test_a_condition_is_verified_before_the_start(world):
    case = asked(world)
    approve(world, case, "Bob", safeguards=[Condition("network", "Only from the jump host")])
    approve(world, case, "Cid")

    waits = not services.activate(case=case, at=START, router=world.router)
    [condition] = Safeguard.objects.filter(case=case, decision__isnull=False)
    services.verify_safeguard(safeguard=condition, actor=world.sven, at=START, statement="Seen in the firewall.")

    assert waits
    assert world.activate(case, START).state == State.ACTIVE


def test_a_reopened_case_is_asked_as_it_was_and_granted_anew(world):
    case = asked(world)
    approve(world, case, "Bob", **left(case, actions=("read",)))
    approve(world, case, "Cid", term_days=5, safeguards=[Condition("network", "Only from the jump host")])
    services.raise_tier(
        case=case,
        actor=world.connie,
        at=START + HOUR,
        tier=Tier.HIGH,
        reason="It reaches payroll.",
        router=world.router,
    )

    case = fresh(case)
    assert (case.state, case.risk_tier, case.least_tier) == (State.REQUESTED, 3, 3)
    assert case.grants.get().granted is None
    assert not case.safeguards.filter(decision__isnull=False).exists()
    assert case.approved_start_at is None


def test_a_renewal_asks_for_what_was_granted(world):
    case = asked(world)
    approve(world, case, "Bob", **left(case, actions=("read",)))
    approve(world, case, "Cid", safeguards=[Condition("network", "Only from the jump host")])
    condition = Safeguard.objects.get(case=case, decision__isnull=False)
    services.verify_safeguard(safeguard=condition, actor=world.sven, at=START, statement="Seen.")
    case = world.activate(case, START)

    renewal = services.renew(case=case, actor=world.alice, at=START + 20 * DAY)

    assert renewal.grants.get().actions == ["read"]
    assert renewal.safeguards.count() == 2


segments = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join)
patterns = st.tuples(segments, st.sampled_from(["", "/*"])).map("".join)
blocks = st.lists(
    st.sampled_from(["10.0.0.0/8", "10.4.0.0/16", "10.4.7.0/24", "192.168.0.0/16", "2001:db8::/32", "2001:db8:1::/48"]),
    max_size=3,
    unique=True,
).map(tuple)
scopes = st.builds(
    Scope, st.sets(st.sampled_from(["read", "list", "write"]), min_size=1).map(sorted).map(tuple), patterns, blocks
)


@given(scopes, scopes)
def test_what_two_scopes_share_is_within_both_and_nothing_else_is(one, other):
    shared = meet(one, other)

    assert meet(other, one) == shared or {*meet(other, one).networks} == {*shared.networks}
    if shared is not None:
        assert shared.is_within(one)
        assert shared.is_within(other)
    for resource in (one.resource, other.resource):
        in_both = covers(one.resource, resource) and covers(other.resource, resource)
        assert not in_both or shared is None or covers(shared.resource, resource)


@given(scopes)
def test_a_scope_shares_with_itself_all_of_it(one):
    assert meet(one, one).is_within(one)
    assert one.is_within(meet(one, one))


def test_half_of_a_term_is_told_from_its_whole(world):
    case = world.requested()

    approve(world, case, "Bob", term_days=15)

    assert timedelta(seconds=fresh(case).approved_term_seconds) == 15 * DAY
