"""Who becomes an approver of a step that wants a second factor, and has none, is told then. A real mail server."""

import pytest

from accounts import services as accounts
from accounts.models import User
from catalog import services as catalog
from catalog.models import Tier
from exceptions_app.models import Assurance, Source
from tests.workflows.stage import AT, DAY, person
from tests.workflows.test_effects import work
from workflows import enrolment, rulebook
from workflows.mails import ENROL
from workflows.models import ApprovalRule, Effect, EffectState
from workflows.rule_contents import StepContent


def wanting_a_second_factor():
    step = StepContent(2, "Approver group", Source.CONTROL_GROUP, assurance=Assurance.MFA)
    rulebook.load([rulebook.starter("Every exception", step)], at=AT)


def told(smtp_sink):
    return sorted(one["To"] for one in smtp_sink.messages if one["Subject"] == "[Stopgap] Set up a second factor")


def test_those_a_new_rule_asks_are_told_once(committed, smtp_sink):
    wanting_a_second_factor()

    work()
    work(AT + DAY)

    assert told(smtp_sink) == ["bea@example.org", "bob@example.org"]
    [letter] = smtp_sink.to("bob@example.org")
    for part in ("plain", "html"):
        text = letter.get_body((part,)).get_content()
        assert "Rules that ask for it: Every exception." in text
        assert "/profile/signing-in/" in text


def test_whom_a_rule_asks_from_a_later_day_is_told_when_it_is_made(committed, smtp_sink):
    wanting_a_second_factor()
    ApprovalRule.objects.update(valid_from_at=AT + 30 * DAY)

    work()

    assert told(smtp_sink) == ["bea@example.org", "bob@example.org"]


def test_of_many_that_come_at_once_one_asks_for_all(committed, smtp_sink):
    step = StepContent(2, "System owner", Source.SYSTEM_OWNER, assurance=Assurance.MFA)
    rulebook.load([rulebook.starter("Every exception", step)], at=AT)
    work()
    before = Effect.objects.filter(reaction=ENROL).count()
    for name in ("Ada", "Abe", "Amy"):
        details = {"environment": "development", "criticality": Tier.LOW}
        catalog.create_system(name=f"System of {name}", actor=None, at=AT, owner=person(name), **details)

    work()

    assert Effect.objects.filter(reaction=ENROL).count() == before + 1
    assert {"ada@example.org", "abe@example.org", "amy@example.org"} <= set(told(smtp_sink))


def test_who_joins_the_group_later_is_told_and_the_others_not_again(committed, smtp_sink):
    wanting_a_second_factor()
    work()

    accounts.add_member(group=committed.group, member=person("Nils"), actor=None, at=AT + DAY)
    work(AT + DAY)

    assert told(smtp_sink) == ["bea@example.org", "bob@example.org", "nils@example.org"]


def test_nobody_is_told_where_no_rule_wants_it(committed, smtp_sink):
    accounts.add_member(group=committed.group, member=person("Nils"), actor=None, at=AT)

    work()

    assert told(smtp_sink) == []
    assert set(Effect.objects.filter(reaction=ENROL).values_list("state", flat=True)) == {EffectState.DROPPED}


def lack(at=AT):
    return sorted(user.name for user in enrolment.lacking(User.objects.all(), at=at))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (Source.GROUP, ["Bea", "Bob", "Lea"]),
        (Source.CONTROL_GROUP, ["Bea", "Bob", "Lea"]),
        (Source.CONTROL_OWNER, ["Omar", "Petra"]),
        (Source.CONTROL_LEAD, ["Paula", "Petra"]),
        (Source.SYSTEM_OWNER, ["Omar", "Petra"]),
        (Source.OWNER_MANAGER, ["Paula", "Petra"]),
        (Source.PERSON, ["Omar", "Petra"]),
    ],
)
def test_whoever_a_step_may_ask_and_who_stands_behind_them_lacks_one(stage, source, names):
    accounts.change_group(group=stage.group, actor=None, at=AT, lead=person("Lea"))
    accounts.change_user(user=stage.omar, actor=None, at=AT, manager=stage.petra)
    accounts.change_user(user=stage.petra, actor=None, at=AT, manager=person("Paula"))
    catalog.create_identity(
        actor=None, at=AT, name="svc-omar", kind="service_account", environment="development", owner=stage.omar
    )
    named = {Source.GROUP: {"group": stage.group.slug}, Source.PERSON: {"person": str(stage.omar.pseudonym)}}
    step = StepContent(2, "Approver", source, assurance=Assurance.MFA, **named.get(source, {}))
    rulebook.load([rulebook.starter("Every exception", step)], at=AT)

    found = enrolment.lacking(User.objects.all(), at=AT)

    assert sorted(user.name for user in found) == names
    assert all(rules == ["Every exception"] for rules in found.values())


def test_the_manager_stands_behind_an_owner_who_left(stage):
    accounts.change_user(user=stage.omar, actor=None, at=AT, manager=stage.petra)
    step = StepContent(2, "Owner", Source.CONTROL_OWNER, assurance=Assurance.MFA)
    rulebook.load([rulebook.starter("Every exception", step)], at=AT)

    accounts.deactivate(user=stage.omar, actor=None, at=AT)

    assert lack() == ["Petra"]


def test_members_of_the_fallback_group_lack_one_by_whatever_step_there_is_and_its_lead_does_not(stage):
    last = accounts.create_group(name="Last resort", actor=None, at=AT, lead=person("Lea"))
    accounts.add_member(group=last, member=person("Fay"), actor=None, at=AT)
    accounts.set_fallback(group=last, actor=None, at=AT)
    assert lack() == []

    wanting_a_second_factor()

    assert lack() == ["Bea", "Bob", "Fay"]


def away(stage, absent, delegate, from_at=AT):
    return accounts.announce_absence(
        user=absent, actor=absent, delegate=delegate, from_at=from_at, until_at=from_at + 5 * DAY, reason="Leave", at=AT
    )


def test_who_accepted_to_stand_in_now_or_soon_lacks_one_until_that_ends(stage):
    wanting_a_second_factor()
    dora, dan = person("Dora"), person("Dan")
    now, soon = away(stage, stage.bob, dora), away(stage, stage.bea, dan, AT + 7 * DAY)
    assert lack() == ["Bea", "Bob"], "nobody accepted yet"

    accounts.accept_delegation(absence=now, actor=dora, at=AT)
    accounts.accept_delegation(absence=soon, actor=dan, at=AT)

    assert lack() == ["Bea", "Bob", "Dan", "Dora"]
    assert lack(AT + 6 * DAY) == ["Bea", "Bob", "Dan"]
    accounts.end_absence(absence=soon, actor=dan, at=AT + 6 * DAY)
    assert lack(AT + 6 * DAY) == ["Bea", "Bob"]


def test_who_stands_in_for_somebody_whom_nobody_asks_lacks_none(stage):
    wanting_a_second_factor()
    dora, dan = person("Dora"), person("Dan")
    for absent, delegate in ((stage.alice, dora), (stage.bob, dan)):
        accounts.accept_delegation(absence=away(stage, absent, delegate), actor=delegate, at=AT)

    accounts.deactivate(user=stage.bob, actor=None, at=AT)

    assert lack() == ["Bea"]


def stands_in(stage, nils):
    absence = away(stage, stage.bob, nils)
    yield
    accounts.accept_delegation(absence=absence, actor=nils, at=AT + DAY)


def becomes_manager(stage, nils):
    yield
    accounts.change_user(user=stage.omar, actor=None, at=AT + DAY, manager=nils)


def comes_back(stage, nils):
    accounts.add_member(group=stage.group, member=nils, actor=None, at=AT)
    accounts.deactivate(user=nils, actor=None, at=AT)
    yield
    accounts.reactivate(user=nils, actor=None, at=AT + DAY)


def is_an_auditor_no_more(stage, nils):
    accounts.add_member(group=stage.group, member=nils, actor=None, at=AT)
    accounts.set_roles(user=nils, actor=None, at=AT, is_auditor=True)
    yield
    accounts.set_roles(user=nils, actor=None, at=AT + DAY, is_auditor=False)


def owns_a_new_control(stage, nils):
    yield
    catalog.create_control(
        code="NHI-ROT-02",
        title="Keys are rotated",
        statement="Every year",
        approver_group=stage.group,
        severity=Tier.LOW,
        owner=nils,
        actor=None,
        at=AT + DAY,
    )


def owns_a_new_system(stage, nils):
    yield
    catalog.create_system(
        actor=None, at=AT + DAY, name="ERP", environment="development", criticality=Tier.LOW, owner=nils
    )


def manages_who_owns_a_new_identity(stage, nils):
    owner = person("Olga", manager=nils)
    yield
    catalog.create_identity(
        actor=None, at=AT + DAY, name="svc-new", kind="service_account", environment="development", owner=owner
    )


def manages_who_accepts_an_identity(stage, nils):
    owner = person("Olga", manager=nils)
    identity = catalog.create_identity(
        actor=stage.petra, at=AT, name="svc-new", kind="service_account", environment="development", owner=owner
    )
    yield
    catalog.accept_identity(identity=identity, actor=owner, at=AT + DAY)


@pytest.mark.parametrize(
    "happening",
    [
        stands_in,
        becomes_manager,
        comes_back,
        is_an_auditor_no_more,
        owns_a_new_control,
        owns_a_new_system,
        manages_who_owns_a_new_identity,
        manages_who_accepts_an_identity,
    ],
)
def test_who_comes_to_be_asked_is_told_then_and_nobody_twice(committed, smtp_sink, happening):
    sources = (Source.CONTROL_GROUP, Source.CONTROL_OWNER, Source.SYSTEM_OWNER, Source.OWNER_MANAGER)
    steps = [StepContent(1, str(source.label), source, assurance=Assurance.MFA) for source in sources]
    rulebook.load([rulebook.starter("Every exception", *steps)], at=AT)
    happens = happening(committed, person("Nils"))
    next(happens)
    work()
    before = told(smtp_sink)
    assert before == ["bea@example.org", "bob@example.org", "omar@example.org"]

    next(happens, None)
    work(AT + DAY)

    assert told(smtp_sink) == sorted([*before, "nils@example.org"])


def test_who_lacks_one_is_asked_for_in_a_query_a_step_however_many_they_are(stage, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert enrolment.lacking(User.objects.all(), at=AT) == {}
    wanting_a_second_factor()
    for number in range(5):
        accounts.add_member(group=stage.group, member=person(f"Nils{number}"), actor=None, at=AT)

    with django_assert_num_queries(2):
        assert len(enrolment.lacking(User.objects.all(), at=AT)) == 7
