"""What limits exceptions to a control changes by two people; the rest by one, at once."""

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import NotAllowed, NotPossible
from accounts.models import ProposalState
from audit.models import Event
from catalog import services
from catalog.models import ControlProposal, SafeguardKind, Tier
from catalog.services.proposals import GUARDED
from tests.factories import AT, ApproverGroupFactory, ControlFactory, UserFactory, bob, mallory, petra

pytestmark = pytest.mark.django_db

LOOSENED = {
    "approver_group": lambda: ApproverGroupFactory(slug="friends"),
    "exceptions_allowed": lambda: False,
    "severity": lambda: Tier.LOW,
    "required_safeguards": lambda: {SafeguardKind.NETWORK.value: Tier.HIGH.value},
    "term_cap_low": lambda: 179,
    "term_cap_moderate": lambda: 89,
    "term_cap_high": lambda: 29,
    "term_cap_critical": lambda: 13,
    "lifetime_cap_low": lambda: 364,
    "lifetime_cap_moderate": lambda: 179,
    "lifetime_cap_high": lambda: 89,
    "lifetime_cap_critical": lambda: 27,
    "review_days_low": lambda: 89,
    "review_days_moderate": lambda: 59,
    "review_days_high": lambda: 29,
    "review_days_critical": lambda: 6,
}


def pia():
    return UserFactory(email="pia@example.com", name="Pia Pil", is_programme_manager=True)


def propose(control, *, why="The audit asks for it", **values):
    return services.change_control(control=control, version=control.version, actor=petra(), at=AT, why=why, **values)


def test_the_table_above_names_every_guarded_field():
    assert set(LOOSENED) == GUARDED


@pytest.mark.parametrize("field", LOOSENED)
def test_a_limit_waits_for_a_second_person_and_then_changes(field):
    control, value = ControlFactory(), LOOSENED[field]()
    before = getattr(control, field)

    propose(control, **{field: value})

    control.refresh_from_db()
    assert getattr(control, field) == before
    proposal = control.proposals.get()
    services.accept_proposal(proposal=proposal, actor=pia(), at=AT)
    control.refresh_from_db()
    assert getattr(control, field) == value
    event = Event.objects.get(kind="control.changed")
    assert (event.actor_id, event.body["proposed_by"]) == (pia().pseudonym, str(petra().pseudonym))
    assert Event.objects.filter(kind="control.change_accepted").exists()


def test_what_limits_nothing_changes_at_once():
    control = ControlFactory()

    changed = propose(control, why="", title="Rotation", end_conditions=["The vendor supports OIDC"])

    assert (changed.title, changed.end_conditions) == ("Rotation", ["The vendor supports OIDC"])
    assert not ControlProposal.objects.exists()


def test_one_form_may_hold_both():
    changed = propose(ControlFactory(), title="Rotation", term_cap_low=100)

    assert (changed.title, changed.term_cap_low) == ("Rotation", 180)
    assert changed.proposals.get().after == {"term_cap_low": 100}


def test_the_system_needs_no_second_person():
    control = ControlFactory()

    services.change_control(control=control, version=1, actor=None, at=AT, term_cap_low=100)

    control.refresh_from_db()
    assert control.term_cap_low == 100


def test_who_proposed_it_does_not_accept_it():
    propose(ControlFactory(), term_cap_low=100)

    with pytest.raises(NotAllowed, match="somebody else accepts"):
        services.accept_proposal(proposal=ControlProposal.objects.get(), actor=petra(), at=AT)


def test_the_database_knows_that_too():
    propose(ControlFactory(), term_cap_low=100)
    row = ControlProposal.objects.get()
    row.state, row.answered_by, row.answered_at = ProposalState.ACCEPTED, row.proposed_by, AT

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_nobody_but_programme_managers_answers():
    propose(ControlFactory(), term_cap_low=100)
    proposal = ControlProposal.objects.get()

    for verb in (services.accept_proposal, services.decline_proposal):
        with pytest.raises(NotAllowed):
            verb(proposal=proposal, actor=mallory(), at=AT)


def test_a_second_person_may_decline_with_a_reason_and_the_first_withdraw():
    propose(ControlFactory(), term_cap_low=100)
    with pytest.raises(NotPossible, match="Say why"):
        services.decline_proposal(proposal=ControlProposal.objects.get(), actor=pia(), at=AT)

    services.decline_proposal(proposal=ControlProposal.objects.get(), actor=pia(), at=AT, reason="Too short")
    control = ControlProposal.objects.get().control
    propose(control, term_cap_low=110)
    services.decline_proposal(proposal=control.proposals.latest("pk"), actor=petra(), at=AT)

    assert list(control.proposals.values_list("state", flat=True)) == ["declined", "withdrawn"]
    control.refresh_from_db()
    assert control.term_cap_low == 180


def test_an_answer_is_given_once():
    propose(ControlFactory(), term_cap_low=100)
    proposal = ControlProposal.objects.get()
    services.accept_proposal(proposal=proposal, actor=pia(), at=AT)

    with pytest.raises(NotPossible, match="answered already"):
        services.decline_proposal(proposal=proposal, actor=pia(), at=AT, reason="No")


def test_a_limit_changes_for_a_reason():
    with pytest.raises(NotPossible, match="Say why") as refusal:
        propose(ControlFactory(), why=" ", term_cap_low=100)

    assert "why" in refusal.value.fields


def test_a_proposal_that_the_control_could_not_take_is_refused_at_once():
    with pytest.raises(NotPossible, match="A higher risk never has a longer cap"):
        propose(ControlFactory(), term_cap_critical=31)


def test_one_proposal_waits_at_a_time_and_the_same_twice_is_one():
    control = ControlFactory()
    propose(control, term_cap_low=100)

    propose(control, term_cap_low=100)
    with pytest.raises(NotPossible, match="Another change of these limits waits"):
        propose(control, term_cap_low=90)

    assert control.proposals.count() == 1


def test_a_proposal_that_was_overtaken_is_not_accepted():
    control = ControlFactory()
    propose(control, term_cap_low=100)
    services.change_control(control=control, version=1, actor=None, at=AT, term_cap_low=120)

    with pytest.raises(NotPossible, match="Changed since"):
        services.accept_proposal(proposal=ControlProposal.objects.get(), actor=pia(), at=AT)


def test_nobody_gives_a_control_to_their_own_group_by_either_half():
    group = ApproverGroupFactory(slug="mine")
    for person in (petra(), bob(group)):
        group.memberships.get_or_create(member=person, defaults={"added_at": AT})
    with pytest.raises(NotAllowed, match="You belong to this group"):
        propose(ControlFactory(), approver_group=group)
    group.memberships.filter(member=petra()).delete()
    propose(ControlFactory(), approver_group=group)
    group.memberships.create(member=pia(), added_at=AT)

    with pytest.raises(NotAllowed, match="You belong to this group"):
        services.accept_proposal(proposal=ControlProposal.objects.get(), actor=pia(), at=AT)
