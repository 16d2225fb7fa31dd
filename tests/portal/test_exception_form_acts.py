"""The one-button acts round a draft, and the evidence download."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit import clock
from exceptions_app import ask, services
from exceptions_app.models import ExceptionCase, State
from tests import factories
from tests.exceptions_app.world import World
from tests.portal.form_sheets import Company, signed_in, text, upon, url

ACTS = ["duplicate", "withdrawal", "backup-acceptance"]


@pytest.fixture
def company(db):
    return Company()


@pytest.fixture
def attached(company, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    case = company.draft()
    upload = SimpleUploadedFile("<b>plan</b>.html", b"The plan.\n<script>alert(1)</script>", content_type="text/html")
    company.client.post(url(case), upon(case, act="attach") | {"upload": upload, "evidence_title": "The plan"})
    return case, case.evidence.get()


def test_a_duplicate_is_a_draft_of_ones_own(company):
    case = company.request(owner="bob@example.com")

    answer = signed_in(company.bob).post(url(case, "duplicate"))

    copy = ExceptionCase.objects.latest("pk")
    assert answer.headers["Location"] == url(copy)
    assert (copy.requester, copy.state, copy.title) == (company.bob, State.DRAFT, case.title)


def test_a_returned_draft_shows_what_was_asked(db):
    world = World(at=clock.now() - timedelta(days=1))
    case = world.requested()
    services.ask_for_changes(
        case=case, actor=world.bob, at=clock.now(), digest=ask.digest(case), reason="Say which subnet."
    )

    page = text(signed_in(world.alice).get(url(case)))

    assert "asked for changes" in page
    assert "Say which subnet." in page


def test_what_was_never_in_force_has_no_renewal(company):
    answer = company.client.post(url(company.draft(), "renewal"))

    assert answer.status_code == 409


def test_a_request_that_lapsed_offers_no_renewal(company):
    case = company.request()
    services.lapse(case=case, at=case.decide_by_at)

    page = text(company.client.get(f"/exceptions/{case.reference}/"))
    answer = company.client.post(url(case, "renewal"))

    assert ">Renew…<" not in page
    assert answer.status_code == 403
    assert "was never in force" in text(answer)
    assert ExceptionCase.objects.count() == 1


def test_a_draft_is_withdrawn_with_its_reason(company):
    case = company.draft()

    answer = company.client.post(url(case, "withdrawal"), {"reason": "Not needed."})

    assert answer.headers["Location"] == f"/exceptions/{case.reference}/"
    assert ExceptionCase.objects.get().state == State.WITHDRAWN
    assert company.client.post(url(case, "withdrawal")).status_code == 409


@pytest.mark.parametrize(("answer", "accepted"), [("accept", True), ("decline", False)])
def test_the_backup_owner_answers(company, answer, accepted):
    case = company.draft(backup_owner="bob@example.com")

    said = signed_in(company.bob).post(url(case, "backup-acceptance"), {"answer": answer})

    case = ExceptionCase.objects.get()
    assert said.status_code == 302
    assert bool(case.backup_accepted_at) == accepted
    assert (case.backup_owner == company.bob) == accepted


def test_backup_acceptance_is_answered_by_nobody_else_and_by_nothing_else(company):
    case = company.draft(backup_owner="bob@example.com")

    assert company.client.post(url(case, "backup-acceptance"), {"answer": "accept"}).status_code == 403
    assert signed_in(company.bob).post(url(case, "backup-acceptance"), {"answer": "maybe"}).status_code == 400


@pytest.mark.parametrize("act", ACTS)
def test_acts_are_posts_by_those_who_see_the_case_and_may(company, act):
    case = company.draft()
    data = {"answer": "accept"}

    assert company.client.get(url(case, act)).status_code == 405
    assert Client().post(url(case, act), data).headers["Location"].startswith("/accounts/login/")
    assert signed_in(company.mallory).post(url(case, act), data).status_code == 404
    assert signed_in(factories.audrey()).post(url(case, act), data).status_code in {403, 409}
    assert ExceptionCase.objects.get().version == case.version


def test_evidence_is_a_download_that_can_run_nothing(company, attached):
    case, item = attached

    answer = company.client.get(f"{url(case, 'evidence')}{item.pk}/")

    assert b"".join(answer.streaming_content) == b"The plan.\n<script>alert(1)</script>"
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "<b>plan" not in text(company.client.get(url(case)))


def test_evidence_is_removed_with_the_save(company, attached):
    case, item = attached
    assert f'value="remove-evidence-{item.pk}"' in text(company.client.get(url(case)))

    answer = company.client.post(
        url(case), upon(case, title="New title", act=f"remove-evidence-{item.pk}"), follow=True
    )

    assert "is saved without “The plan”." in text(answer)
    assert not case.evidence.exists()
    assert ExceptionCase.objects.get().title == "New title"


@pytest.mark.parametrize(
    "act", ["remove-evidence-0", "remove-evidence-999999", "remove-evidence-x", "remove-evidence-"]
)
def test_removing_what_is_not_there_removes_nothing(company, attached, act):
    case, item = attached

    answer = company.client.post(url(case), upon(case, act=act))

    assert answer.status_code in {302, 404}
    assert case.evidence.get() == item


def test_evidence_belongs_to_its_case_and_its_readers(company, attached):
    case, item = attached
    other = company.draft()
    link = services.attach_link(
        case=case, actor=company.alice, at=clock.now(), title="Link", url="https://example.com/"
    )

    assert company.client.get(f"{url(other, 'evidence')}{item.pk}/").status_code == 404
    assert company.client.get(f"{url(case, 'evidence')}{link.pk}/").status_code == 404
    assert signed_in(company.mallory).get(f"{url(case, 'evidence')}{item.pk}/").status_code == 404
    assert Client().get(f"{url(case, 'evidence')}{item.pk}/").status_code == 302
    assert company.client.post(f"{url(case, 'evidence')}{item.pk}/").status_code == 405
