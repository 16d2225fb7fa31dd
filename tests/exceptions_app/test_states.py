"""Every pair of state and transition, decided by the table of DESIGN §3: on the bare FSM, and through the services."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import transaction
from django_fsm import TransitionNotAllowed

from accounts import services as people
from accounts.errors import Refusal
from audit.models import Event
from exceptions_app import ask, door, services
from exceptions_app.models import EndReason, ExceptionCase, State
from tests.exceptions_app.world import DAY, HOUR, START, World, fresh

LAW = {
    "submit": ({"draft"}, "requested"),
    "return_for_changes": ({"requested"}, "draft"),
    "withdraw": ({"draft", "requested", "approved"}, "withdrawn"),
    "approve": ({"requested"}, "approved"),
    "reopen": ({"approved"}, "requested"),
    "reject": ({"requested"}, "rejected"),
    "lapse": ({"requested", "approved"}, "closed"),
    "activate": ({"approved"}, "active"),
    "invoke": ({"draft"}, "active"),
    "warn": ({"active"}, "expiring"),
    "suspend": ({"active", "expiring"}, "suspended"),
    "resume": ({"suspended"}, "active"),
    "expire": ({"active", "expiring", "suspended"}, "closed"),
    "complete": ({"active", "expiring", "suspended"}, "closed"),
    "supersede": ({"active", "expiring"}, "closed"),
    "revoke": ({"approved", "active", "expiring", "suspended"}, "revoked"),
}
GIVEN = {
    "submit": {"at": START, "within": DAY, "latest_end_at": START},
    "return_for_changes": {},
    "approve": {"at": START, "term": timedelta(days=1), "activate_by_at": START},
    "reopen": {"at": START, "within": DAY},
    "activate": {"from_at": START, "until_at": START + DAY},
    "invoke": {"from_at": START, "until_at": START + DAY},
    "resume": {"until_at": START + DAY},
}
REASONS = {"lapse": "lapsed", "expire": "expired", "complete": "completed", "supersede": "superseded"}
PAIRS = list(product(State.values, LAW))


def call(case, transition):
    getattr(case, transition)(**GIVEN.get(transition, {"at": START}))


def declared():
    return {transition.name: transition for transition in ExceptionCase(state="draft").get_all_state_transitions()}


def test_the_machine_declares_these_transitions_and_no_other():
    assert declared().keys() == LAW.keys()
    assert len(PAIRS) == 160


@pytest.mark.parametrize(("state", "transition"), PAIRS)
def test_with_the_door_open_the_table_decides(state, transition):
    sources, target = LAW[transition]
    case = ExceptionCase(state=state)

    with door.opened():
        if state in sources:
            call(case, transition)
        else:
            with pytest.raises(TransitionNotAllowed):
                call(case, transition)

    assert case.state == (target if state in sources else state)
    assert case.end_reason == (REASONS.get(transition, "") if state in sources else "")


@pytest.mark.parametrize(("state", "transition"), PAIRS)
def test_with_the_door_closed_nothing_moves(state, transition):
    case = ExceptionCase(state=state)

    with pytest.raises((door.SecondDoor, TransitionNotAllowed)) as refused:
        call(case, transition)

    assert case.state == state
    assert refused.type is (door.SecondDoor if state in LAW[transition][0] else TransitionNotAllowed)


# Through the services


class Verbs:
    """How each transition is knocked for from outside, by someone who may, at a time when it could be due."""

    def __init__(self, world: World, case: ExceptionCase):
        self.world, self.case = world, case
        self.now = START + 2 * HOUR
        self.end = case.expires_at or START + 400 * DAY

    def submit(self):
        self.world.submit(self.case, self.now)

    def return_for_changes(self):
        digest = ask.digest(self.case)
        services.ask_for_changes(case=self.case, actor=self.world.bob, at=self.now, digest=digest, reason="Narrow it.")

    def withdraw(self):
        services.withdraw(case=self.case, actor=self.world.alice, at=self.now)

    def approve(self):
        self.world.approve(self.case, self.now, actor=self.world.carol)

    def reopen(self):
        people.remove_member(group=self.world.group, member=self.world.bob, actor=None, at=self.now)
        services.activate(case=self.case, at=self.now, router=self.world.router)

    def reject(self):
        digest = ask.digest(self.case)
        services.reject(case=self.case, actor=self.world.bob, at=self.now, digest=digest, reason="Too wide.")

    def lapse(self):
        services.lapse(case=self.case, at=START + 400 * DAY)

    def activate(self):
        services.activate(case=self.case, at=self.now, router=self.world.router)

    def invoke(self):
        """Break-glass has no service yet."""

    def warn(self):
        services.warn(case=self.case, at=self.case.warn_at or self.now)

    def suspend(self):
        services.suspend(case=self.case, actor=self.world.connie, at=self.now, reason="Odd calls seen.")

    def resume(self):
        services.resume(case=self.case, actor=self.world.connie, at=self.now, statement="Calls explained.")

    def expire(self):
        services.expire(case=self.case, at=self.end)

    def complete(self):
        services.complete(case=self.case, actor=self.world.alice, at=self.now, reason="Connector replaced.")

    def supersede(self):
        """A renewal takes over where one can be had; otherwise the end comes without an heir."""
        heir = self.world.renewal(self.case, self.now)
        self.world.approve(heir, self.now)
        services.expire(case=self.case, at=self.end)

    def revoke(self):
        services.revoke(case=self.case, actor=self.world.connie, at=self.now, reason="Key leaked.")


def outcome(world, case, transition):
    """State, end reason and kinds of the events after knocking once; nothing is kept."""
    seen = Event.objects.filter(stream__name=case.stream).count()
    with transaction.atomic():
        try:
            getattr(Verbs(world, case), transition)()
            refused = False
        except Refusal:
            refused = True
        row = fresh(case)
        kinds = list(Event.objects.filter(stream__name=case.stream).order_by("sequence").values_list("kind", flat=True))
        transaction.set_rollback(True)
    return row.state, row.end_reason, kinds[seen:], refused


KINDS = {
    "submit": ["case.submitted"],
    "return_for_changes": ["case.decided", "case.returned"],
    "withdraw": ["case.withdrawn"],
    "approve": ["case.decided", "case.approved"],
    "reopen": ["case.reopened"],
    "reject": ["case.rejected"],
    "lapse": ["case.lapsed"],
    "activate": ["case.activated"],
    "warn": ["case.warned"],
    "suspend": ["case.suspended"],
    "resume": ["case.resumed"],
    "expire": ["case.expired"],
    "complete": ["case.completed"],
    "supersede": ["case.superseded"],
    "revoke": ["case.revoked"],
}
CLOCKS = {"lapse", "activate", "warn", "expire", "supersede", "reopen"}
"""The clock is never refused: what is not due it leaves alone."""
ELSEWHERE = {("suspended", "supersede"): ("closed", "expired", ["case.expired"])}
"""What is suspended has no heir; it expires."""


def expected(state, transition, reason):
    sources, target = LAW[transition]
    if (state, transition) in ELSEWHERE:
        return ELSEWHERE[state, transition]
    if state not in sources or transition == "invoke":
        return state, reason, []
    return target, REASONS.get(transition, ""), KINDS[transition]


@pytest.mark.django_db
@pytest.mark.parametrize("state", State.values)
def test_through_the_services_the_same_table_decides(world, state):
    case = getattr(world, state)()
    assert (case.state, case.end_reason) == (state, EndReason.EXPIRED if state == "closed" else "")

    found = {transition: outcome(world, case, transition) for transition in LAW}

    for transition, (now, reason, kinds, refused) in found.items():
        assert (transition, now, reason, kinds) == (transition, *expected(state, transition, case.end_reason))
        moved = now != state
        assert refused is not (moved or transition in CLOCKS | {"invoke"}) or transition == "supersede"
    assert fresh(case).state == state
