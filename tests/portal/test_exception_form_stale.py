"""A later writer with a stale version sees both versions and loses nothing."""

import pytest

from exceptions_app.models import ExceptionCase
from tests.portal.form_sheets import GRANT, Company, signed_in, text, upon, url


@pytest.fixture
def company(db):
    return Company()


def test_both_versions_stand_side_by_side_where_they_differ(company):
    case = company.draft(owner="bob@example.com")
    mine = upon(case, owner="bob@example.com", title="My title", term_days="14", blocked="Same words.")
    signed_in(company.bob).post(
        url(case), upon(case, owner="bob@example.com", title="Bob's title", blocked="Same words.")
    )

    answer = company.client.post(url(case), mine)

    page = text(answer)
    assert answer.status_code == 409
    assert "Bob Berg saved this while you were writing" in page
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert "Bob&#x27;s title" in table
    assert "My title" in table
    assert ">30<" in table
    assert ">14<" in table
    assert "Same words" not in table
    assert 'value="My title"' in page
    assert ExceptionCase.objects.get().title == "Bob's title"


def test_saving_over_it_takes_one_more_press_and_loses_nothing_of_mine(company):
    case = company.draft()
    mine = upon(case, title="My title", grants=[GRANT | {"actions": "write", "resource": "kv/mine"}])
    company.client.post(url(case), upon(case, title="Elsewhere"))

    shown = company.client.post(url(case), mine)
    version = shown.context["sheet"].ask["version"].value()
    company.client.post(url(case), mine | {"version": version})

    case = ExceptionCase.objects.get()
    assert case.title == "My title"
    assert case.grants.get().resource == "kv/mine"
    assert [version.title for version in case.history.order_by("history_id")][-2:] == ["Elsewhere", "My title"]


def test_rows_are_compared_in_words(company):
    case = company.draft()
    mine = upon(case, grants=[GRANT | {"actions": "write", "resource": "kv/mine/*"}])
    company.client.post(url(case), upon(case, title="Elsewhere"))

    page = text(company.client.post(url(case), mine))

    assert "may write everything under kv/mine/ on Key vault" in page
    assert "may read and list everything under kv/prod/erp/" in page


def test_unreadable_text_of_mine_is_shown_too(company):
    case = company.draft()
    mine = upon(case, control="nonsense")
    company.client.post(url(case), upon(case, title="Elsewhere"))

    page = text(company.client.post(url(case), mine))

    assert page.count("nonsense") >= 2


def test_the_same_text_sent_twice_is_no_conflict(company):
    case = company.draft()
    data = upon(case, title="Once")

    company.client.post(url(case), data)
    answer = company.client.post(url(case), data)

    assert answer.headers["Location"] == url(case)


def test_a_form_without_a_version_never_saves_over(company):
    case = company.draft()

    answer = company.client.post(url(case), upon(case, title="Blind") | {"version": ""})

    assert answer.status_code == 409
    assert ExceptionCase.objects.get().title != "Blind"


def test_an_amendment_upon_an_old_version_shows_both(company):
    case = company.request()
    mine = upon(case, title="Mine", act="submit")
    company.client.post(url(case, "amendment"), upon(case, title="First", act="submit"))

    answer = company.client.post(url(case, "amendment"), mine)

    assert answer.status_code == 409
    assert 'value="Mine"' in text(answer)
    assert ExceptionCase.objects.get().title == "First"


def test_the_hints_warn_before_the_save(company):
    case = company.draft()
    mine = upon(case)
    company.client.post(url(case), upon(case, title="Elsewhere"))

    assert "Someone saved this after you opened it" in text(company.client.post(url(case, "hints"), mine))
