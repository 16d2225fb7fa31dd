"""The pages of people, teams and groups: managers govern, auditors read, nobody touches their own power."""

import re

import pytest
from django.urls import reverse

from accounts import services
from accounts.models import ApproverGroup, Team, User
from audit.models import Event
from portal.catalog import listing
from tests.accounts.asserts import assert_recorded
from tests.exceptions_app.world import START
from tests.factories import PASSWORD, ApproverGroupFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db

LISTS = ("people", "teams", "approver_groups")
FORMS = ("person_new", "team_new", "approver_group_new")
STRANGERS = ("alice", "bob", "mallory")


@pytest.fixture
def company(world):
    """Somebody, a team and a group to look at and to change."""
    team = services.create_team(name="Platform", actor=None, at=START)
    services.change_user(user=world.bob, actor=None, at=START, team=team)
    return world


def addresses(world):
    """Every page and every verb, by its name."""
    bob, team, group = world.bob.pk, Team.objects.get().pk, world.group.slug
    return {
        **{name: [] for name in (*LISTS, *FORMS)},
        **{name: [bob] for name in ("person", "person_edit", "person_deactivation", "person_reactivation")},
        "team_edit": [team],
        **{f"approver_group{page}": [group] for page in ("", "_edit", "_members", "_fallback", "_lead")},
        "approver_group_removal": [group, bob],
    }


VERBS = {"person_deactivation", "person_reactivation", "approver_group_members", "approver_group_fallback"}
VERBS |= {"approver_group_removal", "approver_group_lead"}
READ = {*LISTS, "person", "approver_group"}


def visit(client, name, arguments, posted=None):
    address = reverse(name, args=arguments)
    return client.post(address, posted) if posted is not None else client.get(address)


def person_form(**changes):
    return {"email": "nina@example.org", "name": "Nina Nyman", "time_zone": "Europe/Oslo"} | changes


def edit_form(client, person, **changes):
    """What the person's form posts once these were changed: all it shows, and what it showed at first."""
    form = client.get(reverse("person_edit", args=[person.pk])).context["form"]
    shown = {bound.html_name: bound.value() for bound in form}
    posted = shown | {bound.html_initial_name: bound.value() for bound in form} | changes
    return {name: value for name, value in posted.items() if value not in (None, False)}


def reset_password(client, mailoutbox, address):
    client.post(reverse("account_reset_password"), {"email": address})
    link = re.search(r"https?://[^/]+(\S+/password/reset/key/\S+)", mailoutbox[-1].body)[1]
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})


# Who may


def test_a_stranger_is_sent_to_the_sign_in(client, company):
    for name, arguments in addresses(company).items():
        for posted in (None, {}):
            assert visit(client, name, arguments, posted).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("person", STRANGERS)
def test_others_are_refused_everything(client, company, person):
    client.force_login(getattr(company, person))
    events = Event.objects.count()

    for name, arguments in addresses(company).items():
        methods = ([] if name in VERBS else [None]) + ([] if name in READ else [{}])
        for posted in methods:
            response = visit(client, name, arguments, posted)
            assert response.status_code == 403, name
            assert "programme managers" in response.text
    assert Event.objects.count() == events


def test_an_auditor_reads_and_changes_nothing(client, company):
    client.force_login(company.audrey)
    events = Event.objects.count()

    for name, arguments in addresses(company).items():
        if name in READ:
            page = visit(client, name, arguments)
            assert page.status_code == 200
            assert not re.search(r'<form[^>]*method="post"(?![^>]*logout)', page.text)
            assert "_new" not in page.text
        else:
            assert visit(client, name, arguments, {}).status_code == 403
    assert Event.objects.count() == events


def test_a_programme_manager_opens_every_page(client, company):
    client.force_login(company.petra)

    for name, arguments in addresses(company).items():
        assert visit(client, name, arguments).status_code == (405 if name in VERBS else 200), name


@pytest.mark.parametrize(("person", "sees"), [("petra", True), ("audrey", True), ("alice", False)])
def test_the_way_there_is_shown_to_those_who_may_go(client, world, person, sees):
    client.force_login(getattr(world, person))

    assert (f'href="{reverse("people")}"' in client.get(reverse("home")).text) == sees


# People


def test_filters_find_people_by_role_team_and_account(client, company):
    services.deactivate(user=company.mallory, actor=None, at=START)
    client.force_login(company.audrey)
    company.petra  # noqa: B018 — somebody runs the programme

    def found(**asked):
        return {one.name for one, _roles in client.get(reverse("people"), asked).context["rows"]}

    assert found(role="approver") == {"Bob", "Carol"}
    assert found(role="auditor") == {"Audrey"}
    assert found(role="programme_manager") == {"Petra"}
    assert found(team=Team.objects.get().pk) == {"Bob"}
    assert found(status="closed") == {"Mallory"}
    assert found(q="BOB@") == {"Bob"}
    assert found(role="emperor", team="x") == found()
    assert "Mallory" not in found()


def test_a_new_person_sets_a_password_by_mail(client, world, mailoutbox):
    client.force_login(world.petra)
    page = client.get(reverse("person_new"))
    assert "Forgot password?" in page.text
    assert page.context["form"]["time_zone"].value() == "UTC"

    response = client.post(
        reverse("person_new"), person_form(email="Nina@Example.org", manager="Petra", is_auditor="on")
    )

    nina = User.objects.get(email="nina@example.org")
    assert response.url == reverse("person", args=[nina.pk])
    assert (nina.manager, nina.is_auditor, nina.time_zone) == (world.petra, True, "Europe/Oslo")
    assert not nina.has_usable_password()

    client.logout()
    client.post(reverse("account_reset_password"), {"email": nina.email})
    assert "/password/reset/key/" in mailoutbox[0].body


def test_a_former_address_opens_no_account(client, world, mailoutbox):
    nina = services.create_user(actor=None, at=START, email="mistyped@example.org", name="Nina")
    reset_password(client, mailoutbox, "mistyped@example.org")
    client.force_login(world.petra)
    client.post(reverse("person_edit", args=[nina.pk]), edit_form(client, nina, email="nina@example.org"))
    client.logout()
    mailoutbox.clear()

    client.post(reverse("account_login"), {"login": "mistyped@example.org", "password": PASSWORD})
    client.post(reverse("account_reset_password"), {"email": "mistyped@example.org"})

    assert "_auth_user_id" not in client.session
    assert not any("/password/reset/key/" in mail.body for mail in mailoutbox)
    client.post(reverse("account_login"), {"login": "nina@example.org", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(nina.pk)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "BOB@example.org"}, "email"),
        ({"name": ""}, "name"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"manager": "nobody known"}, "manager"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(client, world, changes, field):
    world.bob  # noqa: B018 — his address is taken
    client.force_login(world.petra)

    response = client.post(reverse("person_new"), person_form(**changes))

    assert field in response.context["form"].errors
    assert not User.objects.filter(name="Nina Nyman").exists()


def test_two_managers_at_one_person_lose_nothing_of_each_other(client, company):
    client.force_login(company.petra)
    posted = edit_form(client, company.bob, is_auditor="on")
    services.change_user(user=company.bob, actor=None, at=START, name="Bob Berg", manager=company.olga)

    response = client.post(reverse("person_edit", args=[company.bob.pk]), posted)

    assert response.status_code == 302
    bob = User.objects.get(pk=company.bob.pk)
    assert (bob.name, bob.manager, bob.is_auditor) == ("Bob Berg", company.olga, True)
    last = Event.objects.filter(kind="user.changed").latest("pk")
    body = assert_recorded(
        bob, stream=f"accounts/users/{bob.pseudonym}", kind="user.changed", by=company.petra, at=last.at
    )
    assert body["changes"] == {"is_auditor": {"before": False, "after": True}}


def test_a_circle_of_managers_is_said_beside_the_field(client, company):
    services.change_user(user=company.bob, actor=None, at=START, manager=company.carol)
    client.force_login(company.petra)
    posted = edit_form(client, company.carol, manager=company.bob.email)

    response = client.post(reverse("person_edit", args=[company.carol.pk]), posted)

    assert "circle" in str(response.context["form"].errors["manager"])


def test_accounts_are_closed_and_opened_again(client, company):
    client.force_login(company.petra)

    for verb, active in (("deactivation", False), ("reactivation", True)):
        response = client.post(reverse(f"person_{verb}", args=[company.bob.pk]))
        assert response.url == reverse("person", args=[company.bob.pk])
        assert User.objects.get(pk=company.bob.pk).is_active == active

    titles = [entry.title for entry in client.get(response.url).context["changes"]]
    assert titles[:2] == ["Account opened again", "Account closed"]


def test_a_person_who_left_still_owning_is_flagged(client, world):
    case = world.active()
    services.deactivate(user=case.owner, actor=None, at=START)
    client.force_login(world.audrey)

    page = client.get(reverse("person", args=[case.owner.pk]))

    assert page.context["burden"].cases == 1
    assert "Still named as owner" in page.text


def test_a_page_asks_to_hand_over_only_what_can_be_handed_over(client, world):
    case = world.active()
    client.force_login(world.audrey)

    owner = client.get(reverse("person", args=[case.owner.pk])).text
    keeper = client.get(reverse("person", args=[world.sven.pk])).text

    assert "exceptions pass to their backup owner" in owner
    assert "another owner before you close the account" not in owner
    assert "another owner before you close the account" in keeper


def test_nobody_changes_their_own_account(client, world):
    petra = world.petra
    client.force_login(petra)
    sentence = "Somebody else changes your team"

    page = client.get(reverse("person", args=[petra.pk])).text
    assert sentence in page
    assert 'aria-disabled="true"' in page
    assert reverse("person_edit", args=[petra.pk]) not in page

    for name, posted in (
        ("person_edit", None),
        ("person_edit", person_form(email=petra.email, is_auditor="on")),
        ("person_deactivation", {}),
    ):
        response = visit(client, name, [petra.pk], posted)
        assert response.status_code == 403
    assert not User.objects.get(pk=petra.pk).is_auditor


def test_only_a_superuser_changes_a_superuser(client, world):
    sue = UserFactory(email="sue@example.com", is_superuser=True)
    client.force_login(world.petra)

    assert "Only a superuser" in client.get(reverse("person", args=[sue.pk])).text
    assert client.get(reverse("person_edit", args=[sue.pk])).status_code == 403
    assert client.post(reverse("person_deactivation", args=[sue.pk])).status_code == 403


def test_no_form_gives_access_to_the_administration_pages(client, world):
    client.force_login(world.petra)

    client.post(reverse("person_new"), person_form(is_staff="on", is_superuser="on"))

    nina = User.objects.get(email="nina@example.org")
    assert (nina.is_staff, nina.is_superuser) == (False, False)


# Teams


def test_a_manager_makes_and_changes_a_team(client, world):
    client.force_login(world.petra)

    client.post(reverse("team_new"), {"name": "Platform", "lead": world.olga.email})
    team = Team.objects.get()
    assert team.lead == world.olga
    again = client.post(reverse("team_new"), {"name": "Platform"})
    assert "name" in again.context["form"].errors

    response = client.post(
        reverse("team_edit", args=[team.pk]),
        {"name": "Runtime", "initial-name": "Platform", "lead": "", "initial-lead": world.olga.email},
    )
    assert response.url == reverse("teams")
    team.refresh_from_db()
    assert (team.name, team.lead) == ("Runtime", None)
    changed, created = client.get(reverse("teams")).context["changes"]
    assert (changed.title, created.title) == ("Changed: Platform", "Created: Platform")
    assert ("Lead", "Olga", "") in {(one.label, one.before, one.after) for one in changed.changes}


# Groups


def test_a_manager_makes_a_group_and_gives_it_members(client, world):
    client.force_login(world.petra)

    made = client.post(reverse("approver_group_new"), {"name": "AI board", "description": "Agents."})
    assert made.url == reverse("approver_group", args=["ai-board"])
    client.post(reverse("approver_group_members", args=["ai-board"]), {"member": f"Alice · {world.alice.email}"})

    group = ApproverGroup.objects.get(slug="ai-board")
    assert not group.members.exists(), "one person alone lets nobody decide"
    answered(client, world, group)
    assert list(group.members.all()) == [world.alice]

    client.force_login(world.petra)
    client.post(reverse("approver_group_removal", args=["ai-board", world.alice.pk]))
    answered(client, world, group)
    assert not group.members.exists()
    titles = [entry.title for entry in client.get(made.url).context["changes"]]
    kept = ["Change accepted", "Change proposed"]
    assert titles == [kept[0], "Removed Alice", *kept[::-1][:1], kept[0], "Added Alice", kept[1], "Created"]


def answered(client, world, group, verb="acceptance", **answer):
    """A second programme manager answers what waits, having read it on Home and on the group's page."""
    client.force_login(world.person("Peter", is_programme_manager=True))
    address = reverse("approver_group", args=[group.slug])
    assert address in client.get(reverse("home")).text
    assert "A change waits for a second person" in client.get(address).text
    proposal = group.proposals.get(state="waiting")
    said = answer | {"seen": proposal.mark}
    response = client.post(reverse(f"approver_group_{verb}", args=[group.slug, proposal.pk]), said)
    assert response.url == address


def test_what_would_change_about_who_decides_is_read_before_it_is_answered(client, world):
    client.force_login(world.petra)
    address = reverse("approver_group", args=[world.group.slug])
    client.post(reverse("approver_group_members", args=[world.group.slug]), {"member": world.alice.email})
    client.post(reverse("approver_group_removal", args=[world.group.slug, world.bob.pk]))
    client.post(reverse("approver_group_lead", args=[world.group.slug]), {"lead": world.olga.email})

    mine = client.get(address)
    lines = [(one.label, one.before, one.after) for one in mine.context["proposed"]]
    assert lines == [("Joins", "", "Alice"), ("Leaves", "Bob", ""), ("Lead", "", "Olga")]
    assert (mine.context["may_accept"], mine.context["may_withdraw"]) == (False, True)

    answered(client, world, world.group, "refusal", reason="Bob stays")
    assert world.bob in world.group.members.all()
    declined, *_others = client.get(address).context["changes"]
    assert declined.title == "Change declined"


def test_whom_a_change_would_make_an_approver_reads_why_they_cannot_accept_it(client, world):
    peter = world.person("Peter", is_programme_manager=True)
    client.force_login(world.petra)
    client.post(reverse("approver_group_members", args=[world.group.slug]), {"member": peter.email})
    client.force_login(peter)

    page = client.get(reverse("approver_group", args=[world.group.slug]))

    assert (page.context["may_accept"], page.context["may_decline"]) == (False, True)
    assert "Nobody changes their own membership" in page.text
    assert "Accept the change" not in page.text


@pytest.mark.parametrize("lead", ["nobody known", "PETRA"])
def test_a_lead_must_be_known_and_somebody_else(client, world, lead):
    client.force_login(world.petra)
    typed = world.petra.email if lead == "PETRA" else lead

    response = client.post(reverse("approver_group_lead", args=[world.group.slug]), {"lead": typed})

    assert response.status_code == (403 if lead == "PETRA" else 200)
    assert not world.group.proposals.exists()


def test_a_group_keeps_its_handle_when_it_is_renamed(client, world):
    client.force_login(world.petra)
    address = reverse("approver_group_edit", args=[world.group.slug])

    response = client.post(
        address,
        {"name": "Renamed", "initial-name": world.group.name, "description": "", "initial-description": ""},
    )

    assert response.url == reverse("approver_group", args=[world.group.slug])
    assert ApproverGroup.objects.get(pk=world.group.pk).name == "Renamed"


@pytest.mark.parametrize("name", ["New", "…", ""])
def test_a_group_needs_a_name_of_its_own(client, world, name):
    client.force_login(world.petra)

    assert "name" in client.post(reverse("approver_group_new"), {"name": name}).context["form"].errors


def test_a_member_is_added_once_and_must_be_known(client, world):
    client.force_login(world.petra)
    address = reverse("approver_group_members", args=[world.group.slug])

    for member in (world.bob.email, "nobody known", ""):
        response = client.post(address, {"member": member})
        assert response.status_code == 200
        assert response.context["form"].errors["member"]
    assert world.group.members.count() == 2


def test_nobody_changes_their_own_membership(client, world):
    petra = world.petra
    services.add_member(group=world.group, member=petra, actor=None, at=START)
    client.force_login(petra)
    address = reverse("approver_group", args=[world.group.slug])

    page = client.get(address).text
    assert "Nobody changes their own membership" in page
    assert reverse("approver_group_removal", args=[world.group.slug, petra.pk]) not in page
    assert f'value="{petra.email}"' not in page

    other = ApproverGroupFactory(slug="other")
    removal = client.post(reverse("approver_group_removal", args=[world.group.slug, petra.pk]))
    adding = client.post(reverse("approver_group_members", args=[other.slug]), {"member": petra.email})
    assert removal.status_code == adding.status_code == 403
    assert list(petra.approver_groups.all()) == [world.group]


def test_the_fallback_moves_to_a_group_with_members(client, world):
    world.fallback  # noqa: B018 — one stands already
    empty = world.make_group("Empty")
    client.force_login(world.petra)

    refused = client.post(reverse("approver_group_fallback", args=[empty.slug]))
    assert refused.status_code == 409
    assert "at least one active member" in client.get(reverse("approver_group", args=[empty.slug])).text

    client.post(reverse("approver_group_fallback", args=[world.group.slug]))
    answered(client, world, world.group)
    assert ApproverGroup.objects.fallback() == world.group


def test_nobody_makes_their_own_group_the_fallback(client, world):
    services.add_member(group=world.group, member=world.petra, actor=None, at=START)
    client.force_login(world.petra)

    page = client.get(reverse("approver_group", args=[world.group.slug])).text
    assert "You belong to this group" in page
    assert client.post(reverse("approver_group_fallback", args=[world.group.slug])).status_code == 403


def test_a_group_that_cannot_decide_says_so(client, world):
    group = world.make_group("Auditors", "Audrey2")
    services.change_user(user=world.person("Audrey2"), actor=None, at=START, is_auditor=True)
    client.force_login(world.petra)
    address = reverse("approver_group", args=[group.slug])

    assert "Nobody can decide" in client.get(address).text

    world.fallback  # noqa: B018 — somebody stands behind it
    assert "Nobody here can decide" in client.get(address).text


# Cost


@pytest.mark.parametrize(("name", "most"), [("people", 11), ("teams", 13), ("approver_groups", 11)])
def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(
    client, world, name, most, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr(listing, "PAGE", 20)
    ApproverGroupFactory.create_batch(22, members=UserFactory.create_batch(3))
    TeamFactory.create_batch(22, lead=world.olga)
    UserFactory.create_batch(22, team=Team.objects.first())
    client.force_login(world.audrey)

    with django_assert_max_num_queries(most):
        assert len(client.get(reverse(name)).context["page"].rows) == 20


def test_a_group_with_many_members_takes_no_more_queries(client, world, django_assert_max_num_queries):
    group = ApproverGroupFactory(members=UserFactory.create_batch(30))
    client.force_login(world.petra)

    with django_assert_max_num_queries(14):
        assert client.get(reverse("approver_group", args=[group.slug])).status_code == 200


def test_a_group_named_almost_like_another_is_told_so_beside_the_name(client, world):
    client.force_login(world.petra)
    client.post(reverse("approver_group_new"), {"name": "AI board", "description": "Agents."})

    errors = client.post(reverse("approver_group_new"), {"name": "AI-Board!"}).context["form"].errors

    assert [*errors] == ["name"]
    assert "capitals, spaces or signs" in str(errors["name"])
