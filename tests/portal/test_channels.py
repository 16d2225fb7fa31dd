"""The page of a group's channel: set it, try it out, remove it; its address is never read again."""

import pytest
from django.urls import reverse

from accounts import services as accounts
from tests.workflows import stage as company
from tests.workflows.stage import AT, person
from workflows import channel_changes as changes
from workflows.models import ChannelKind, GroupChannel
from workflows.queries import channel_of

pytestmark = pytest.mark.django_db
PATH = "/services/T0/B0/very-secret"


@pytest.fixture
def stage():
    return company.build()


@pytest.fixture
def petra(client, stage):
    client.force_login(stage.petra)
    return client


def page(client, group, verb="", posted=None, follow=True):
    address = reverse(f"approver_group_channel{verb}", args=[group.slug])
    return client.get(address) if posted is None else client.post(address, posted, follow=follow)


def words(answer):
    return answer.content.decode()


def set_there(client, group, receiver, kind="slack", **fields):
    seen = changes.mark(channel_of(group))
    return page(client, group, posted={"kind": kind, "url": receiver.url + PATH, "seen": seen, **fields})


def test_a_channel_is_set_and_its_address_is_nowhere_shown_again(petra, stage, receiver):
    set_to = set_there(petra, stage.group, receiver)

    assert "The channel is set." in words(set_to)
    for address in (
        reverse("approver_group_channel", args=[stage.group.slug]),
        reverse("approver_group", args=[stage.group.slug]),
        reverse("history"),
        reverse("effects") + "?view=",
    ):
        text = words(petra.get(address))
        assert "very-secret" not in text, address
    group_page = words(petra.get(reverse("approver_group", args=[stage.group.slug])))
    for said in ("<dd>Slack</dd>", "<dd>127.0.0.1</dd>", "Channel set", "Change, test or remove"):
        assert said in group_page


def test_a_secret_is_offered_and_kept_for_another_program_alone(petra, stage, receiver):
    offered = page(petra, stage.group).context["form"]["secret"].value()
    set_there(petra, stage.group, receiver, kind="generic", secret=offered)
    kept = GroupChannel.objects.get().secret

    answer = page(petra, stage.group)
    set_there(petra, stage.group, receiver, kind="teams", secret=offered)

    assert kept == offered
    assert offered not in words(answer)
    assert answer.context["form"]["kind"].value() == "generic"
    assert GroupChannel.objects.get().secret == ""


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({"kind": "slack", "url": ""}, "This field is required."),
        ({"kind": "slack", "url": "https://10.0.0.1/x"}, "10.0.0.1 leads to an address that is not public."),
        ({"kind": "slack", "url": "http://1.1.1.1/x"}, "The address begins with https://"),
        ({"kind": "generic", "url": "https://1.1.1.1/x", "secret": "no"}, "A signing secret is “whsec_”"),
        ({"kind": "pigeon", "url": "https://1.1.1.1/x"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_set_is_said_beside_its_field(petra, stage, posted, sentence):
    answer = page(petra, stage.group, posted=posted)

    assert sentence in words(answer)
    assert "Error:" in words(answer)
    assert not GroupChannel.objects.exists()


def test_a_test_message_says_at_once_whether_it_arrived(petra, stage, receiver):
    set_there(petra, stage.group, receiver)

    taken = words(page(petra, stage.group, "_test", {}))
    receiver.status = 410
    refused = words(page(petra, stage.group, "_test", {}))

    assert "The test message was taken." in taken
    assert "The test message did not arrive. 127.0.0.1 refused the message: it answered 410 Gone." in refused
    assert "The last message did not arrive" in refused
    assert b"Petra sent this to see whether messages arrive" in receiver.posted[0].body


def test_a_sixth_test_message_within_a_minute_waits(petra, stage, receiver):
    set_there(petra, stage.group, receiver)

    answers = [words(page(petra, stage.group, "_test", {})) for _time in range(6)]

    assert "The test message was taken." in answers[4]
    assert "Five test messages went there within a minute. Wait a little." in answers[5]
    assert len(receiver.posted) == 5


def test_who_sets_a_channel_that_changed_since_they_looked_is_told_and_changes_nothing(petra, stage, receiver):
    looked = page(petra, stage.group).context["form"]["seen"].value()
    set_there(petra, stage.group, receiver)
    kept = GroupChannel.objects.get()

    late = set_there(petra, stage.group, receiver, kind="teams", seen=looked)
    again = set_there(petra, stage.group, receiver, kind="teams", seen=late.context["form"]["seen"].value())

    assert "Somebody changed the channel after you opened this page" in words(late)
    assert kept.kind == ChannelKind.SLACK
    assert "The channel is set." in words(again)
    assert GroupChannel.objects.get().kind == ChannelKind.TEAMS


def test_a_removed_channel_leaves_mail_alone(petra, stage, receiver):
    set_there(petra, stage.group, receiver)

    answer = words(page(petra, stage.group, "_removal", {}))

    assert "This group is told by mail alone." in answer
    assert not GroupChannel.objects.on().exists()


def test_the_lead_finds_the_page_from_the_profile_and_may_use_it(client, stage, receiver):
    lena = person("Lena")
    accounts.change_group(group=stage.group, lead=lena, actor=None, at=AT)
    client.force_login(lena)

    profile = words(client.get(reverse("profile")))
    answer = set_there(client, stage.group, receiver)

    assert reverse("approver_group_channel", args=[stage.group.slug]) in profile
    assert "The channel is set." in words(answer)
    assert reverse("approver_group", args=[stage.group.slug]) + '"' not in words(answer)


@pytest.mark.parametrize("name", ["alice", "bob", "omar"])
def test_others_may_not_even_look(client, stage, receiver, name):
    client.force_login(getattr(stage, name))

    for verb, posted in (("", None), ("", {}), ("_test", {}), ("_removal", {})):
        assert page(client, stage.group, verb, posted).status_code == 403


def test_a_channel_whose_setter_may_no_longer_set_it_says_so(petra, stage, receiver):
    lena = person("Lena")
    group = accounts.change_group(group=stage.group, actor=None, at=AT, lead=lena)
    changes.set_channel(group=group, actor=lena, at=AT, kind=ChannelKind.SLACK, url=f"{receiver.url}/x")
    address = reverse("approver_group", args=[stage.group.slug])
    before = words(petra.get(address))

    accounts.change_group(group=group, actor=None, at=AT, lead=None)

    assert "Nobody answers for this channel" not in before
    assert "Nobody answers for this channel" in words(petra.get(address))


def test_auditors_read_of_the_channel_on_the_groups_page_and_change_nothing(client, stage, receiver):
    client.force_login(stage.petra)
    set_there(client, stage.group, receiver)
    client.force_login(person("Audrey", is_auditor=True))

    text = words(client.get(reverse("approver_group", args=[stage.group.slug])))

    assert "<dd>127.0.0.1</dd>" in text
    assert "Change, test or remove" not in text
    assert page(client, stage.group).status_code == 403
