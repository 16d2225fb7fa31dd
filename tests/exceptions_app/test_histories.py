"""Separation of duties over random histories: people, roles, delegations, edits and answers in any order (promise 4).

What holds is read from the rows alone, by `law`, which knows nothing of how the product decides.
"""

import random
from collections import Counter
from contextlib import suppress
from itertools import pairwise

import pytest
from django.db import transaction

from accounts import services as people
from accounts.errors import Refusal
from accounts.models import Absence, GroupMembership, User
from catalog import services as catalog
from catalog.models import Tier
from exceptions_app import ask, services
from exceptions_app.models import Decision, Source, State, Step, Verdict
from exceptions_app.narrowing import Narrowing
from exceptions_app.routing import RoutePlan, StepPlan
from exceptions_app.services import DraftContent
from tests.exceptions_app import law
from tests.exceptions_app.world import DAY, HOUR, World, fresh

SHORT, LONG, PARTS, ACTS = 12, 5000, 10, 22
NAMES = ("Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus")


class History:
    """One case and seven people who are anything to it, and to each other."""

    def __init__(self, world, groups, luck):
        self.world, self.groups, self.luck = world, groups, luck
        self.at = world.start
        self.everyone = list(User.objects.filter(name__in=NAMES).order_by("pk"))
        self.reached = Counter()
        self.answered = set()  # keys of those who accepted to own it, or to back its owner, at any time
        self.case = self.first()

    def first(self):
        asker, owner, backup = self.luck.sample(self.everyone, 3)
        case = self.world.draft(
            actor=asker, owner=owner, backup_owner=backup, likelihood=self.luck.choice([2, 5]), term_days=7
        )
        return self.world.submit(case, self.at, actor=asker, router=self.router())

    def router(self):
        """Two or three steps that ask groups or other sources, of one or two people each."""
        plans = []
        for number in range(self.luck.randint(2, 3)):
            source = self.luck.choice([Source.GROUP, Source.GROUP, *Source])
            group = self.luck.choice(self.groups) if source == Source.GROUP else None
            person = self.someone() if source == Source.PERSON else None
            count = self.luck.choice([1, 2])
            plans.append(StepPlan(f"Step {number}", group, count, ("test",), 4 * DAY, Source(source), person))
        return lambda _case: RoutePlan(tuple(plans))

    def someone(self):
        return User.objects.get(pk=self.luck.choice(self.everyone).pk)

    def live(self):
        acts = [self.approve] * 8 + [self.amend, self.submit, self.recuse, self.raise_tier, self.away, self.back]
        acts += [
            self.join_or_leave,
            self.leave_or_return,
            self.audit,
            self.hand_over,
            self.accept,
            self.own,
            self.inherit,
            self.wait,
            self.wait,
        ]
        acts += [self.start, self.reject]
        for _ in range(ACTS):
            self.luck.choice(acts)()
            self.case = fresh(self.case)
            self.nothing_is_broken()

    # What happens

    def approve(self):
        """Three of them try, in any order, until one succeeds."""
        gaining = {person.pk for person in law.gaining(self.case, self.at)}
        for key in self.luck.sample([person.pk for person in self.everyone], 3):
            person = User.objects.get(pk=key)
            with suppress(Refusal):
                self.world_approves(person)
                assert key not in gaining | self.answered, person
                assert law.able(person)
                self.reached["approved"] += 1
                return

    def world_approves(self, person):
        days = self.luck.choice([None, None, 3])
        words = {"statement": "I accept it.", "capacity": "Approver", "narrowing": Narrowing(term_days=days)}
        services.approve(case=self.case, actor=person, at=self.at, digest=ask.digest(self.case), **words)

    def amend(self):
        """A material change; whoever may make it tries."""
        wanted = {"justification": f"Because of reason {self.luck.random()}"}
        if self.luck.random() < 0.3:
            wanted |= {"owner": self.someone(), "backup_owner": None}
        content = DraftContent(wanted)
        given = self.answers().exists()
        with suppress(Refusal):
            version = self.case.version
            writer = self.luck.choice([self.case.requester, self.case.owner, self.someone()])
            common = {"actor": writer, "at": self.at, "version": version, "content": content}
            services.amend(case=self.case, router=self.router(), **common)
            assert not self.answers().exists()
            self.reached["amended"] += given

    def answers(self):
        """What stands and binds; who stepped aside stays aside."""
        standing = Decision.objects.filter(step__route__case=self.case, voided_at=None)
        return standing.exclude(verdict=Verdict.RECUSE)

    def submit(self):
        with suppress(Refusal):
            services.submit(case=self.case, actor=self.case.requester, at=self.at, router=self.router())

    def recuse(self):
        self.attempt(services.recuse, reason="A conflict.")

    def raise_tier(self):
        self.attempt(services.raise_tier, tier=Tier.CRITICAL, reason="Payroll.", router=self.router())

    def reject(self):
        if self.luck.random() < 0.2:
            self.attempt(services.ask_for_changes, digest=ask.digest(self.case), reason="Say more.")

    def accept(self):
        person = self.someone()
        with suppress(Refusal):
            services.accept_backup(case=self.case, actor=person, at=self.at)
            self.answered.add(person.pk)

    def own(self):
        """The owner offers it, and whoever is asked accepts."""
        person = self.someone()
        with suppress(Refusal):
            words = {"to": person, "reason": "I move on."}
            services.offer_ownership(case=self.case, actor=self.case.owner, at=self.at, **words)
            services.accept_ownership(case=self.case, actor=person, at=self.at)
            self.answered.add(person.pk)
            self.reached["owned"] += 1

    def inherit(self):
        services.hand_over_orphan(case=self.case, at=self.at)

    def start(self):
        services.activate(case=self.case, at=self.at, router=self.router())

    def away(self):
        person, delegate = self.luck.sample(self.everyone, 2)
        until_at = self.at + self.luck.choice([6, 60]) * HOUR
        with suppress(Refusal):
            named = {"from_at": self.at, "until_at": until_at, "reason": "Leave"}
            absence = people.announce_absence(user=person, actor=person, delegate=delegate, at=self.at, **named)
            people.accept_delegation(absence=absence, actor=delegate, at=self.at)

    def back(self):
        running = Absence.objects.running(self.at).first()
        if running is not None:
            with suppress(Refusal):
                people.end_absence(absence=running, actor=running.person, at=self.at)

    def join_or_leave(self):
        group, member = self.luck.choice(self.groups), self.someone()
        belongs = GroupMembership.objects.filter(group=group, member=member).exists()
        with suppress(Refusal):
            (people.remove_member if belongs else people.add_member)(group=group, member=member, actor=None, at=self.at)

    def leave_or_return(self):
        person = self.someone()
        with suppress(Refusal):
            (people.deactivate if person.is_active else people.reactivate)(user=person, actor=None, at=self.at)

    def audit(self):
        person = self.someone()
        with suppress(Refusal):
            people.set_roles(user=person, actor=None, at=self.at, is_auditor=not person.is_auditor)

    def hand_over(self):
        row = fresh(self.case.identity)
        with suppress(Refusal):
            catalog.change_identity(identity=row, actor=None, at=self.at, version=row.version, owner=self.someone())

    def wait(self):
        self.at += self.luck.choice([1, 12, 60]) * HOUR

    def attempt(self, verb, **details):
        with suppress(Refusal):
            verb(case=self.case, actor=self.someone(), at=self.at, **details)
            self.reached[verb.__name__] += 1

    # What must hold

    def nothing_is_broken(self):
        for step in Step.objects.filter(route__case=self.case):
            given = Decision.objects.filter(step=step, verdict=Verdict.APPROVE, voided_at=None)
            voices = [key for one in given for key in (one.person_id, one.on_behalf_of_id) if key]
            assert len(voices) == len(set(voices)), "one person fills two places of a step"
            assert step.route.voided_at is None or not given, "an approval outlived its route"
        approvals = Decision.objects.filter(step__route__case=self.case, verdict=Verdict.APPROVE, voided_at=None)
        if self.case.state == State.ACTIVE:
            assert not self.answered & {key for one in approvals for key in (one.person_id, one.on_behalf_of_id)}
        if self.case.state in {State.APPROVED, State.ACTIVE}:
            self.reached[self.case.state] += 1
            assert all(approval.digest == self.case.digest for approval in approvals)
            for step in law.steps_of(self.case):
                assert approvals.filter(step=step).count() >= step.count
            if self.case.risk_tier == Tier.CRITICAL:
                voices = [key for one in approvals for key in (one.person_id, one.on_behalf_of_id) if key]
                assert len(voices) == len(set(voices)), "one person fills two steps of a critical case"
        if self.case.state == State.DRAFT:
            assert not approvals


def company():
    world = World()
    groups = [world.make_group(f"Group {n}", *NAMES[n : n + 3]) for n in range(3)]
    world.fallback  # noqa: B018
    for name, boss in pairwise(NAMES):
        people.change_user(user=world.person(name), actor=None, at=world.start, manager=world.person(boss))
    people.change_group(group=groups[0], actor=None, at=world.start, lead=world.person("Finn"))
    world.control = world.make_control("NHI-SOD", approver_group=groups[1], owner=world.person("Eva"))
    world.system = world.make_system("ERP", owner=world.person("Dan"))
    world.identity = world.make_identity("robot", owner=world.person("Gus"))
    return world, groups


def live_through(histories, seed):
    """Each in a transaction that is taken back; answers how often what was reached."""
    world, groups = company()
    reached = Counter()
    for number in range(histories):
        with transaction.atomic():
            history = History(world, groups, random.Random(f"{seed}-{number}"))
            history.live()
            reached += history.reached
            transaction.set_rollback(True)
    return reached


@pytest.mark.django_db
def test_no_history_lets_anybody_judge_what_they_gain_from():
    reached = live_through(SHORT, "short")

    assert reached["approved"] > SHORT
    assert reached["amended"]
    assert reached["recuse"]
    assert reached["owned"]


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_none_of_many_histories_lets_anybody_judge_what_they_gain_from(part, proof_figure):
    histories = LONG // PARTS

    reached = live_through(histories, part)

    assert reached[State.APPROVED] > histories // 10
    told = f"{histories} of {ACTS} acts, {reached['approved']} approvals, {reached['amended']} changes that voided some"
    proof_figure(f"Random histories in which nobody judged what they gain from, part {part + 1} of {PARTS}", told)
