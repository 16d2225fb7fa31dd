"""Who decides on exceptions changes by two people, neither of whom it makes an approver."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import queries, services
from accounts.errors import NotAllowed, NotPossible, Refusal, Stale
from accounts.models import ApproverGroup, GroupProposal, ProposalState, User
from audit.models import Event
from tests.accounts.asserts import assert_recorded
from tests.factories import AT, ApproverGroupFactory, UserFactory, alice, bob, mallory, petra, sue

STREAM = "accounts/groups/payments-security"


@pytest.fixture
def group(db):
    return ApproverGroupFactory(slug="payments-security", name="Payments security", members=[bob()])


@pytest.fixture
def peter(db):
    """A second programme manager."""
    return UserFactory(name="Peter", is_programme_manager=True)


def propose(group, by=None, **wanted):
    return services.propose_group_change(group=group, actor=by or petra(), at=AT, **wanted)


def accept(proposal, by):
    return services.accept_group_change(proposal=proposal, actor=by, at=AT)


def test_nothing_changes_before_a_second_person_accepts(group, peter):
    proposal = propose(group, add=[alice()], reason=" Nights ")

    assert set(group.members.all()) == {bob(group)}
    body = assert_recorded(proposal, stream=STREAM, kind="group.change_proposed", by=petra(), at=AT, sign="+")
    assert body["reason"] == "Nights"
    assert str(alice().pseudonym) in body["changes"]["members"]["after"]

    accept(proposal, peter)

    membership = group.memberships.get(member=alice())
    assert membership.added_by == peter
    added = Event.objects.get(kind="group.member_added")
    assert (added.actor_id, added.body["proposed_by"]) == (peter.pseudonym, str(petra().pseudonym))
    proposal.refresh_from_db()
    assert (proposal.state, proposal.answered_by) == (ProposalState.ACCEPTED, peter)
    assert Event.objects.filter(kind="group.change_accepted").count() == 1


def test_what_one_person_proposes_adds_up_to_one_change(group, peter):
    propose(group, add=[alice()])
    propose(group, lead=sue())
    proposal = propose(group, remove=[bob(group)])

    assert GroupProposal.objects.count() == 1
    accept(proposal, peter)

    group.refresh_from_db()
    assert (list(group.members.all()), group.lead) == ([alice()], sue())


def test_a_change_taken_back_is_withdrawn(group):
    propose(group, add=[alice()])

    assert propose(group, remove=[alice()]) is None

    assert GroupProposal.objects.get().state == ProposalState.WITHDRAWN


@pytest.mark.parametrize("verb", ["add", "remove"])
def test_nobody_proposes_or_accepts_their_own_membership(verb, peter):
    group = ApproverGroupFactory(members=[peter, bob()] if verb == "remove" else [bob()])

    with pytest.raises(NotAllowed, match="own membership"):
        propose(group, peter, **{verb: [peter]})
    proposal = propose(group, **{verb: [peter]})
    with pytest.raises(NotAllowed, match="own membership"):
        accept(proposal, peter)

    assert proposal.state == ProposalState.WAITING


def test_nobody_proposes_or_accepts_themselves_as_lead(group, peter):
    with pytest.raises(NotAllowed, match="own membership"):
        propose(group, peter, lead=peter)
    with pytest.raises(NotAllowed, match="own membership"):
        accept(propose(group, lead=peter), peter)


def test_nobody_makes_a_group_they_decide_in_the_fallback(peter):
    group = ApproverGroupFactory(members=[peter, bob()])

    with pytest.raises(NotAllowed, match="somebody else"):
        propose(group, peter, is_fallback=True)
    with pytest.raises(NotAllowed, match="somebody else"):
        accept(propose(group, is_fallback=True), peter)
    accept(GroupProposal.objects.get(), sue())

    assert ApproverGroup.objects.fallback() == group


def test_who_proposed_it_cannot_accept_it_not_even_in_the_database(group):
    proposal = propose(group, add=[alice()])

    with pytest.raises(NotAllowed, match="somebody else accepts"):
        accept(proposal, petra())
    proposal.state, proposal.answered_by, proposal.answered_at = ProposalState.ACCEPTED, petra(), AT
    with pytest.raises(IntegrityError), transaction.atomic():
        proposal.save()


def test_what_was_added_after_one_read_it_is_read_before_it_is_accepted(group, peter):
    read = propose(group, add=[alice()])
    propose(group, add=[mallory()], remove=[bob()])

    with pytest.raises(Stale, match="Read it before you accept it"):
        accept(read, peter)

    assert set(group.members.all()) == {bob(group)}
    accept(GroupProposal.objects.get(), peter)
    assert set(group.members.all()) == {alice(), mallory()}


@pytest.mark.parametrize("power", ["account", "address", "role", "return"])
def test_no_account_is_the_second_person_for_whoever_made_it_what_it_is(group, power):
    given = {"is_programme_manager": True, "email": "second@example.com", "name": "Second"}
    if power == "account":
        second = services.create_user(actor=petra(), at=AT, **given)
    else:
        second = services.create_user(actor=None, at=AT, **given | {"is_programme_manager": power != "role"})
    if power == "address":
        services.change_user(user=second, actor=petra(), at=AT, email="mine@example.com")
    if power == "role":
        services.set_roles(user=second, actor=petra(), at=AT, is_programme_manager=True)
    if power == "return":
        services.deactivate(user=second, actor=None, at=AT)
        services.reactivate(user=second, actor=petra(), at=AT)
    proposal = propose(group, add=[alice()])

    with pytest.raises(NotAllowed, match="Petra Palm made your account, or gave it its address or role"):
        accept(proposal, User.objects.get(pk=second.pk))

    assert set(group.members.all()) == {bob(group)}


def test_who_was_made_by_somebody_else_accepts_whatever_name_they_were_given_since(group, peter):
    second = services.create_user(
        actor=peter, at=AT, email="second@example.com", name="Second", is_programme_manager=True
    )
    services.change_user(user=second, actor=petra(), at=AT, name="Secunda")

    accept(propose(group, add=[alice()]), User.objects.get(pk=second.pk))

    assert alice() in group.members.all()


@pytest.mark.parametrize("who", [alice, mallory])
def test_others_neither_propose_nor_answer(group, who):
    actor, proposal = who(), propose(group, add=[sue()])

    for verb in (
        lambda: propose(group, actor, add=[alice()]),
        lambda: accept(proposal, actor),
        lambda: services.decline_group_change(proposal=proposal, actor=actor, at=AT, reason="No"),
    ):
        with pytest.raises(NotAllowed):
            verb()


def test_another_manager_answers_what_waits_before_they_propose(group, peter):
    propose(group, add=[alice()])

    with pytest.raises(NotPossible, match="answered first"):
        propose(group, peter, add=[sue()])


def test_a_group_that_changed_since_is_proposed_anew(group, peter):
    proposal = propose(group, add=[alice()])
    services.add_member(group=group, member=sue(), actor=None, at=AT)

    with pytest.raises(NotPossible, match="Changed since: members"):
        accept(proposal, peter)

    assert alice() not in group.members.all()


def test_who_left_meanwhile_does_not_join(group, peter):
    proposal = propose(group, add=[alice()])
    services.deactivate(user=alice(), actor=None, at=AT)

    with pytest.raises(NotPossible, match="deactivated"):
        accept(proposal, peter)


def test_declining_takes_a_reason_and_withdrawing_none(group, peter):
    proposal = propose(group, add=[alice()])
    with pytest.raises(NotPossible, match="Say why"):
        services.decline_group_change(proposal=proposal, actor=peter, at=AT)

    services.decline_group_change(proposal=proposal, actor=peter, at=AT, reason="Too many")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.answer) == (ProposalState.DECLINED, "Too many")
    with pytest.raises(NotPossible, match="answered already"):
        accept(proposal, peter)

    again = propose(group, add=[alice()])
    services.decline_group_change(proposal=again, actor=petra(), at=AT)
    again.refresh_from_db()
    assert again.state == ProposalState.WITHDRAWN


def test_the_fallback_keeps_an_active_member_even_by_two(peter):
    group = ApproverGroupFactory(is_fallback=True, members=[bob()])

    with pytest.raises(NotPossible, match="at least one active member"):
        accept(propose(group, remove=[bob(group)]), peter)

    assert group.memberships.count() == 1


@pytest.mark.parametrize("who", [petra, sue])
def test_one_person_alone_changes_nothing_about_who_decides(group, who):
    actor = who()

    for verb in (
        lambda: services.add_member(group=group, member=alice(), actor=actor, at=AT),
        lambda: services.remove_member(group=group, member=bob(group), actor=actor, at=AT),
        lambda: services.set_fallback(group=group, actor=actor, at=AT),
        lambda: services.change_group(group=group, actor=actor, at=AT, lead=alice()),
        lambda: services.create_group(name="Mine", actor=actor, at=AT, lead=alice()),
    ):
        with pytest.raises(NotAllowed, match="two people"):
            verb()
    assert not Event.objects.exists()


def test_it_waits_for_others_only(group, peter):
    proposal = propose(group, add=[alice()])

    assert list(queries.proposals_by_others(peter)) == [proposal]
    assert not queries.proposals_by_others(petra())


@pytest.mark.django_db(transaction=True)
def test_of_many_who_answer_at_once_one_does():
    group = ApproverGroupFactory(members=[bob()])
    proposal = propose(group, add=[alice()])
    managers = [UserFactory(is_programme_manager=True) for _ in range(6)]

    def answer(manager):
        try:
            return accept(proposal, manager)
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(managers)) as pool:
        outcomes = list(pool.map(answer, managers))

    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == len(managers) - 1
    assert group.memberships.count() == 2
