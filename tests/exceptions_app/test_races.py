"""Sixteen threads at once on a real PostgreSQL: one outcome, one event, the chain whole, nothing approved unseen."""

from functools import partial
from itertools import count

import pytest

from accounts import services as people
from accounts.errors import NotAllowed, NotPossible, Stale
from audit.models import Event
from audit.verify import verify
from exceptions_app import ask, services, terms
from exceptions_app.models import Decision, ExceptionCase, Period
from exceptions_app.narrowing import Narrowing
from exceptions_app.scope import Scope
from tests.exceptions_app.reading import body, events
from tests.exceptions_app.threads import answers, race, refusals
from tests.exceptions_app.world import DAY, HOUR, SINCE, START, World, fresh

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
THREADS = 16
SHORT, LONG = 4, 200


@pytest.fixture(params=[SHORT, pytest.param(LONG, marks=pytest.mark.proof)], ids=["short", "long"])
def rounds(request):
    return request.param


@pytest.fixture
def world(transactional_db):
    world = World()
    for number in range(THREADS):
        people.add_member(group=world.group, member=world.person(f"Approver {number}"), actor=None, at=START)
    return world


@pytest.fixture
def settled(rounds, request, proof_figure):
    """Afterwards every chain is whole; a long run leaves its figure."""
    yield
    report = verify()
    assert report.ok, report.first
    if rounds == LONG:
        name = request.node.originalname.removeprefix("test_").replace("_", " ")
        proof_figure(f"race: {name}", f"{rounds} rounds of {THREADS} threads, one outcome in each")


numbers = count()


def cases(world, rounds, state="requested", **fields):
    """As many cases as rounds, each for an identity of its own."""
    for _turn in range(rounds):
        identity = world.make_identity(f"svc-{next(numbers)}")
        yield getattr(world, state)(identity=identity, **fields)


def approvers(world):
    return [world.person(f"Approver {number}") for number in range(THREADS)]


def kinds(case, kind):
    return events(case).count(kind)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("needed", [1, 2])
def test_approving_at_once(world, rounds, needed):
    router = world.routed((world.group, needed))
    for case in cases(world, rounds, router=router):
        results = race(each_approves(world, case))

        assert len(answers(results)) == needed, results
        assert all(isinstance(refusal, NotPossible) for refusal in refusals(results)), results
        assert fresh(case).state == "approved"
        assert Decision.objects.filter(step__route__case=case, voided_at=None).count() == needed
        assert (kinds(case, "case.decided"), kinds(case, "case.approved")) == (needed, 1)


def each_approves(world, case, people=THREADS):
    """A call for each of so many approvers, all of whom saw the case as it is now."""
    seen = ask.digest(case)
    return [partial(world.approve, case, START, actor=actor, digest=seen) for actor in approvers(world)[:people]]


@pytest.mark.usefixtures("settled")
def test_one_person_approving_from_sixteen_windows(world, rounds):
    router = world.routed((world.group, 2))
    for case in cases(world, rounds, router=router):
        results = race(each_approves(world, case, 1) * THREADS)

        assert len(answers(results)) == 1
        assert all(isinstance(refusal, NotAllowed) for refusal in refusals(results))
        assert (fresh(case).state, Decision.objects.filter(step__route__case=case).count()) == ("requested", 1)


@pytest.mark.usefixtures("settled")
def test_approving_against_amending(world, rounds):
    wider = services.DraftContent(grants=[world.grant("kv/erp/*")])
    for case in cases(world, rounds):
        amend = partial(
            services.amend,
            case=case,
            actor=world.alice,
            at=START,
            version=case.version,
            content=wider,
            router=world.router,
        )
        seen = case.digest

        results = race([amend, *each_approves(world, case, THREADS - 1)])

        row = fresh(case)
        assert len(answers(results)) == 1
        if row.state == "approved":
            assert isinstance(results[0], NotPossible)
            assert row.digest == seen
            assert row.grants.get().resource == "kv/erp/key", "nobody saw the wider grant"
        else:
            assert row.state == "requested"
            assert all(isinstance(refusal, Stale) for refusal in results[1:])
            assert not Decision.objects.filter(step__route__case=case, voided_at=None).exists()


@pytest.mark.usefixtures("settled")
def test_approving_against_withdrawing(world, rounds):
    """An approved case may still be withdrawn, so withdrawing always succeeds, and at most one approval before it."""
    for case in cases(world, rounds):
        withdraw = partial(services.withdraw, case=case, actor=world.alice, at=START)

        withdrawn, *approvals = race([withdraw, *each_approves(world, case, THREADS - 1)])

        assert fresh(case).state == withdrawn.state == "withdrawn"
        assert kinds(case, "case.withdrawn") == 1
        assert kinds(case, "case.approved") == len(answers(approvals)) <= 1


@pytest.mark.usefixtures("settled")
def test_who_is_away_and_who_stands_in_approving_together(world, rounds):
    """Two are needed, and they are one voice."""
    absent, stand_in = world.person("Approver 0"), world.person("Stand-in")
    named = {"from_at": START, "until_at": START + 9 * DAY, "reason": "Leave"}
    absence = people.announce_absence(user=absent, actor=absent, delegate=stand_in, at=START, **named)
    people.accept_delegation(absence=absence, actor=stand_in, at=START)
    for case in cases(world, rounds, router=world.routed((world.group, 2))):
        seen = ask.digest(case)
        both = [partial(world.approve, case, START, actor=actor, digest=seen) for actor in (absent, stand_in)]

        results = race(both * (THREADS // 2))

        assert len(answers(results)) == 1, results
        assert all(isinstance(refusal, NotAllowed) for refusal in refusals(results)), results
        assert (fresh(case).state, Decision.objects.filter(step__route__case=case).count()) == ("requested", 1)


@pytest.mark.usefixtures("settled")
def test_the_last_approver_leaving_during_their_decision(world, rounds):
    """Whichever comes first: their approval is refused, or it does not bring the case into force."""
    for number, identity in enumerate(world.make_identity(f"svc-{next(numbers)}") for _turn in range(rounds)):
        group = world.make_group(f"Group {number} of {rounds}", f"Only {number} of {rounds}")
        only = world.person(f"Only {number} of {rounds}")
        case = world.requested(identity=identity, router=world.routed((group, 1)))
        leave = partial(people.deactivate, user=only, actor=None, at=START)
        decide = partial(world.approve, case, START, actor=only, digest=ask.digest(case))

        left, *approvals = race([leave, *[decide] * (THREADS - 1)])

        given = Decision.objects.filter(step__route__case=case)
        assert not left.is_active
        assert len(answers(approvals)) == given.count() <= 1
        assert fresh(case).state == ("approved" if given else "requested")
        services.activate(case=case, at=START, router=world.routed((group, 1)))
        assert fresh(case).state == "requested"


@pytest.mark.usefixtures("settled")
def test_two_narrowing_at_once_leave_what_both_leave(world, rounds):
    router = world.routed((world.group, 2))
    for case in cases(world, rounds, router=router, grants=[world.grant("kv/*", actions=("read", "list", "write"))]):
        grant, seen = case.grants.get(), ask.digest(case)

        def decide(actor, actions, case=case, grant=grant, seen=seen):
            narrowing = Narrowing(grants={grant.pk: Scope(actions, "kv/*")})
            words = {"statement": "I accept it.", "capacity": "Approver", "narrowing": narrowing}
            return services.approve(case=case, actor=actor, at=START, digest=seen, **words)

        wanted = [("read", "list"), ("read", "write")] * (THREADS // 2)
        results = race([partial(decide, actor, some) for actor, some in zip(approvers(world), wanted, strict=True)])

        assert len(answers(results)) == 2, results
        given = Decision.objects.filter(step__route__case=case).values_list("narrowing", flat=True)
        left = [set(one["grants"][str(grant.pk)]["actions"]) for one in given]
        assert set(fresh(grant).opens.actions) == set.intersection(*left)


@pytest.mark.usefixtures("settled")
def test_rejecting_against_approving(world, rounds):
    for case in cases(world, rounds):
        given = {"case": case, "at": START, "digest": ask.digest(case), "reason": "Too wide."}
        half = THREADS // 2
        rejections = [partial(services.reject, actor=actor, **given) for actor in approvers(world)[half:]]

        results = race([*each_approves(world, case, half), *rejections])

        assert len(answers(results)) == 1
        assert kinds(case, "case.approved") + kinds(case, "case.rejected") == 1
        assert fresh(case).state in {"approved", "rejected"}


@pytest.mark.usefixtures("settled")
def test_the_end_against_revoking(world, rounds):
    half = THREADS // 2
    for case in cases(world, rounds, "active"):
        end = case.expires_at
        expire = partial(services.expire, case=case, at=end)
        given = {"case": case, "at": end - HOUR, "reason": "Leaked."}

        results = race([expire] * half + [partial(services.revoke, actor=a, **given) for a in approvers(world)[:half]])

        row = fresh(case)
        assert kinds(case, "case.expired") + kinds(case, "case.revoked") == 1
        assert sum(map(bool, results[:half])) + len(answers(results[half:])) == 1
        assert row.state in {"closed", "revoked"}
        assert Period.objects.get(case=case).until_at == (end if row.state == "closed" else end - HOUR)
        assert row.grants.get().removal_state == "owed"


@pytest.mark.usefixtures("settled")
def test_submitting_one_draft_at_once(world, rounds):
    for case in cases(world, rounds, "draft"):
        results = race([partial(world.submit, case, START)] * THREADS)

        assert len(answers(results)) == 1
        assert (fresh(case).routes.count(), kinds(case, "case.submitted")) == (1, 1)


@pytest.mark.usefixtures("settled")
def test_submitting_two_renewals_at_once(world, rounds):
    for case in cases(world, rounds, "active"):
        drafts = [services.renew(case=case, actor=world.alice, at=START + DAY, changed=SINCE) for _turn in range(4)]

        results = race([partial(world.submit, draft, START + DAY) for draft in drafts] * 4)

        assert len(answers(results)) == 1
        assert case.renewals.live().count() == 1


@pytest.mark.usefixtures("settled")
def test_sweeping_at_once(world, rounds):
    """Sixteen workers sweep the same due cases: each moves once, and none waits for another in a ring."""
    keys = [case.pk for case in cases(world, rounds, "approved")]
    orders = [keys[number % rounds :] + keys[: number % rounds] for number in range(THREADS)]

    for _again in range(2):
        race([partial(services.activate_many, keys=o, at=START + HOUR, router=world.router) for o in orders])
        race([partial(services.warn_many, keys=order, at=START + 29 * DAY) for order in orders])
        race([partial(services.expire_many, keys=order, at=START + 40 * DAY) for order in orders])
        services.expire_many(keys=keys, at=START + 40 * DAY)

    assert set(ExceptionCase.objects.values_list("state", "end_reason")) == {("closed", "expired")}
    for kind in ("case.activated", "case.expired"):
        assert Event.objects.filter(kind=kind).count() == len(keys)
    assert Event.objects.filter(kind="case.warned").count() <= len(keys)


@pytest.mark.usefixtures("settled")
def test_activating_at_once_for_one_identity_keeps_its_lifetime(world, rounds):
    for _turn in range(min(rounds, 50)):
        identity = world.make_identity(f"svc-{next(numbers)}")
        first = world.active(identity=identity, term_days=90)
        at = first.expires_at
        fields = {"identity": identity, "term_days": 90, "remediation_on": at.date()}
        due = [world.approved(at - DAY, **fields) for _each in range(3)]
        later = [at + number * 30 * DAY for number in range(3)]

        race([partial(services.activate, case=c, at=a, router=world.router) for c, a in zip(due, later, strict=True)])

        assert terms.time_in_force(Period.objects.filter(case__identity=identity)) <= 180 * DAY


@pytest.mark.usefixtures("settled")
def test_a_handover_against_revoking_its_predecessor(world, rounds):
    """Whichever comes first, nothing follows a revoked case by itself."""
    at = START + 2 * DAY
    for case in cases(world, rounds, "active"):
        heir = world.renewal(case, START + DAY)
        approve = partial(world.approve, heir, at, digest=ask.digest(heir))

        race([partial(services.revoke, case=case, actor=world.connie, at=at, reason="Leaked."), approve])

        row = fresh(heir)
        assert (fresh(case).state, row.state in {"requested", "suspended", "approved"}) == ("revoked", True)
        assert not any(period.from_at < period.until_at for period in row.periods.all())
        if row.state == "suspended":
            assert "did not last" in body(heir, "case.suspended")["reason"]


@pytest.mark.usefixtures("settled")
def test_drafting_at_once_uses_no_reference_twice(world, rounds):
    opening = partial(services.open_draft, actor=world.alice, at=START)
    for _turn in range(min(rounds, 20)):
        results = race([opening] * THREADS)

        assert len({case.reference for case in results}) == THREADS


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("end", ["complete", "suspend", "revoke"])
def test_verifying_a_renewal_against_ending_what_it_renews(world, rounds, end):
    """Each needs both rows: nobody is turned away because the two waited for each other."""
    for case in cases(world, rounds, "active"):
        heir = world.renewal(case, START + DAY, safeguards=[world.safeguard(required=True)])
        heir = fresh(world.approve(heir, START + DAY))
        at, words = START + 2 * DAY, {"statement": "Alert fired."}
        verify_it = partial(
            services.verify_safeguard, safeguard=heir.safeguards.get(), actor=world.connie, at=at, **words
        )
        end_it = partial(getattr(services, end), case=case, actor=world.olga, at=at, reason="Odd calls seen.")

        race([verify_it, end_it])

        assert fresh(heir).state in {"requested", "suspended"}
