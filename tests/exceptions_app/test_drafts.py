"""Drafts: written, saved by two at once, copied, taken back; what keeps one from being asked."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed, NotPossible, Stale
from catalog import services as catalog
from catalog.models import Tier
from exceptions_app import services
from exceptions_app.models import ExceptionCase, Grant, Kind
from exceptions_app.services import DraftContent
from exceptions_app.triggers import CHANGES
from tests.exceptions_app.reading import assert_intact, body, events, last, refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh

pytestmark = pytest.mark.django_db


def save(world, case, version, actor=None, **content):
    fields = content.pop("fields", {})
    return services.save_draft(
        case=case,
        actor=actor or world.alice,
        at=START + HOUR,
        version=version,
        content=DraftContent(fields, **content),
    )


def test_a_draft_is_a_row_with_history_and_an_event(world):
    case = world.draft()

    row = fresh(case)
    assert (row.reference, row.state, row.version) == ("EXC-2026-0001", "draft", 1)
    assert (row.requester, row.owner, row.risk_tier) == (world.alice, world.olga, Tier.MODERATE)
    assert events(case) == ["case.drafted"]
    assert row.history.get().history_user == world.alice
    assert (row.grants.count(), row.safeguards.count()) == (1, 1)
    assert row.grants.get().history.count() == 1
    assert_intact()


def test_an_empty_draft_is_kept_too(world):
    case = services.open_draft(actor=world.alice, at=START)

    assert (fresh(case).owner, fresh(case).risk_tier) == (world.alice, None)


def test_references_count_within_the_year(world):
    first, second = world.draft(), world.draft()
    next_year = world.draft(START + 365 * DAY)

    assert [case.reference for case in (first, second, next_year)] == [
        "EXC-2026-0001",
        "EXC-2026-0002",
        "EXC-2027-0001",
    ]


@pytest.mark.parametrize("who", ["audrey", "gone"])
def test_auditors_and_people_who_left_open_none(world, who):
    actor = world.audrey if who == "audrey" else people.deactivate(user=world.person("Dan"), actor=None, at=START)

    with refused(NotAllowed):
        services.open_draft(actor=actor, at=START)
    assert not ExceptionCase.objects.exists()


def test_a_later_writer_is_shown_the_other_version_and_nothing_is_lost(world):
    case = world.draft()
    save(world, case, 1, fields={"title": "Olga was here"}, actor=world.olga)

    with refused(Stale, case) as caught:
        save(world, case, 1, fields={"title": "Alice was here"})

    assert caught.value.current.title == "Olga was here"
    assert save(world, case, 2, fields={"title": "Alice was here"}).version == 3
    assert_intact()


def test_attaching_evidence_makes_other_copies_stale(world):
    case = world.draft()
    services.attach_link(case=case, actor=world.olga, at=START, title="Ticket", url="https://tickets.example.org/1")

    with refused(Stale, case):
        save(world, case, 1, fields={"title": "Mine"})


def test_saving_says_what_changed(world):
    case = world.draft()

    save(world, case, 1, fields={"title": "New", "impact": 4}, grants=[world.grant("kv/erp/other")])

    told = body(case, "case.edited")
    assert set(told["changed"]) >= {"title", "impact", "grants"}
    assert "safeguards" not in told["changed"]
    assert fresh(case).grants.get().resource == "kv/erp/other"
    assert fresh(case).grants.get().history.count() == 2


def test_grants_are_changed_row_by_row_and_those_left_out_go(world):
    case = world.draft(grants=[world.grant("kv/a"), world.grant("kv/b"), world.grant("kv/c")])
    kept = list(case.grants.order_by("pk").values_list("pk", flat=True))

    save(world, case, 1, grants=[world.grant("kv/a"), world.grant("kv/x")])

    rows = list(case.grants.order_by("pk"))
    assert [row.pk for row in rows] == kept[:2]
    assert [row.resource for row in rows] == ["kv/a", "kv/x"]
    assert Grant.history.filter(id=kept[2]).count() == 2, "its history stays, the removal included"
    assert [grant.history.count() for grant in rows] == [1, 2]
    assert_intact()


def test_a_field_that_is_the_registers_own_cannot_be_written(world):
    case = world.draft()

    for name in ("state", "requester", "risk_tier", "expires_at", "renews", "digest", "backup_accepted_at"):
        with pytest.raises(ValueError, match="not a draft's field"):
            save(world, case, 1, fields={name: None})
        with pytest.raises(ValueError, match="not a draft's field"):
            services.open_draft(actor=world.alice, at=START, content=DraftContent({name: None}))
    assert fresh(case).version == 1


def test_owner_and_backup_are_two_people_from_the_first_save(world):
    case = world.draft()

    with refused(NotPossible, case) as caught:
        save(world, case, 1, fields={"backup_owner": world.olga})
    assert "backup_owner" in caught.value.fields
    with refused(NotPossible):
        world.draft(backup_owner=world.olga)


def test_people_may_raise_the_tier_and_never_lower_it(world):
    case = world.draft(raised_tier=Tier.CRITICAL, term_days=14)
    assert fresh(case).risk_tier == Tier.CRITICAL
    assert world.submit(case, START).risk_tier == Tier.CRITICAL

    low = world.draft(raised_tier=Tier.LOW, identity=world.make_identity("payroll"))

    assert fresh(low).risk_tier == Tier.MODERATE
    assert world.submit(low, START).risk_tier == Tier.MODERATE


def test_a_duplicate_is_the_writers_own(world):
    case = world.active()

    copy = services.duplicate(case=case, actor=world.mallory, at=START + DAY)

    row = fresh(copy)
    assert (row.state, row.requester, row.owner, row.renews, row.expires_at) == (
        "draft",
        world.mallory,
        world.mallory,
        None,
        None,
    )
    assert [grant.resource for grant in row.grants.all()] == ["kv/erp/key"]
    assert not row.safeguards.get().verified_at
    assert_intact()


def test_a_renewal_keeps_owner_and_knows_its_predecessor(world):
    case = world.active()

    renewal = services.renew(case=case, actor=world.alice, at=START + DAY)

    assert (renewal.renews, renewal.owner, renewal.requester) == (case, world.olga, world.alice)


@pytest.mark.parametrize("who", ["mallory", "bob", "audrey"])
def test_only_those_who_asked_renew(world, who):
    case = world.active()

    with refused(NotAllowed, case):
        services.renew(case=case, actor=getattr(world, who), at=START + DAY)


@pytest.mark.parametrize("state", ["draft", "requested", "approved", "rejected", "withdrawn", "revoked"])
def test_what_is_not_or_no_longer_rightly_in_force_is_not_renewed(world, state):
    case = getattr(world, state)()

    with refused(NotPossible, case):
        services.renew(case=case, actor=world.alice, at=START + DAY)


def test_a_renewal_of_what_never_was_in_force_is_refused(world):
    case = world.requested()
    services.lapse(case=case, at=case.decide_by_at)

    with refused(NotAllowed, case, says="never in force"):
        services.renew(case=case, actor=world.alice, at=START + 20 * DAY)


def test_a_renewal_is_for_the_same_control_and_identity(world):
    case = world.active()
    renewal = services.renew(case=case, actor=world.alice, at=START + DAY)
    save(world, renewal, 1, fields={"identity": world.make_identity("payroll")})

    with refused(NotPossible, renewal, says="keeps control and identity"):
        world.submit(renewal, START + DAY)


@pytest.mark.parametrize("state", ["draft", "requested", "approved"])
def test_withdrawing_leaves_the_story(world, state):
    case = getattr(world, state)()

    services.withdraw(case=case, actor=world.olga, at=START + HOUR, reason=" Not needed. ")

    assert (fresh(case).state, fresh(case).ended_at) == ("withdrawn", START + HOUR)
    assert body(case, "case.withdrawn") == {"from_state": state, "reason": "Not needed."}
    assert last(case).actor_id == world.olga.pseudonym
    assert_intact()


# What keeps it from being asked

LACKS = {
    "title": {"title": " "},
    "blocked": {"blocked": ""},
    "normal_path": {"normal_path": ""},
    "justification": {"justification": "\n"},
    "on_change": {"on_change": dict.fromkeys((trigger.value for trigger in CHANGES), "nothing")},
    "exit_plan": {"exit_plan": ""},
    "excess_reason": {"excess": "The role reads all keys."},
    "credential_form": {"credential_form": ""},
    "control": {"control": None},
    "identity": {"identity": None},
    "owner": {"owner": None},
    "grants": {"grants": []},
    "safeguards": {"safeguards": []},
    "likelihood": {"likelihood": None},
    "impact": {"impact": None},
    "remediation_on": {"remediation_on": None},
    "term_days": {"term_days": None},
    "exposed_from_at": {"kind": Kind.RETROSPECTIVE},
    "kind": {"kind": Kind.BREAK_GLASS},
}


@pytest.mark.parametrize("field", LACKS)
def test_nothing_open_ended_is_asked(world, field):
    case = world.draft(**LACKS[field])

    with refused(NotPossible, case) as caught:
        world.submit(case, START)

    assert set(caught.value.fields) == {field}


@pytest.mark.parametrize(
    ("grant", "field"),
    [
        ({"actions": ()}, "grants-0-actions"),
        ({"actions": ("*",)}, "grants-0-actions"),
        ({"actions": ("read*",)}, "grants-0-actions"),
        ({"resource": "*"}, "grants-0-resource"),
        ({"resource": ""}, "grants-0-resource"),
        ({"resource": "kv/*/key"}, "grants-0-resource"),
    ],
    ids=str,
)
def test_nothing_unbounded_is_asked(world, grant, field):
    case = world.draft(grants=[world.grant(**grant)])

    with refused(NotPossible, case) as caught:
        world.submit(case, START)

    assert set(caught.value.fields) == {field}


def test_a_grant_names_its_system(world):
    case = world.draft(grants=[services.GrantContent(None, ("read",), "kv/erp/key")])

    with refused(NotPossible, case) as caught:
        world.submit(case, START)

    assert set(caught.value.fields) == {"grants-0-system"}


def test_every_problem_is_told_at_once(world):
    case = services.open_draft(actor=world.alice, at=START)

    with refused(NotPossible, case) as caught:
        world.submit(case, START)

    assert set(caught.value.fields) >= {"title", "control", "identity", "grants", "safeguards", "impact", "term_days"}


@pytest.mark.parametrize("why", ["retired control", "closed control", "retired identity", "owner who left"])
def test_what_is_out_of_use_is_not_asked_for(world, why):
    case = world.draft()
    match why:
        case "retired control":
            catalog.retire_control(control=world.control, version=1, actor=None, at=START)
        case "closed control":
            catalog.change_control(control=world.control, version=1, actor=None, at=START, exceptions_allowed=False)
        case "retired identity":
            catalog.retire_identity(identity=world.identity, version=1, actor=None, at=START)
        case "owner who left":
            people.deactivate(user=world.olga, actor=None, at=START)

    with refused(NotPossible, case):
        world.submit(case, START)


def test_a_retrospective_exception_opens_nothing_in_the_past(world):
    case = world.active(kind=Kind.RETROSPECTIVE, exposed_from_at=START - 100 * DAY)

    assert not case.is_in_force(START - DAY)
    assert case.periods.get().from_at == START
    assert case.is_in_force(START)


def test_submitting_pins_ask_route_and_deadlines(world):
    case = world.requested(at=START)

    row = fresh(case)
    route = row.routes.get()
    assert (row.state, row.submitted_at, row.decide_by_at) == ("requested", START, START + 5 * DAY)
    assert row.latest_end_at == START + (5 + 14 + 30) * DAY
    assert (route.round, route.digest, route.steps.get().group) == (1, row.digest, world.group)
    assert route.steps.get().reasons == ["control"]
    told = body(case, "case.submitted")
    assert (told["digest"], told["risk_tier"], told["renewal_number"]) == (row.digest, 2, 0)
    assert_intact()
