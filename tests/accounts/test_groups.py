import pytest

from accounts import queries, services
from accounts.errors import NotAllowed, NotPossible
from accounts.models import ApproverGroup, GroupMembership
from tests.accounts.asserts import assert_recorded, count_events
from tests.factories import AT, ApproverGroupFactory, alice, bob, dora, mallory, olive, petra

pytestmark = pytest.mark.django_db

STREAM = "accounts/groups/payments-security"


@pytest.fixture
def group():
    return ApproverGroupFactory(slug="payments-security", name="Payments security", members=[bob()])


def test_programme_manager_creates_a_group():
    group = services.create_group(name=" Payments security ", actor=petra(), at=AT, description="Decides.")

    assert (group.name, group.slug, group.is_fallback) == ("Payments security", "payments-security", False)
    body = assert_recorded(group, stream=STREAM, kind="group.created", by=petra(), at=AT, sign="+")
    assert body == {"name": "Payments security", "slug": "payments-security", "description": "Decides."}


def test_a_group_needs_a_name_of_its_own(group):
    with pytest.raises(NotPossible) as taken:
        services.create_group(name="Payments security", actor=petra(), at=AT)
    with pytest.raises(NotPossible):
        services.create_group(name="", actor=petra(), at=AT)

    assert set(taken.value.fields) == {"name", "slug"}


def test_programme_manager_changes_a_group_but_not_its_handle(group):
    changed = services.change_group(group=group, actor=petra(), at=AT, name="Payments risk")

    assert (changed.name, changed.slug) == ("Payments risk", "payments-security")
    body = assert_recorded(changed, stream=STREAM, kind="group.changed", by=petra(), at=AT)
    assert body == {"changes": {"name": {"before": "Payments security", "after": "Payments risk"}}}


def test_the_command_line_adds_a_member(group):
    membership = services.add_member(group=group, member=alice(), actor=None, at=AT)

    membership.refresh_from_db()
    assert (membership.group, membership.member, membership.added_by, membership.added_at) == (
        group,
        alice(),
        None,
        AT,
    )
    body = assert_recorded(membership, stream=STREAM, kind="group.member_added", by=None, at=AT, sign="+")
    assert body == {"group": "payments-security", "person": str(alice().pseudonym)}


def test_the_command_line_removes_a_member(group):
    membership = GroupMembership.objects.get(group=group, member=bob(group))

    services.remove_member(group=group, member=bob(group), actor=None, at=AT)

    assert not GroupMembership.objects.filter(pk=membership.pk).exists()
    assert_recorded(membership, stream=STREAM, kind="group.member_removed", by=None, at=AT, sign="-")


def test_a_member_is_added_once(group):
    with pytest.raises(NotPossible, match="already a member"):
        services.add_member(group=group, member=bob(group), actor=None, at=AT)

    assert count_events() == 0


def test_who_has_left_joins_no_group(group):
    with pytest.raises(NotPossible, match="deactivated"):
        services.add_member(group=group, member=dora(), actor=None, at=AT)


def test_only_a_member_can_be_removed(group):
    with pytest.raises(NotPossible, match="not a member"):
        services.remove_member(group=group, member=alice(), actor=None, at=AT)


@pytest.mark.parametrize("who", [alice, bob, mallory])
def test_others_govern_no_group(group, who):
    actor = who()

    for verb in (
        lambda: services.create_group(name="Mine", actor=actor, at=AT),
        lambda: services.change_group(group=group, actor=actor, at=AT, name="Mine"),
        lambda: services.set_fallback(group=group, actor=actor, at=AT),
        lambda: services.add_member(group=group, member=olive(), actor=actor, at=AT),
        lambda: services.remove_member(group=group, member=olive(), actor=actor, at=AT),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert count_events() == 0


def test_the_fallback_moves_and_both_groups_say_so(group):
    first = services.set_fallback(group=ApproverGroupFactory(slug="first"), actor=None, at=AT)

    second = services.set_fallback(group=group, actor=None, at=AT)

    assert ApproverGroup.objects.fallback() == second == group
    first.refresh_from_db()
    lost = assert_recorded(first, stream="accounts/groups/first", kind="group.changed", by=None, at=AT)
    gained = assert_recorded(second, stream=STREAM, kind="group.changed", by=None, at=AT)
    assert lost == {"changes": {"is_fallback": {"before": True, "after": False}}}
    assert gained == {"changes": {"is_fallback": {"before": False, "after": True}}}


def test_the_fallback_stays_where_it_is_without_a_trace(group):
    services.set_fallback(group=group, actor=None, at=AT)

    services.set_fallback(group=group, actor=None, at=AT)

    assert count_events() == 1


def test_the_fallback_does_not_move_to_a_group_without_active_members(group):
    services.set_fallback(group=group, actor=None, at=AT)
    empty = ApproverGroupFactory(members=[dora()])

    with pytest.raises(NotPossible, match="at least one active member"):
        services.set_fallback(group=empty, actor=None, at=AT)

    assert ApproverGroup.objects.fallback() == group


def test_the_last_active_member_of_the_fallback_cannot_be_removed(group):
    services.set_fallback(group=group, actor=None, at=AT)
    services.add_member(group=group, member=alice(), actor=None, at=AT)
    services.remove_member(group=group, member=alice(), actor=None, at=AT)

    with pytest.raises(NotPossible, match="Add somebody else first"):
        services.remove_member(group=group, member=bob(group), actor=None, at=AT)


def test_eligible_are_the_active_members(group):
    GroupMembership.objects.create(group=group, member=dora(), added_at=AT)

    assert list(queries.eligible_members(group)) == [bob(group)]
    assert queries.groups_with_counts().get(pk=group.pk).active_members == 1
    assert not queries.fallback_is_staffed()

    services.set_fallback(group=group, actor=None, at=AT)
    assert queries.fallback_is_staffed()
