"""Who becomes an approver of a step that wants a second factor, and has none, is told then. A real mail server."""

import pytest

from accounts import services as accounts
from accounts.models import User
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


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (Source.CONTROL_GROUP, ["Bea", "Bob"]),
        (Source.CONTROL_OWNER, ["Omar"]),
        (Source.CONTROL_LEAD, ["Petra"]),
        (Source.SYSTEM_OWNER, ["Omar"]),
        (Source.OWNER_MANAGER, []),
    ],
)
def test_whoever_a_step_may_ask_lacks_one_by_whatever_it_asks_them(stage, source, names):
    accounts.change_user(user=stage.omar, actor=None, at=AT, manager=stage.petra)
    step = StepContent(2, "Approver", source, assurance=Assurance.MFA)
    rulebook.load([rulebook.starter("Every exception", step)], at=AT)

    found = enrolment.lacking(User.objects.all())

    assert sorted(user.name for user in found) == names
    assert all(rules == ["Every exception"] for rules in found.values())


def test_who_lacks_one_is_asked_for_in_a_query_a_step_however_many_they_are(stage, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert enrolment.lacking(User.objects.all()) == {}
    wanting_a_second_factor()
    for number in range(5):
        accounts.add_member(group=stage.group, member=person(f"Nils{number}"), actor=None, at=AT)

    with django_assert_num_queries(2):
        assert len(enrolment.lacking(User.objects.all())) == 7
