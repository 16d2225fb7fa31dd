"""The form's pages: a draft is opened by its first save, nothing written is lost, submission says what is missing."""

import re

import pytest

from exceptions_app.models import ExceptionCase, State
from tests import factories
from tests.portal.form_sheets import GRANT, NEW, SAFEGUARD, Company, bare, signed_in, text, upon, url, whole


@pytest.fixture
def company(db):
    return Company()


def test_looking_at_the_form_opens_no_draft(company):
    answer = company.client.get(NEW)

    assert answer.status_code == 200
    assert not ExceptionCase.objects.exists()
    for section in ("What deviates", "For whom", "What it opens", "What stands in", "How long", "How it ends"):
        assert section in text(answer)


def test_break_glass_is_not_offered(company):
    assert 'value="break_glass"' not in text(company.client.get(NEW))


def test_first_save_opens_a_draft_with_everything_written(company):
    answer = company.client.post(NEW, whole())

    case = ExceptionCase.objects.get()
    assert answer.headers["Location"] == url(case)
    assert (case.state, case.requester, case.owner) == (State.DRAFT, company.alice, company.alice)
    assert (case.control, case.identity, case.term_days, case.likelihood) == (company.control, company.identity, 30, 2)
    grant = case.grants.get()
    assert (grant.system, grant.actions, grant.networks) == (company.system, ["read", "list"], ["10.4.0.0/16"])
    assert case.safeguards.get().required


def test_saved_text_comes_back_in_the_form(company):
    case = company.draft()

    page = text(company.client.get(url(case)))

    assert "NHI-ROT-01 · Secrets are rotated" in page
    assert "svc-erp · svc-erp · production · Olive Olsson" in page
    assert "read, list" in page


def test_saving_what_the_form_shows_changes_nothing(company):
    case = company.draft()
    company.client.post(url(case), upon(case))
    before = list(case.grants.values()), list(case.safeguards.values())

    company.client.post(url(case), upon(case))

    assert (list(case.grants.values()), list(case.safeguards.values())) == before


def test_what_cannot_be_stored_is_kept_beside_its_error_and_the_rest_is_saved(company):
    grant = {"system": "Key vault", "actions": "read", "resource": "kv/*", "networks": "10.4.3.7/16"}
    data = whole(control="nonsense", end_on="2026-02-31", grants=[grant])

    answer = company.client.post(NEW, data, follow=True)

    case = ExceptionCase.objects.get()
    page = text(answer)
    assert case.title
    assert case.control is None
    assert case.grants.get().resource == "kv/*"
    assert "Nothing is called “nonsense”" in page
    assert "Write 10.4.0.0/16 for the whole of it" in page
    assert 'value="nonsense"' in page
    assert 'value="10.4.3.7/16"' in page
    assert "except for what is marked below" in page
    assert 'href="#id_grants-0-networks"' in page


def test_what_could_not_be_stored_is_still_there_after_a_reload_and_can_be_mended(company):
    case = company.draft(control="nonsense")

    company.client.get(url(case))
    assert 'value="nonsense"' in text(company.client.get(url(case)))
    company.client.post(url(case), upon(case))

    case.refresh_from_db(fields=["control"])
    assert case.control == company.control
    assert "except for what is marked" not in text(company.client.get(url(case)))


def test_long_text_is_refused_by_the_server_and_never_cut_by_the_browser(company):
    page = text(company.client.get(NEW))
    assert not re.search(r'name="title"[^>]*maxlength', page)

    case = company.draft(title="x" * 161)

    assert case.title == ""
    assert "x" * 161 in text(company.client.get(url(case)))


def test_an_ambiguous_name_is_answered_with_those_it_fits(company):
    factories.UserFactory(email="bo@example.com", name="Bob Back")

    case = company.draft(backup_owner="Bob")

    assert case.backup_owner is None
    assert "fits several" in text(company.client.get(url(case)))


def test_part_of_a_name_that_fits_one_is_enough(company):
    case = company.draft(backup_owner="bob b", control="rotated")

    assert case.backup_owner == company.bob
    assert case.control == company.control


def test_owner_cannot_be_their_own_backup_even_by_way_of_an_unreadable_field(company):
    case = company.draft(backup_owner="bob@example.com")

    company.client.post(url(case), upon(case, owner="bob@example.com", backup_owner="nonsense"))

    case = ExceptionCase.objects.get()
    assert case.owner == company.bob
    assert case.backup_owner is None


def test_end_date_stands_in_the_persons_zone_unless_another_is_named(company):
    company.alice.time_zone = "Europe/Stockholm"
    company.alice.save()

    case = company.draft(term_days="", end_on="2027-01-05")
    other = company.draft(term_days="", end_on="2027-01-05", end_zone="Asia/Tokyo")

    assert (case.end_zone, other.end_zone) == ("Europe/Stockholm", "Asia/Tokyo")


def test_instants_are_written_in_the_persons_zone(company):
    company.alice.time_zone = "Asia/Tokyo"
    company.alice.save()

    case = company.draft(planned_start_at="2027-01-05T09:00")

    assert case.planned_start_at.isoformat() == "2027-01-05T00:00:00+00:00"
    assert 'value="2027-01-05T09:00"' in text(company.client.get(url(case)))


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-31", "tomorrow"])
def test_impossible_days_are_refused_kindly(company, day):
    case = company.draft(end_on=day, term_days="", planned_start_at=f"{day}T00:00", remediation_on=day)

    assert company.client.get(url(case)).status_code == 200
    assert (case.end_on, case.planned_start_at, case.remediation_on) == (None, None, None)


def test_rows_are_added_and_removed_without_javascript_and_without_a_draft(company):
    two = company.client.post(NEW, whole(add="grants"))
    one = company.client.post(NEW, whole(remove="grants-0"))

    assert 'name="grants-1-system"' in text(two)
    assert 'value="kv/prod/erp/*"' in text(two)
    assert re.search(r'name="grants-0-DELETE" value="on" checked', text(one))
    assert not ExceptionCase.objects.exists()


def test_a_removed_row_is_gone_after_the_save(company):
    case = company.draft()

    company.client.post(url(case), upon(case, grants=[GRANT | {"DELETE": "on"}, GRANT | {"resource": "kv/b"}]))

    assert [row.resource for row in case.grants.all()] == ["kv/b"]


def test_a_form_without_its_row_count_leaves_the_rows_alone(company):
    case = company.draft()
    data = {name: value for name, value in upon(case).items() if not name.startswith("grants")}

    company.client.post(url(case), data)

    assert case.grants.count() == 1


def test_submission_of_a_whole_form_goes_to_its_approvers(company):
    answer = company.client.post(NEW, whole(act="submit"))

    case = ExceptionCase.objects.get()
    assert case.state == State.REQUESTED
    assert answer.headers["Location"] == f"/exceptions/{case.reference}/"


def test_refused_submission_saves_the_draft_and_links_each_problem_to_its_field(company):
    data = whole(act="submit", title="", term_days="900", grants=[{}, GRANT | {"resource": ""}], safeguards=[{}])

    answer = company.client.post(NEW, data, follow=True)

    case, page = ExceptionCase.objects.get(), text(answer)
    assert case.state == State.DRAFT
    assert case.blocked
    summary = page[page.index('id="summary-title"') : page.index('id="what"')]
    assert re.findall(r'href="#([^"]+)"', summary) == ["id_title", "id_grants-1-resource", "safeguards", "id_term_days"]
    assert "900 days is too long" in summary
    assert 'aria-invalid="true"' in page
    assert "data-focus" in page


def test_submission_of_unreadable_text_tells_everything_in_the_way_at_once(company):
    answer = company.client.post(NEW, whole(act="submit", control="nonsense", term_days=""), follow=True)

    page = text(answer)
    summary = page[page.index('id="summary-title"') : page.index('id="what"')]
    assert re.findall(r'href="#([^"]+)"', summary) == ["id_control", "id_term_days"]
    assert ExceptionCase.objects.get().state == State.DRAFT


def test_submitting_the_same_text_twice_lands_on_the_case(company):
    case = company.draft()
    data = upon(case, act="submit")

    company.client.post(url(case), data)
    answer = company.client.post(url(case), data)

    assert answer.headers["Location"] == f"/exceptions/{case.reference}/"


def test_text_for_a_draft_that_was_submitted_meanwhile_is_kept(company):
    case = company.request()

    answer = company.client.post(url(case), upon(case, title="Another title"))

    assert answer.status_code == 409
    assert "no longer possible" in text(answer)
    assert "Another title" in text(answer)


def test_retrospective_exception_says_since_when(company):
    case = company.draft(kind="retrospective", exposed_from_at="2026-11-01T08:00", act="submit")

    assert (case.kind, case.state) == ("retrospective", State.REQUESTED)


def test_evidence_is_attached_with_the_save(company):
    case = company.draft(link="https://example.com/ticket/7", evidence_title="Vendor's ticket", act="attach")

    assert case.evidence.get().url == "https://example.com/ticket/7"
    assert "Vendor&#x27;s ticket" in text(company.client.get(url(case)))


def test_evidence_that_cannot_be_attached_says_why_and_the_draft_is_saved(company):
    case = company.draft(link="https://example.com/ticket/7", evidence_title="")

    page = text(company.client.get(url(case)))
    assert case.title
    assert "Say what the link shows" in page
    assert "https://example.com/ticket/7" in page


def test_a_stored_link_is_not_attached_again_with_the_mended_text(company):
    case = company.draft(link="https://example.com/7", evidence_title="Ticket", control="nonsense")

    page = text(company.client.get(url(case)))

    assert case.evidence.count() == 1
    assert 'value="https://example.com/7"' not in page


def test_an_amendment_says_what_it_costs_and_changes_the_request(company):
    case = company.request()
    page = text(company.client.get(url(case, "amendment")))
    assert "Changing this voids the decisions so far" in page

    answer = company.client.post(url(case, "amendment"), upon(case, title="Amended", act="submit"))

    case = ExceptionCase.objects.get()
    assert answer.headers["Location"] == f"/exceptions/{case.reference}/"
    assert (case.title, case.state) == ("Amended", State.REQUESTED)


def test_an_amendment_that_changes_nothing_voids_nothing(company):
    case = company.request()

    company.client.post(url(case, "amendment"), upon(case, act="submit"))

    assert ExceptionCase.objects.get().version == case.version
    assert case.routes.get().voided_at is None


@pytest.mark.parametrize("wrong", [{"title": ""}, {"control": "nonsense"}])
def test_a_refused_amendment_changes_nothing_and_keeps_the_text(company, wrong):
    case = company.request()

    answer = company.client.post(url(case, "amendment"), upon(case, blocked="New words.", **wrong), follow=True)

    assert "New words." in text(answer)
    assert "There is a problem" in text(answer)
    assert ExceptionCase.objects.get().blocked == "Rotation refuses svc-erp."


def test_pages_of_another_state_lead_to_the_case(company):
    case = company.request()
    assert company.client.get(url(case)).headers["Location"] == f"/exceptions/{case.reference}/"

    draft = company.draft()
    assert company.client.get(url(draft, "amendment")).headers["Location"] == f"/exceptions/{draft.reference}/"


@pytest.mark.parametrize("page", ["draft", "amendment"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_find_nothing_and_auditors_may_not(company, page, method):
    case = company.draft() if page == "draft" else company.request()

    def answer(client):
        return getattr(client, method)(url(case, page), upon(case)).status_code

    assert answer(signed_in(company.mallory)) == 404
    assert answer(signed_in(factories.audrey())) == 403
    assert answer(signed_in(factories.petra())) == 403


@pytest.mark.parametrize("method", ["get", "post"])
def test_auditors_ask_for_nothing(company, method):
    assert getattr(signed_in(factories.audrey()), method)(NEW, bare()).status_code == 403
    assert not ExceptionCase.objects.exists()


def test_the_number_of_queries_does_not_grow_with_rows_or_choices(company, django_assert_max_num_queries):
    case = company.draft()
    with django_assert_max_num_queries(40) as few:
        company.client.get(url(case))
        count = len(few)
    company.client.post(url(case), upon(case, grants=[GRANT] * 20, safeguards=[SAFEGUARD] * 20))
    for _number in range(30):
        factories.IdentityFactory()
        factories.SystemFactory()
        factories.UserFactory()

    with django_assert_max_num_queries(count):
        company.client.get(url(case))

    assert case.grants.count() == 20
