"""People and the clock in any order: after every step the promises hold, whoever did what and whatever did not run."""

import random
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts import services as people
from accounts.errors import Refusal
from accounts.models import GroupMembership, User
from audit.verify import verify
from catalog import services as catalog
from catalog.models import Tier
from exceptions_app import ask, freshness, judges, reviewing, services, terms, triggers
from exceptions_app.models import (
    ACTIVATED,
    ENDED,
    Decision,
    ExceptionCase,
    Grant,
    Outcome,
    Period,
    RemovalState,
    Response,
    Review,
    State,
    Trigger,
    Verdict,
)
from exceptions_app.queries.chain import chain_of
from exceptions_app.scope import Scope
from exceptions_app.services import DraftContent
from exceptions_app.services.ending import REMOVALS
from tests.exceptions_app.replay import Replay
from tests.exceptions_app.world import HOUR, SINCE, World, fresh, shown

SHORT, LONG = 10, 5000
PARTS = 10
"""The long version runs in so many parts, which processes share."""
STEPS = 30
LIFETIME = 12
HOLDS, PATIENCE = timedelta(days=3), timedelta(days=1)
"""Of a verification, at any risk: short, so that safeguards go stale within a term."""
TURN, WAITED = timedelta(days=4), timedelta(days=1)
"""Between two reviews, and past the deadline of one, at any risk."""
NAMES = ("alice", "olga", "bob", "carol", "frida", "connie", "sven", "olive", "petra", "audrey", "mallory")
CAPS = {
    f"{kind}_cap_{tier}": days
    for tier in ("low", "moderate", "high", "critical")
    for kind, days in (("term", 10), ("lifetime", LIFETIME))
} | {f"review_days_{tier}": TURN.days for tier in ("low", "moderate", "high", "critical")}
APPROVED = (State.APPROVED, State.ACTIVE, State.EXPIRING, State.SUSPENDED)

whoever = st.sampled_from(NAMES)
pick = st.integers(min_value=0, max_value=50)


class Company(World):
    """Short caps, so that both clocks run out, and two approvers a case."""

    def __init__(self):
        super().__init__(count=2)
        self.control = self.make_control("NHI-SHORT", **CAPS)
        self.identities = [self.make_identity("one"), self.make_identity("two", owner=self.bob)]
        for name in NAMES:
            getattr(self, name)


class Life(RuleBasedStateMachine):
    company = None

    def __init__(self):
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.at = self.company.start
        self.ends = {}
        self.instants = random.Random(0)

    def teardown(self):
        try:
            report = verify()
            assert report.ok, report.first
            self.the_past_is_what_the_events_tell()
            self.every_chain_is_told_whole()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    # What people do

    @initialize(days=st.integers(1, 10), carried=st.booleans())
    def first(self, days, carried):
        self.file("alice", 0, days, required=False)
        self.submit("alice", 0)
        if carried:
            self.carry_through(0)

    @rule(which=pick)
    def carry_through(self, which):
        """What the house exists for, in one step: asked, approved by whoever may, in force."""
        self.submit("alice", which)
        self.verify_safeguards("connie", which)
        for who in ("bob", "carol", "frida"):
            self.approve(who, which, seen=True)
        self.company.sweep(self.at)

    @rule(identity=st.integers(0, 1), days=st.integers(5, 10))
    def live_whole(self, identity, days):
        """One exception from the form to its end: done twice it uses up a lifetime."""
        before = ExceptionCase.objects.count()
        self.file("alice", identity, days, required=False)
        self.carry_through(before)
        self.time_passes(days * 24)
        self.the_clock_sweeps()

    @rule(
        who=whoever,
        identity=st.integers(0, 1),
        days=st.integers(1, 12),
        required=st.booleans(),
        does=st.sampled_from(Response),
    )
    def file(self, who, identity, days, required, does=Response.REVIEW):
        content = self.company.content(
            identity=self.company.identities[identity],
            term_days=days,
            safeguards=[self.company.safeguard(required=required)],
            remediation_on=(self.at + timedelta(days=60)).date(),
            on_change={Trigger.CODE_CHANGED.value: does.value},
        )
        with suppress(Refusal):
            services.open_draft(actor=self.person(who), at=self.at, content=content)

    @rule(who=whoever, which=pick)
    def submit(self, who, which):
        self.attempt(services.submit, which, who, router=self.company.router)

    @rule(who=whoever, which=pick, days=st.integers(1, 12))
    def amend(self, who, which, days):
        case = self.case(which)
        version = case.version if case else 0
        content = DraftContent({"term_days": days})
        self.attempt(services.amend, which, who, version=version, content=content, router=self.company.router)

    @rule(who=whoever, which=pick, seen=st.booleans())
    def approve(self, who, which, seen):
        case, person = self.case(which), self.person(who)
        if case is None:
            return
        digest = ask.digest(case) if seen else "0" * 64
        with suppress(Refusal):
            services.approve(
                case=case, actor=person, at=self.at, digest=digest, statement="I accept it.", capacity="Approver"
            )
            assert seen
            assert person.pk not in judges.gaining_ids(case, self.at)
            assert not person.is_auditor
            assert GroupMembership.objects.filter(member=person).exists()

    @rule(who=whoever, which=pick)
    def reject(self, who, which):
        self.answer(services.reject, which, who)

    @rule(who=whoever, which=pick)
    def send_back(self, who, which):
        self.answer(services.ask_for_changes, which, who)

    @rule(who=whoever, which=pick)
    def verify_safeguards(self, who, which):
        case, person = self.case(which), self.person(who)
        for safeguard in case.safeguards.all() if case else ():
            with suppress(Refusal):
                services.verify_safeguard(safeguard=safeguard, actor=person, at=self.at, statement="Looked at it.")
                assert person.pk not in judges.gaining_ids(case, self.at)

    @rule(who=whoever, which=pick)
    def report_failures(self, who, which):
        case, person = self.case(which), self.person(who)
        for safeguard in case.safeguards.all() if case else ():
            with suppress(Refusal):
                services.report_failure(safeguard=safeguard, actor=person, at=self.at, reason="It is off.")
                assert not person.is_auditor

    @rule(
        verb=st.sampled_from([services.withdraw, services.complete, services.revoke, services.suspend]),
        who=whoever,
        which=pick,
    )
    def stop(self, verb, who, which):
        self.attempt(verb, which, who, reason="It is time.")

    @rule(who=whoever, which=pick, looks=st.booleans())
    def resume(self, who, which, looks):
        """Whoever looks has seen what there is to review."""
        seen = shown(self.case(which), self.at) if looks and self.case(which) else ()
        self.attempt(services.resume, which, who, statement="Looked at it again.", seen=seen)

    @rule(who=whoever, which=pick, outcome=st.sampled_from(Outcome), hours=st.integers(1, 240), looks=st.booleans())
    def review(self, who, which, outcome, hours, looks):
        case, person = self.case(which), self.person(who)
        if case is None:
            return
        left = {grant.pk: Scope(("read",), "kv/erp/key", ("10.0.0.0/8",)) for grant in case.grants.all()}
        finding = services.Finding(outcome, "Looked at it.", left, self.at + hours * HOUR)
        with suppress(Refusal):
            seen = shown(case, self.at) if looks else ()
            services.review(case=case, actor=person, at=self.at, finding=finding, seen=seen)
            assert looks
            assert person.pk not in judges.gaining_ids(case, self.at)
            assert not Review.objects.open(self.at).filter(case=case).exists()

    @rule(who=whoever, which=pick, hours=st.integers(1, 240))
    def shorten(self, who, which, hours):
        self.attempt(services.shorten, which, who, until_at=self.at + hours * HOUR, reason="It is time.")

    @rule(who=whoever, which=pick, trigger=st.sampled_from(triggers.REPORTED))
    def say_that_something_changed(self, who, which, trigger):
        self.attempt(services.report_change, which, who, trigger=trigger, what="It did.")

    @rule(who=st.sampled_from(["alice", "olga", "mallory"]), which=pick, carried=st.booleans(), answers=st.booleans())
    def renew(self, who, which, carried, answers):
        """What answers nothing is never asked for."""
        before = ExceptionCase.objects.count()
        said = SINCE if answers else {}
        changed = {"remediation_on": (self.at + timedelta(days=60)).date(), **said}
        self.attempt(services.renew, which, who, changed=changed)
        if ExceptionCase.objects.count() == before:
            return
        heir = self.case(before)
        ends_at = heir.renews.expires_at
        asked = heir.renews.reviews.filter(outcome=Outcome.RENEW)
        assert asked.exists() or self.at >= ends_at - timedelta(days=terms.RENEWED_DAYS)
        if carried:
            self.carry_through(before)
            assert answers or self.case(before).state == State.DRAFT

    @rule(who=whoever, which=pick, hours=st.integers(-30, 240))
    def record_a_use(self, who, which, hours):
        case, person = self.case(which), self.person(who)
        if case is None:
            return
        used_at = self.at - hours * HOUR
        with suppress(Refusal):
            services.record_use(case=case, actor=person, at=self.at, used_at=used_at, what="The nightly sync.")
            assert case.activated_at <= used_at <= self.at
            assert person.pk in judges.gaining_ids(case, self.at)

    @rule(who=whoever, which=pick, to=whoever)
    def hand_over(self, who, which, to):
        case, heir = self.case(which), self.person(to)
        self.attempt(services.offer_ownership, which, who, to=heir, reason="I change teams.")
        judged = case is not None and judges.has_judged(heir, case)
        with suppress(Refusal):
            if case is not None:
                services.accept_ownership(case=case, actor=heir, at=self.at)
                assert heir.is_active
                assert not heir.is_auditor
                assert not judged or case.state not in ACTIVATED

    @rule(who=whoever, which=pick)
    def confirm(self, who, which):
        case, person = self.case(which), self.person(who)
        for grant in case.grants.all() if case else ():
            with suppress(Refusal):
                services.confirm_removal(
                    grant=grant, actor=person, at=self.at, how=REMOVALS[case.credential_form][0], note="Gone."
                )
                assert person.pk not in judges.gaining_ids(case, self.at)

    # What changes around them

    @rule(who=st.sampled_from(["bob", "carol", "olga"]))
    def leave_or_return(self, who):
        person = self.person(who)
        verb = people.deactivate if person.is_active else people.reactivate
        with suppress(Refusal):
            verb(user=person, actor=None, at=self.at)

    @rule(who=st.sampled_from(["bob", "carol", "mallory"]))
    def join_or_leave_the_group(self, who):
        person, group = self.person(who), self.company.group
        belongs = GroupMembership.objects.filter(group=group, member=person).exists()
        verb = people.remove_member if belongs else people.add_member
        with suppress(Refusal):
            verb(group=group, member=person, actor=None, at=self.at)

    @rule(identity=st.integers(0, 1), who=st.sampled_from(["olive", "bob", "carol"]))
    def hand_over_identity(self, identity, who):
        row = fresh(self.company.identities[identity])
        with suppress(Refusal):
            catalog.change_identity(identity=row, actor=None, at=self.at, version=row.version, owner=self.person(who))

    @rule(trigger=st.sampled_from(triggers.CHANGES), cause=st.integers(0, 3))
    def something_changes(self, trigger, cause):
        keys = list(ExceptionCase.objects.values_list("pk", flat=True))
        services.fire_many(keys=keys, trigger=trigger, why="It did.", cause=f"change {cause}", at=self.at)

    # The clock, which may also stand still

    @rule(hours=st.sampled_from([1, 5, 24, 72, 168, 240, 600]))
    def time_passes(self, hours):
        self.at += hours * HOUR

    @rule()
    def the_clock_sweeps(self):
        self.company.sweep(self.at)
        for case in ExceptionCase.objects.live():
            services.hand_over_orphan(case=case, at=self.at)
            services.let_backup_go(case=case, at=self.at)
        for case in ExceptionCase.objects.in_force(self.at).select_related("owner"):
            assert case.owner.is_active, "nothing in force is an orphan once the clock has come round"

    # What must hold

    @invariant()
    def approvals_are_counted(self):
        for case in ExceptionCase.objects.filter(state__in=APPROVED):
            for step in judges.standing_steps(case):
                yes = Decision.objects.filter(step=step, verdict=Verdict.APPROVE, voided_at=None, digest=case.digest)
                assert len(set(yes.values_list("person", flat=True))) >= step.count

    @invariant()
    def nothing_outlives_its_end(self):
        for case in ExceptionCase.objects.in_force(self.at):
            assert case.expires_at > self.at >= case.approved_at
            assert case.expires_at <= case.latest_end_at
            assert case.state in {State.ACTIVE, State.EXPIRING}

    @invariant()
    def nothing_counts_whose_safeguards_nobody_knows_to_work(self):
        for case in ExceptionCase.objects.in_force(self.at):
            for guard in case.safeguards.all():
                assert self.at < (guard.verified_at or case.activated_at) + HOLDS + PATIENCE
                assert guard.failed_at is None or self.at < guard.failed_at + PATIENCE

    @invariant()
    def nothing_counts_that_nobody_looked_at(self):
        for case in ExceptionCase.objects.in_force(self.at):
            for review in case.reviews.unanswered():
                assert self.at < review.falls_at
            begun = [one.from_at for one in case.periods.all() if one.from_at <= self.at]
            looks = case.reviews.exclude(outcome="").values_list("reviewed_at", flat=True)
            assert self.at < max([*begun, *looks]) + TURN + WAITED

    @invariant()
    def what_continues_another_never_overlaps_it(self):
        for case in ExceptionCase.objects.exclude(renews=None).exclude(activated_at=None):
            ends = [self.until(period, case.renews) for period in case.renews.periods.all()]
            begins = [one.from_at for one in case.periods.all() if one.from_at < self.until(one, case)]
            assert not begins or not ends or max(ends) <= min(begins)

    @invariant()
    def what_continues_another_answers_what_became_of_it(self):
        asked = ExceptionCase.objects.filter(renewal_number__gt=0).exclude(state__in=[State.DRAFT, State.WITHDRAWN])
        assert not [case for case in asked if not all(getattr(case, name).strip() for name in SINCE)]

    @invariant()
    def terms_only_shrink(self):
        for case in ExceptionCase.objects.exclude(expires_at=None):
            assert case.expires_at <= self.ends.setdefault(case.pk, case.expires_at)
            self.ends[case.pk] = case.expires_at

    @invariant()
    def no_lifetime_is_exceeded(self):
        for identity in self.company.identities:
            periods = Period.objects.filter(case__identity=identity).order_by("from_at")
            for linked in chains([period for period in periods if period.from_at < period.until_at]):
                assert terms.time_in_force(linked) <= timedelta(days=LIFETIME)

    @invariant()
    def what_ended_owes_its_removal(self):
        used = [case for case in ExceptionCase.objects.filter(state__in=ENDED) if was_used(case)]
        open_grants = Grant.objects.filter(case__in=used, removal_state=RemovalState.NOT_OWED)
        assert not open_grants.exists()

    def every_chain_is_told_whole(self):
        for case in ExceptionCase.objects.select_related("control", "identity", "renews"):
            if chain := chain_of(case, self.company.petra, self.at):
                assert case in [link.case for link in chain.links]
                assert chain.hidden == 0
                assert chain.days_by_now <= chain.days <= LIFETIME

    def the_past_is_what_the_events_tell(self):
        span = (self.at - self.company.start + timedelta(days=30)).total_seconds()
        for case in ExceptionCase.objects.all():
            told = Replay(case.stream)
            assert told.state == case.state
            for _ in range(20):
                at = self.company.start + timedelta(seconds=self.instants.uniform(0, span))
                assert case.is_in_force(at) == told.in_force(at)

    # Small steps

    def until(self, period, case):
        return min(period.until_at, case.relied_until_at)

    def case(self, which):
        keys = list(ExceptionCase.objects.order_by("pk").values_list("pk", flat=True))
        return ExceptionCase.objects.get(pk=keys[which % len(keys)]) if keys else None

    def person(self, who):
        return User.objects.get(pk=getattr(self.company, who).pk)

    def attempt(self, verb, which, who, **details):
        case = self.case(which)
        if case is not None:
            with suppress(Refusal):
                verb(case=case, actor=self.person(who), at=self.at, **details)

    def answer(self, verb, which, who):
        case = self.case(which)
        if case is not None:
            self.attempt(verb, which, who, digest=ask.digest(case), reason="Not like this.")


def chains(periods):
    """Periods linked by gaps shorter than a lifetime."""
    linked = []
    for period in periods:
        if linked and period.from_at - max(one.until_at for one in linked) >= timedelta(days=LIFETIME):
            yield linked
            linked = []
        linked.append(period)
    if linked:
        yield linked


def was_used(case):
    return any(period.from_at < period.until_at for period in case.periods.all())


@pytest.mark.django_db
def test_no_order_of_acts_breaks_a_promise():
    live_through(SHORT)


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_no_order_of_many_acts_breaks_a_promise(part, proof_figure):
    live_through(LONG // PARTS)

    name = f"Random sequences of {STEPS} acts, sweeps and waits without a broken promise, part {part + 1} of {PARTS}"
    proof_figure(name, LONG // PARTS)


def live_through(sequences):
    class Here(Life):
        company = Company()

    with (
        patch.dict(freshness.BY_PERSON, every(HOLDS)),
        patch.dict(freshness.GRACE, every(PATIENCE)),
        patch.dict(reviewing.PATIENCE, every(WAITED)),
        patch.dict(reviewing.WITHIN, every(timedelta(days=2))),
    ):
        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=sequences,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
            ),
        )


def every(length):
    return dict.fromkeys(Tier, length)
