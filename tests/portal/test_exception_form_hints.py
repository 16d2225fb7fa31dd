"""The aside: what would be decided, by whom, until when, and what is missing, before anything is stored."""

import pytest
import time_machine
from django.test import Client

from catalog.models import Tier
from exceptions_app.models import ExceptionCase
from tests import factories
from tests.portal.form_sheets import GRANT, Company, bare, signed_in, text, upon, url, whole

NEW_HINTS = "/exceptions/new/hints/"


@pytest.fixture
def company(db):
    return Company()


def hints(company, **fields):
    answer = company.client.post(NEW_HINTS, whole(**fields))
    assert answer.status_code == 200
    return answer.context["hints"], text(answer)


def test_an_empty_form_says_what_it_waits_for(company):
    page = text(company.client.post(NEW_HINTS, bare()))

    assert "Name a control and an identity." in page
    assert "things still missing" in page
    assert 'href="#id_title"' in page


def test_the_contents_lead_to_every_section_and_to_what_is_missing_in_it(company):
    empty = company.client.post(NEW_HINTS, bare()).context["hints"]
    found, page = hints(company)

    assert [section.anchor for section in found.contents] == [
        "what",
        "who",
        "grants",
        "safeguards",
        "time",
        "end",
    ]
    assert [point for section in empty.contents for point in section.missing] == [
        point for _title, points in empty.missing_by_section for point in points
    ]
    assert not any(section.undone or section.missing for section in found.contents)
    form = text(company.client.get("/exceptions/new/"))
    for section in found.contents:
        assert f'href="#{section.anchor}"' in page
        assert f'id="{section.anchor}"' in form
    assert "The draft saves itself" in page


def test_a_whole_form_is_ready_and_nothing_was_stored(company):
    found, page = hints(company)

    assert "Ready to submit." in page
    assert not found.refused
    assert not ExceptionCase.objects.exists()


def test_cap_and_lifetime_left_are_told_with_their_tier(company):
    found, _page = hints(company)

    assert found.cap == "NHI-ROT-01 allows 90 days at moderate risk."
    assert found.left == "svc-erp has 180 left of 180 days in all, renewals included."


def test_tier_is_told_with_its_floor_and_reasons(company):
    company.control.severity = Tier.CRITICAL
    company.control.save()

    found, _page = hints(company)

    assert found.tier == Tier.HIGH
    assert found.scored == "Likelihood 2 × impact 2 is low."
    assert found.floor == "At least high, because:"
    assert "The control NHI-ROT-01 is critical." in found.why_floor


def test_who_decides_is_told_with_the_rule_and_leaves_out_those_who_gain(company):
    factories.bob(company.group)
    found, _page = hints(company)
    assert (found.deciders[0].title, found.deciders[0].people) == ("One of Approvers", "Bob Berg")
    assert found.deciders[0].reasons

    found, _page = hints(company, owner="bob@example.com")
    assert "without gaining from it" in found.deciders[0].people


@time_machine.travel("2026-11-21T09:00:00Z", tick=False)
def test_the_end_is_told_to_the_minute_and_zone(company):
    found, _page = hints(company, term_days="", end_on="2026-12-04", end_zone="Europe/Stockholm")
    assert found.end == "4 December 2026, 23:59 CET at the latest"

    found, _page = hints(company, term_days="30")
    assert found.end == "9 January 2027, 09:00 UTC at the latest"
    assert "30 days from its start" in found.end_note


def test_a_term_over_the_cap_would_be_refused_with_a_link_to_the_field(company):
    found, page = hints(company, term_days="400")

    assert [point.href for point in found.refused] == ["id_term_days"]
    assert "400 days is too long" in page


def test_grants_are_said_in_plain_words(company):
    found, _page = hints(company)

    [opens] = found.opens
    assert opens == (
        "svc-erp may read and list everything under kv/prod/erp/ on Key vault (production), only from 10.4.0.0/16, "
        f"until {found.end}."
    )


def test_problems_of_a_row_point_at_the_row_on_the_page(company):
    answer = company.client.post(NEW_HINTS, whole(grants=[{}, GRANT | {"resource": "two words"}]))

    assert [point.href for point in answer.context["hints"].refused] == ["id_grants-1-resource"]


def test_a_draft_is_judged_as_written_and_stays_as_stored(company):
    case = company.draft()

    page = text(company.client.post(url(case, "hints"), upon(case, term_days="400", title="Not stored")))

    assert "400 days is too long" in page
    assert ExceptionCase.objects.get().term_days == 30


def test_cases_alike_are_those_this_person_may_see(company):
    theirs = company.request()
    page = text(company.client.post(NEW_HINTS, whole()))
    assert theirs.reference in page

    other = signed_in(company.mallory)
    assert theirs.reference not in text(other.post(NEW_HINTS, whole(owner="mallory@example.com")))


@pytest.mark.parametrize(
    "mess",
    [
        {"term_days": "many"},
        {"end_on": "9999-12-31", "term_days": ""},
        {"end_on": "2027-01-01", "term_days": "", "end_zone": "Mars/Olympus"},
        {"likelihood": "9"},
        {"kind": "break_glass"},
        {"grants-TOTAL_FORMS": "x"},
        {"grants-TOTAL_FORMS": "9999"},
        {"planned_start_at": "2027-03-28T02:30"},
    ],
)
def test_nothing_typed_makes_the_hints_fail(company, mess):
    assert company.client.post(NEW_HINTS, whole(**mess)).status_code == 200
    assert company.client.post("/exceptions/new/", whole(**mess), follow=True).status_code == 200


def test_what_no_keyboard_types_is_refused_before_it_is_read(company):
    mess = whole(title="a\x00b")

    assert company.client.post(NEW_HINTS, mess).status_code == 400
    assert company.client.post("/exceptions/new/", mess).status_code == 400


def test_hints_are_for_those_who_may_write(company):
    case = company.draft()

    assert signed_in(company.mallory).post(url(case, "hints"), upon(case)).status_code == 404
    assert signed_in(factories.audrey()).post(url(case, "hints"), upon(case)).status_code == 403
    assert signed_in(factories.audrey()).post(NEW_HINTS, bare()).status_code == 403
    assert company.client.get(NEW_HINTS).status_code == 405


def test_a_lapsed_sign_in_is_told_in_the_aside_and_the_page_stays(db):
    answer = Client().post(NEW_HINTS, bare(), headers={"HX-Request": "true"})

    assert "You are signed out." in text(answer)
    assert "<form" not in text(answer)
    assert Client().post(NEW_HINTS, bare()).status_code == 302


def test_hints_cost_the_same_whatever_is_written(company, django_assert_max_num_queries):
    with django_assert_max_num_queries(23) as few:
        company.client.post(NEW_HINTS, whole())
        count = len(few)

    with django_assert_max_num_queries(count):
        company.client.post(NEW_HINTS, whole(grants=[GRANT] * 30))
