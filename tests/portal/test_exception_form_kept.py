"""Text that was sent and not stored: it survives a lapsed sign-in, for its writer only, and never sends itself."""

import re

import pytest
from django.test import Client

from exceptions_app.models import ExceptionCase
from portal.exception_form import kept
from tests import factories
from tests.portal.form_sheets import NEW, Company, signed_in, text, upon, url, whole

SIGN_IN = "/accounts/login/"


@pytest.fixture
def company(db):
    return Company()


def writer_on(page):
    return re.search(r'name="writer" value="([^"]+)"', text(page))[1]


def lapse(client):
    """The sign-in ends on the server; the browser keeps its cookies."""
    client.session.flush()
    client.cookies.pop("sessionid", None)


def sign_in(client, email):
    return client.post(f"{SIGN_IN}?next={NEW}", {"login": email, "password": factories.PASSWORD})


def test_text_sent_after_the_sign_in_lapsed_is_back_after_signing_in_and_not_saved(company):
    data = whole(writer=writer_on(company.client.get(NEW)), title="Written for an hour")
    lapse(company.client)

    answer = company.client.post(NEW, data)
    assert answer.headers["Location"].startswith(SIGN_IN)
    assert sign_in(company.client, "alice@example.com").headers["Location"] == NEW
    page = text(company.client.get(NEW))

    assert "You were signed out while you wrote" in page
    assert 'value="Written for an hour"' in page
    assert 'value="kv/prod/erp/*"' in page
    assert not ExceptionCase.objects.exists()

    company.client.post(NEW, data)
    assert ExceptionCase.objects.get().title == "Written for an hour"
    assert "You were signed out" not in text(company.client.get(NEW))


def test_a_lapsed_save_of_a_draft_comes_back_upon_the_version_it_was_written_on(company):
    case = company.draft()
    data = upon(case, writer=kept.writer(company.alice), title="Lapsed words")
    lapse(company.client)
    company.client.post(url(case), data)
    sign_in(company.client, "alice@example.com")
    signed_in(company.alice).post(url(case), upon(case, title="Written elsewhere"))

    assert 'value="Lapsed words"' in text(company.client.get(url(case)))
    assert company.client.post(url(case), data).status_code == 409


def test_somebody_else_who_signs_in_never_sees_it(company):
    data = whole(writer=kept.writer(company.alice), title="Private words")
    lapse(company.client)
    company.client.post(NEW, data)

    sign_in(company.client, "mallory@example.com")

    assert "Private words" not in text(company.client.get(NEW))
    assert not company.client.session.get("kept_text")


@pytest.mark.parametrize("writer", ["", "forged", "forged:signature"])
def test_what_carries_no_writer_of_ours_is_not_kept(db, writer):
    client = Client()

    client.post(NEW, whole(writer=writer))

    assert "kept_text" not in client.session


def test_too_much_is_not_kept(company):
    client = Client()

    client.post(NEW, whole(writer=kept.writer(company.alice), blocked="x" * kept.MAX_CHARACTERS))

    assert "kept_text" not in client.session


def test_only_the_latest_pages_are_kept(company):
    client = Client()

    for number in range(kept.MOST_PAGES + 2):
        client.post(f"/exceptions/EXC-2026-{number:04}/draft/", whole(writer=kept.writer(company.alice)))

    assert len(client.session["kept_text"]) == kept.MOST_PAGES


def test_neither_token_nor_button_is_kept(company):
    client = Client()

    client.post(NEW, whole(writer=kept.writer(company.alice), act="submit", csrfmiddlewaretoken="token-of-old"))

    entry = client.session["kept_text"][NEW]["text"]
    assert "token-of-old" not in entry
    assert "act=submit" not in entry


def test_kept_text_can_be_discarded(company):
    case = company.draft(control="nonsense")
    assert "nonsense" in text(company.client.get(url(case)))

    company.client.post(url(case), upon(case, act="discard", title="Dropped"))

    page = text(company.client.get(url(case)))
    assert "nonsense" not in page
    assert "Dropped" not in page


def test_a_post_from_elsewhere_is_refused_before_anything_is_kept(company):
    client = Client(enforce_csrf_checks=True)

    answer = client.post(NEW, whole(writer=kept.writer(company.alice)))

    assert answer.status_code == 403
    assert "kept_text" not in client.session


@pytest.mark.parametrize("address", [NEW, "/exceptions/EXC-2026-0001/draft/", "/exceptions/EXC-2026-0001/amendment/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_signed_out_visitors_are_sent_to_sign_in(db, address, method):
    assert getattr(Client(), method)(address).headers["Location"] == f"{SIGN_IN}?next={address}"
