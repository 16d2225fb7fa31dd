"""Nobody changes their own memberships or roles, by any verb of the app, whoever they are (promise 4)."""

import inspect
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts import services
from accounts.errors import NotAllowed, Refusal
from accounts.models import GroupMembership
from audit.models import Event
from tests.factories import AT, ApproverGroupFactory, TeamFactory, UserFactory


def away(person, delegate):
    days = {"from_at": AT, "until_at": AT + timedelta(days=5)}
    return services.announce_absence(user=person, actor=person, delegate=delegate, reason="Leave", at=AT, **days)


def asked(person):
    """An absence of somebody else, in which this person is asked to stand in."""
    return away(UserFactory(), person)


def propose(me, group, verb):
    return services.propose_group_change(group=group, actor=me, at=AT, **{verb: [me]})


def proposed(me, group):
    """A change of this person's own membership that somebody else proposed."""
    verb = "remove" if group.memberships.exists() else "add"
    other = UserFactory(is_programme_manager=True)
    return services.propose_group_change(group=group, actor=other, at=AT, **{verb: [me]})


ROLES = ("is_auditor", "is_programme_manager", "is_staff", "is_superuser")
ON_ONESELF = {
    "add_member": lambda me, group: services.add_member(group=group, member=me, actor=me, at=AT),
    "remove_member": lambda me, group: services.remove_member(group=group, member=me, actor=me, at=AT),
    "propose_group_change": lambda me, group: propose(me, group, "remove" if group.memberships.exists() else "add"),
    "deactivate": lambda me, group: services.deactivate(user=me, actor=me, at=AT),
    "reactivate": lambda me, group: services.reactivate(user=me, actor=me, at=AT),
}
OF_OTHERS = {
    "change_group": lambda me, group: services.change_group(group=group, actor=me, at=AT, name="Renamed"),
    "change_profile": lambda me, group: services.change_profile(user=me, actor=me, at=AT, time_zone="Asia/Tokyo"),
    "accept_delegation": lambda me, group: services.accept_delegation(absence=asked(me), actor=me, at=AT),
    "accept_group_change": lambda me, group: services.accept_group_change(
        proposal=proposed(me, group), actor=me, at=AT
    ),
    "decline_group_change": lambda me, group: services.decline_group_change(
        proposal=proposed(me, group), actor=me, at=AT, reason="No"
    ),
    "announce_absence": lambda me, group: away(me, UserFactory()),
    "choose_mails": lambda me, group: services.choose_mails(user=me, actor=me, choices={"outcome": "none"}, at=AT),
    "decline_delegation": lambda me, group: services.decline_delegation(absence=asked(me), actor=me, at=AT),
    "end_absence": lambda me, group: services.end_absence(absence=asked(me), actor=me, at=AT),
    "link_sign_in": lambda me, group: services.link_sign_in(user=me, provider="sso", uid="u", issuer="i", at=AT),
    "sign_out_elsewhere": lambda me, group: services.sign_out_elsewhere(user=me, here=None),
    "make_calendar": lambda me, group: services.make_calendar(user=me, actor=me, at=AT),
    "note_calendar_use": lambda me, group: services.note_calendar_use(link=calendar_of(me), on=AT.date()),
    "revoke_calendar": lambda me, group: services.revoke_calendar(user=me, actor=me, at=AT),
    "unlink_sign_in": lambda me, group: services.unlink_sign_in(user=me, actor=me, at=AT),
    "change_team": lambda me, group: services.change_team(team=TeamFactory(name="T"), actor=me, at=AT, lead=me),
    "create_group": lambda me, group: services.create_group(name="New", actor=me, at=AT),
    "create_team": lambda me, group: services.create_team(name="New", actor=me, at=AT, lead=me),
    "create_user": lambda me, group: services.create_user(actor=me, at=AT, email="new@example.com", name="New"),
    "remove_view": lambda me, group: services.remove_view(view=view_of(me), actor=me),
    "save_view": lambda me, group: view_of(me),
    "set_fallback": lambda me, group: services.set_fallback(group=group, actor=me, at=AT),
}
WITH_ROLES = {"change_user": services.change_user, "set_roles": services.set_roles}


def on_oneself(verb, me, group, roles):
    if verb in WITH_ROLES:
        WITH_ROLES[verb](user=me, actor=me, at=AT, **roles)
    else:
        (ON_ONESELF | OF_OTHERS)[verb](me, group)


def power_of(person):
    person.refresh_from_db()
    groups = person.memberships.order_by("group").values_list("group", "group__is_fallback")
    return {role: getattr(person, role) for role in ROLES}, person.is_active, sorted(groups)


def calendar_of(me):
    services.make_calendar(user=me, actor=me, at=AT)
    return me.calendar_links.get(revoked_at=None)


def view_of(me):
    return services.save_view(actor=me, at=AT, name="Mine", query="", sharing="everybody")


def test_every_verb_is_tried_here():
    verbs = {name for name in services.__all__ if inspect.isfunction(getattr(services, name))}

    assert verbs == {*ON_ONESELF, *OF_OTHERS, *WITH_ROLES}


class TestOwnPower(TestCase):
    @settings(deadline=None, max_examples=60)
    @given(
        roles=st.fixed_dictionaries({role: st.booleans() for role in ROLES}),
        is_member=st.booleans(),
        wanted=st.fixed_dictionaries({role: st.booleans() for role in ROLES}),
        verb=st.sampled_from(sorted({*ON_ONESELF, *OF_OTHERS, *WITH_ROLES})),
    )
    def test_no_verb_changes_the_power_of_its_own_actor(self, roles, is_member, wanted, verb):
        me = UserFactory(**roles)
        group = ApproverGroupFactory(members=[me] if is_member else [])
        before = power_of(me)

        with suppress(Refusal):
            on_oneself(verb, me, group, wanted)

        assert power_of(me) == before


@pytest.mark.django_db
@pytest.mark.parametrize("roles", [{"is_programme_manager": True}, {"is_superuser": True, "is_staff": True}])
@pytest.mark.parametrize("verb", sorted({*ON_ONESELF, *WITH_ROLES}))
def test_the_refusal_says_why_and_leaves_nothing_behind(verb, roles):
    me = UserFactory(**roles)
    group = ApproverGroupFactory(members=[me])

    with pytest.raises(NotAllowed) as refusal:
        on_oneself(verb, me, group, {"is_auditor": True})

    assert str(refusal.value).startswith(("Nobody changes their own", "Somebody else", "Who decides changes by two"))
    assert not Event.objects.exists()
    assert GroupMembership.objects.filter(group=group, member=me).count() == 1


def test_nobody_becomes_the_manager_of_somebody_by_their_own_hand(db):
    me, other = UserFactory(is_programme_manager=True), UserFactory()

    with pytest.raises(NotAllowed, match="somebody else makes you their manager"):
        services.change_user(user=other, actor=me, at=AT, manager=me)


@pytest.mark.parametrize("take", [partial(services.set_roles, is_auditor=True), services.deactivate])
@pytest.mark.parametrize("as_lead", [False, True])
def test_nobody_takes_those_they_decide_with_out_of_their_group(db, take, as_lead):
    me, other = UserFactory(is_programme_manager=True), UserFactory()
    group = ApproverGroupFactory(members=[other] if as_lead else [me, other])
    if as_lead:
        services.change_group(group=group, lead=me, actor=None, at=AT)

    with pytest.raises(NotAllowed, match="You decide in the same group"):
        take(user=other, actor=me, at=AT)

    take(user=other, actor=UserFactory(is_programme_manager=True), at=AT)
