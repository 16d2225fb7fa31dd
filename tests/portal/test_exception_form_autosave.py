"""A draft saves itself while somebody writes: it is found on Home, and nothing is saved over another's words."""

import pytest
from django.urls import reverse

from audit.models import Event
from exceptions_app import services
from exceptions_app.models import ExceptionCase
from exceptions_app.services import DraftContent
from tests.exceptions_app.world import START
from tests.portal.test_exception_form_fills import EMPTY

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client, world):
    client.force_login(world.alice)
    return client


def save(client, address, **fields):
    return client.post(address, EMPTY | fields | {"act": "autosave"})


def test_a_new_form_becomes_a_draft_once_it_says_something(alice):
    assert save(alice, reverse("exception_new"), term_days="30").json() == {}
    assert not ExceptionCase.objects.exists()

    answer = save(alice, reverse("exception_new"), title="Static key").json()

    case = ExceptionCase.objects.get()
    assert (answer["url"], answer["version"]) == (reverse("draft", args=[case.reference]), case.version)
    assert case.reference in alice.get(reverse("home")).text


def test_a_draft_is_saved_where_it_differs_and_only_then(alice):
    first = save(alice, reverse("exception_new"), title="Static key").json()
    events = Event.objects.count()

    again = save(alice, first["url"], title="Static key", version=first["version"]).json()
    assert (again["version"], Event.objects.count()) == (first["version"], events)

    changed = save(alice, first["url"], title="Static key, until May", version=first["version"]).json()
    assert changed["version"] == first["version"] + 1
    assert ExceptionCase.objects.get().title == "Static key, until May"


def test_nothing_is_saved_over_somebody_elses_words(alice, world):
    first = save(alice, reverse("exception_new"), title="Static key").json()
    case = ExceptionCase.objects.get()
    services.save_draft(
        case=case, actor=world.alice, at=START, version=case.version, content=DraftContent({"title": "Theirs"})
    )

    answer = save(alice, first["url"], title="Mine", version=first["version"])

    assert answer.status_code == 409
    assert ExceptionCase.objects.get().title == "Theirs"


def test_what_cannot_be_stored_keeps_what_was_stored(alice):
    first = save(alice, reverse("exception_new"), title="Static key", term_days="30").json()

    save(alice, first["url"], title="Static key 2", term_days="soon", version=first["version"])

    case = ExceptionCase.objects.get()
    assert (case.title, case.term_days) == ("Static key 2", 30)


def test_an_autosave_submits_nothing(alice, world):
    case = world.draft()

    save(alice, reverse("draft", args=[case.reference]), title="Still a draft", version=case.version)

    assert ExceptionCase.objects.get().state == "draft"
