"""Silence never approves (promise 6): whatever is deleted or emptied while a case is in flight, nothing approves it."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import ProtectedError

from accounts import services as accounts
from accounts.errors import Refusal
from accounts.models import ApproverGroup, GroupMembership, User
from catalog import services as catalog
from exceptions_app import ask, judges
from exceptions_app import services as cases
from exceptions_app.door import SecondDoor
from exceptions_app.models import Decision, ExceptionCase, Route, Step
from tests.workflows.stage import AT, DAY, fresh, person
from workflows import rulebook, sweeps
from workflows.models import ApprovalRule, RuleStep

REFUSED = (Refusal, SecondDoor, ProtectedError, IntegrityError, DatabaseError)


def every_member_goes(stage):
    for row in GroupMembership.objects.select_related("group", "member"):
        with suppress(Refusal):
            accounts.remove_member(group=row.group, member=row.member, actor=None, at=AT)


def everybody_leaves(stage):
    for user in User.objects.exclude(pk__in=[stage.alice.pk, stage.petra.pk]):
        with suppress(Refusal):
            accounts.deactivate(user=user, actor=None, at=AT)


def everybody_audits(stage):
    for user in User.objects.exclude(pk__in=[stage.alice.pk, stage.petra.pk]):
        with suppress(Refusal):
            accounts.set_roles(user=user, is_auditor=True, actor=None, at=AT)


def nobody_leads(stage):
    for group in ApproverGroup.objects.all():
        with suppress(Refusal):
            accounts.change_group(group=group, lead=None, actor=None, at=AT)


def the_rules_are_switched_off(stage):
    ApprovalRule.objects.update(is_on=False)


def the_rules_are_gone(stage):
    RuleStep.objects.all().delete()
    ApprovalRule.objects.all().delete()


def the_control_is_retired(stage):
    catalog.retire_control(control=stage.control, version=stage.control.version, actor=None, at=AT)


def the_identity_is_retired(stage):
    identity = fresh_identity(stage)
    catalog.retire_identity(identity=identity, version=identity.version, actor=None, at=AT)


def everybody_gains(stage):
    """They all become the identity's owner or edit what is asked; the last is left to decide, and has left."""
    identity = fresh_identity(stage)
    details = {"owner": stage.bob, "backup_owner": stage.bea}
    catalog.change_identity(identity=identity, version=identity.version, actor=None, at=AT, **details)


def fresh_identity(stage):
    return type(stage.identity).objects.get(pk=stage.identity.pk)


def rows_go(model):
    def gone(stage):
        with transaction.atomic():
            model.objects.all().delete()

    gone.__name__ = f"every_{model.__name__.lower()}_is_deleted"
    return gone


def steps_are_updated(stage):
    with transaction.atomic():
        Step.objects.update(count=0)


def the_state_is_written(stage):
    with transaction.atomic():
        ExceptionCase.objects.update(state="approved")


ACTS = (
    every_member_goes,
    everybody_leaves,
    everybody_audits,
    nobody_leads,
    the_rules_are_switched_off,
    the_rules_are_gone,
    the_control_is_retired,
    the_identity_is_retired,
    everybody_gains,
    *(rows_go(model) for model in (Step, Route, Decision, ApproverGroup, GroupMembership, User, ExceptionCase)),
    steps_are_updated,
    the_state_is_written,
)


@pytest.fixture
def waiting(stage):
    """A request on three steps by rules, none of them answered, and a fallback group of one."""
    office = accounts.create_group(name="Risk office", actor=None, at=AT)
    accounts.add_member(group=office, member=person("Frida"), actor=None, at=AT)
    accounts.set_fallback(group=office, actor=None, at=AT)
    accounts.change_group(group=stage.group, lead=person("Lena"), actor=None, at=AT)
    for name in ("CISO", "Third parties"):
        group = accounts.create_group(name=name, actor=None, at=AT)
        accounts.add_member(group=group, member=person(f"{name} one".replace(" ", "")), actor=None, at=AT)
    rulebook.load(rulebook.starter_rules(security="ciso", vendors="third-parties"), at=AT)
    catalog.change_identity(identity=stage.identity, version=1, actor=None, at=AT, vendor_name="Acme")
    return stage.requested()


def clock_runs(days, every):
    """So far, looking `every` so many hours."""
    for hours in range(0, days * 24, every):
        for sweep in (*sweeps.CLOCK, *sweeps.REMINDERS):
            sweeps.run(sweep, at=AT + timedelta(hours=hours))


def named(acts):
    return acts[0].__name__ if len(acts) == 1 else "everything"


@pytest.mark.django_db
@pytest.mark.parametrize("acts", [*((act,) for act in ACTS), ACTS], ids=named)
def test_nothing_that_goes_approves_a_case(stage, waiting, acts):
    for act in acts:
        try:
            act(stage)
        except REFUSED:
            continue

    clock_runs(3, every=12)
    midway = fresh(waiting)
    clock_runs(20, every=48)

    case = fresh(waiting)
    assert midway.state == "requested"
    assert (case.state, case.end_reason, case.approved_at) == ("closed", "lapsed", None)
    assert not Decision.objects.exists()


@pytest.mark.django_db
def test_where_everybody_is_gone_nobody_can_approve_and_the_managers_are_named(stage, waiting):
    for act in (every_member_goes, everybody_audits, rows_go(GroupMembership)):
        act(stage)

    for user in User.objects.all():
        with pytest.raises(Refusal):
            cases.approve(
                case=waiting,
                actor=user,
                at=AT + DAY,
                digest=ask.digest(fresh(waiting)),
                statement="I accept it.",
                capacity="Anybody",
            )

    assert not any(asked.sitters for asked in judges.asked(fresh(waiting), AT + DAY))
    assert fresh(waiting).state == "requested"
