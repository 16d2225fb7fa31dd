"""An approval rule changes by two people, and a rehearsal says what that would have done."""

import pytest
from django.db import IntegrityError, transaction

from accounts import services as accounts
from accounts.errors import NotAllowed, NotPossible
from accounts.models import ProposalState
from audit.models import Event
from catalog.models import Tier
from exceptions_app.limits import Draft
from exceptions_app.models import ExceptionCase
from tests.workflows.stage import AT, DAY, person
from workflows import rule_changes, rulebook
from workflows.models import ApprovalRule, RuleProposal, RuleStep
from workflows.rehearsal import rehearse
from workflows.routing import route_of
from workflows.rule_contents import RuleContent, StepContent

NOTHING = {
    "kinds": [],
    "tier_at_least": None,
    "controls": [],
    "frameworks": [],
    "environments": [],
    "identity_kinds": [],
    "credential_forms": [],
    "with_vendor": False,
    "beyond_reading": False,
    "renewal_at_least": None,
    "longer_than_days": None,
}
BASE = StepContent(2, "Approver group", "control_group")


def content(*steps, **values):
    return RuleContent(
        {"name": "Long ones", "is_on": True, "valid_from_at": None} | NOTHING | values, list(steps) or [BASE]
    )


@pytest.fixture
def ciso(stage):
    return accounts.create_group(name="CISO", actor=None, at=AT)


@pytest.fixture
def peter(stage):
    return person("Peter", is_programme_manager=True)


def propose(stage, *steps, rule=None, by=None, reason="The audit asks", **values):
    return rule_changes.propose_rule(
        rule=rule, content=content(*steps, **values), actor=by or stage.petra, at=AT, reason=reason
    )


def made(stage, peter, *steps, **values):
    return rule_changes.accept_rule(proposal=propose(stage, *steps, **values), actor=peter, at=AT)


def asked(stage):
    return [step.name for step in route_of(Draft(ExceptionCase(control=stage.control), [], []), AT).steps]


def test_a_rule_holds_once_a_second_person_accepts_it(stage, ciso, peter):
    proposal = propose(stage, BASE, StepContent(4, "Last word", "group", group="ciso", count=2))
    assert asked(stage) == ["Platform security"], "the control's group, while nobody accepted"
    assert not ApprovalRule.objects.exists()

    rule = rule_changes.accept_rule(proposal=proposal, actor=peter, at=AT)

    assert asked(stage) == ["Approver group", "Last word"]
    assert (rule.slug, rule.valid_from_at, rule.version) == ("long-ones", AT, 1)
    created = Event.objects.get(kind="rule.created")
    assert (created.actor_id, created.body["proposed_by"]) == (peter.pseudonym, str(stage.petra.pseudonym))
    assert [kind for kind in Event.objects.order_by("sequence").values_list("kind", flat=True) if "rule" in kind] == [
        "rule.change_proposed",
        "rule.created",
        "rule.change_accepted",
    ]


def test_what_a_rule_asks_is_replaced_and_its_history_kept(stage, ciso, peter):
    rule = made(stage, peter)

    proposal = propose(
        stage, StepContent(1, "CISO", "group", group="ciso"), rule=rule, longer_than_days=30, name="Long ones"
    )
    assert sorted(proposal.after) == ["longer_than_days", "steps"]
    changed = rule_changes.accept_rule(proposal=proposal, actor=peter, at=AT + DAY)

    assert (changed.version, changed.longer_than_days, changed.valid_from_at) == (2, 30, AT)
    assert [step.name for step in changed.steps.all()] == ["CISO"]
    assert set(RuleStep.history.values_list("name", "history_type")) == {
        ("Approver group", "+"),
        ("Approver group", "-"),
        ("CISO", "+"),
    }


def test_a_rule_is_switched_off_by_two_and_never_deleted(stage, peter):
    rule = made(stage, peter, BASE, StepContent(1, "Owner", "control_owner"))

    rule_changes.accept_rule(
        proposal=propose(stage, BASE, StepContent(1, "Owner", "control_owner"), rule=rule, is_on=False),
        actor=peter,
        at=AT,
    )

    assert ApprovalRule.objects.get().is_on is False
    assert asked(stage) == ["Platform security"]


def test_the_fallback_rule_cannot_be_switched_off(stage, peter):
    rulebook.load(rulebook.starter_rules(security="x", vendors="y")[:1], at=AT)
    ApprovalRule.objects.update(is_fallback=True)

    with pytest.raises(NotPossible, match="cannot be switched off"):
        propose(stage, rule=ApprovalRule.objects.get(), is_on=False)


def test_nothing_new_is_no_proposal(stage, peter):
    rule = made(stage, peter)

    assert propose(stage, rule=rule) is None
    assert RuleProposal.objects.count() == 1


def test_who_proposed_a_rule_cannot_accept_it_not_even_in_the_database(stage):
    proposal = propose(stage)

    with pytest.raises(NotAllowed, match="somebody else accepts"):
        rule_changes.accept_rule(proposal=proposal, actor=stage.petra, at=AT)
    proposal.state, proposal.answered_by, proposal.answered_at = ProposalState.ACCEPTED, stage.petra, AT
    with pytest.raises(IntegrityError), transaction.atomic():
        proposal.save()


@pytest.mark.parametrize("how", ["member", "lead", "named"])
def test_nobody_proposes_or_accepts_a_rule_that_asks_themselves(stage, ciso, peter, how):
    step = StepContent(1, "Peter", "person", person=str(peter.pseudonym))
    if how == "member":
        accounts.add_member(group=ciso, member=peter, actor=None, at=AT)
    if how == "lead":
        accounts.change_group(group=ciso, lead=peter, actor=None, at=AT)
    if how != "named":
        step = StepContent(1, "CISO", "group", group="ciso")

    with pytest.raises(NotAllowed, match="make you an approver"):
        propose(stage, step, by=peter)
    proposal = propose(stage, step)
    with pytest.raises(NotAllowed, match="make you an approver"):
        rule_changes.accept_rule(proposal=proposal, actor=peter, at=AT)

    assert rule_changes.why_not_accept(proposal, peter)
    assert not ApprovalRule.objects.exists()


@pytest.mark.parametrize("how", ["every request", "switched on"])
def test_nobody_has_a_rule_that_asks_themselves_hold_for_more(stage, ciso, peter, how):
    step, narrow = StepContent(1, "CISO", "group", group="ciso"), {"tier_at_least": Tier.CRITICAL}
    rule = made(stage, peter, step, is_on=how != "switched on", **narrow)
    accounts.add_member(group=ciso, member=peter, actor=None, at=AT)
    wider = narrow if how == "switched on" else {}

    with pytest.raises(NotAllowed, match="make you an approver"):
        propose(stage, step, rule=rule, by=peter, **wider)
    proposal = propose(stage, step, rule=rule, **wider)
    with pytest.raises(NotAllowed, match="make you an approver"):
        rule_changes.accept_rule(proposal=proposal, actor=peter, at=AT)


def test_a_rule_that_holds_is_not_put_off(stage, peter):
    rule = made(stage, peter)

    with pytest.raises(NotPossible, match="holds today, and would not until then") as refused:
        propose(stage, rule=rule, valid_from_at=AT + 7 * DAY)

    assert list(refused.value.fields) == ["valid_from_at"]


def test_a_rule_that_is_off_or_new_may_hold_from_later(stage, peter):
    later = AT + 7 * DAY
    rule = made(stage, peter, is_on=False)

    changed = made(stage, peter, rule=rule, valid_from_at=later)
    other = made(stage, peter, name="Others", valid_from_at=later)

    assert changed.valid_from_at == other.valid_from_at == AT + 7 * DAY
    assert asked(stage) == ["Platform security"]


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_only_programme_managers_change_rules(stage, who):
    actor, proposal = getattr(stage, who), propose(stage)

    for verb in (
        lambda: propose(stage, by=actor, name="Other"),
        lambda: rule_changes.accept_rule(proposal=proposal, actor=actor, at=AT),
        lambda: rule_changes.decline_rule(proposal=proposal, actor=actor, at=AT, reason="No"),
    ):
        with pytest.raises(NotAllowed, match="Only programme managers"):
            verb()


@pytest.mark.parametrize(
    ("steps", "values", "field"),
    [
        ([StepContent(1, "CISO", "group")], {}, "steps-0-group"),
        ([BASE, StepContent(3, "CISO", "group", group="nobody")], {}, "steps-1-group"),
        ([StepContent(1, "Who", "person")], {}, "steps-0-person"),
        ([StepContent(1, "Owner", "control_owner", group="ciso")], {}, "steps-0-group"),
        ([StepContent(0, "Owner", "control_owner")], {}, "steps-0-order"),
        ([StepContent(1, "Owner", "control_owner", count=0)], {}, "steps-0-count"),
        ([StepContent(1, "", "control_owner")], {}, "steps-0-name"),
        ([StepContent(1, "Owner", "moon")], {}, "steps-0-source"),
        ([], {"tier_at_least": 9}, "tier_at_least"),
        ([], {"name": "…"}, "name"),
        ([], {"name": "New"}, "name"),
    ],
)
def test_what_a_rule_cannot_say_is_refused_beside_its_field(stage, ciso, steps, values, field):
    with pytest.raises(NotPossible) as refused:
        propose(stage, *steps, **values)

    assert field in refused.value.fields
    assert not RuleProposal.objects.exists()


def test_a_rule_that_asks_nobody_is_refused(stage):
    with pytest.raises(NotPossible, match="at least one step"):
        rule_changes.propose_rule(
            rule=None, content=RuleContent(content().values, []), actor=stage.petra, at=AT, reason="Why not"
        )


def test_a_reason_is_needed_and_one_change_waits_at_a_time(stage, peter):
    with pytest.raises(NotPossible, match="Say why"):
        propose(stage, reason=" ")
    propose(stage)

    with pytest.raises(NotPossible, match="answered first"):
        propose(stage, by=peter)


def test_a_rule_that_changed_since_is_proposed_anew(stage, peter):
    rule = made(stage, peter)
    proposal = propose(stage, rule=rule, longer_than_days=9)
    ApprovalRule.objects.update(longer_than_days=7)

    with pytest.raises(NotPossible, match="Changed since"):
        rule_changes.accept_rule(proposal=proposal, actor=peter, at=AT)


def test_who_is_named_and_left_meanwhile_is_not_asked(stage, peter):
    proposal = propose(stage, StepContent(1, "Omar", "person", person=str(stage.omar.pseudonym)))
    accounts.deactivate(user=stage.omar, actor=None, at=AT)

    with pytest.raises(NotPossible, match="active person"):
        rule_changes.accept_rule(proposal=proposal, actor=peter, at=AT)


def test_a_declined_rule_leaves_everything_as_it_was(stage, peter):
    proposal = propose(stage)
    with pytest.raises(NotPossible, match="Say why"):
        rule_changes.decline_rule(proposal=proposal, actor=peter, at=AT)

    declined = rule_changes.decline_rule(proposal=proposal, actor=peter, at=AT, reason="Too much")

    assert (declined.state, declined.answer) == (ProposalState.DECLINED, "Too much")
    assert not ApprovalRule.objects.exists()


def test_a_rehearsal_says_what_would_have_come_and_gone(stage, ciso, peter):
    stage.requested(at=AT - 10 * DAY)
    stage.another().requested(at=AT - 5 * DAY)
    stage.another().requested(at=AT - 100 * DAY)
    rule = ApprovalRule(slug="long-ones", **content().values | {"valid_from_at": AT})
    steps = [
        RuleStep(rule=rule, order=1, name="CISO", source="group", group=ciso, count=1),
        RuleStep(rule=rule, order=2, name="Approver group", source="control_group", count=2),
    ]

    found = rehearse(rule, steps, at=AT)

    assert found.cases == 2, "the third was asked before"
    assert (found.added, found.removed) == ([("CISO", 2)], [])
    assert ("Approver group", "needed 2 people instead of 1", 2) in found.altered
    assert not ApprovalRule.objects.exists()


def test_a_rehearsal_of_switching_off_says_what_would_have_gone(stage, ciso, peter):
    stage.requested(at=AT - DAY)
    rule = made(stage, peter, BASE, StepContent(1, "CISO", "group", group="ciso"))
    rule.is_on = False

    found = rehearse(rule, list(rule.steps.all()), at=AT)

    assert (found.added, found.removed) == ([], [("CISO", 1)])


PLAIN = {"assurance": "session", "in_bulk": False, "decide_within_hours": 72, "count": 1}


@pytest.mark.parametrize(
    ("was", "wanted", "told"),
    [
        ({"assurance": "mfa"}, {"assurance": "fresh"}, ["wanted no second factor"]),
        ({"assurance": "mfa"}, {}, ["wanted no fresh sign-in", "wanted no second factor"]),
        ({"assurance": "fresh"}, {"assurance": "mfa"}, ["wanted a second factor"]),
        ({}, {"assurance": "fresh"}, ["wanted a fresh sign-in"]),
        ({}, {"in_bulk": True}, ["allowed decisions among many"]),
        ({"in_bulk": True}, {}, ["allowed only decisions one by one"]),
        ({}, {"decide_within_hours": 24}, ["had 24 hours to decide instead of 72"]),
        ({}, {"decide_within_hours": 1}, ["had 1 hour to decide instead of 72"]),
        ({"decide_within_hours": None}, {}, ["had 72 hours to decide instead of 168"]),
        ({"count": 2}, {}, ["needed 1 person instead of 2"]),
        ({}, {}, []),
    ],
)
def test_a_rehearsal_says_how_a_step_would_have_been_asked_otherwise(stage, peter, was, wanted, told):
    rule = made(stage, peter, StepContent(2, "Approver group", "control_group", **PLAIN | was))
    stage.requested(at=AT - 10 * DAY)
    stage.another().requested(at=AT - 5 * DAY)

    step = RuleStep(rule=rule, order=2, name="Approver group", source="control_group", **PLAIN | wanted)
    found = rehearse(rule, [step], at=AT)

    assert sorted(found.altered) == [("Approver group", what, 2) for what in told]
    assert found.changes_nothing == (not told)


def test_a_rehearsal_says_which_steps_would_have_changed_places(stage, ciso, peter):
    board = accounts.create_group(name="Board", actor=None, at=AT)
    stage.requested(at=AT - DAY)
    rule = made(stage, peter, BASE, StepContent(3, "CISO", "group", group="ciso"))
    steps = [
        RuleStep(rule=rule, order=1, name="CISO", source="group", group=ciso),
        RuleStep(rule=rule, order=2, name="Board", source="group", group=board),
        RuleStep(rule=rule, order=4, name="Approver group", source="control_group"),
    ]

    found = rehearse(rule, steps, at=AT)

    assert found.added == [("Board", 1)]
    assert sorted(found.altered) == [("Approver group", "come later", 1), ("CISO", "come earlier", 1)]


def test_a_step_that_only_has_another_before_it_has_not_changed_places(stage, ciso, peter):
    stage.requested(at=AT - DAY)
    rule = made(stage, peter, BASE)
    first = RuleStep(rule=rule, order=1, name="CISO", source="group", group=ciso)
    second = RuleStep(rule=rule, order=2, name="Approver group", source="control_group")

    found = rehearse(rule, [first, second], at=AT)

    assert (found.added, found.altered) == ([("CISO", 1)], [])


def test_two_steps_of_one_name_count_a_case_once(stage, ciso, peter):
    stage.requested(at=AT - DAY)
    rule = made(stage, peter, BASE)
    board = accounts.create_group(name="Board", actor=None, at=AT)
    twins = [RuleStep(rule=rule, order=3, name="Second look", source="group", group=one) for one in (ciso, board)]

    found = rehearse(rule, [*rule.steps.all(), *twins], at=AT)

    assert found.added == [("Second look", 1)]


def test_a_rule_for_other_requests_would_have_changed_nothing(stage, ciso):
    stage.requested(at=AT - DAY)
    rule = ApprovalRule(
        slug="x", **content(tier_at_least=Tier.CRITICAL).values | {"valid_from_at": AT, "kinds": ["retrospective"]}
    )

    assert rehearse(rule, [RuleStep(order=1, name="CISO", source="group", group=ciso)], at=AT).changes_nothing
