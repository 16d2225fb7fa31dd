"""Renewing on one page, the chain on every member's page, and uses on record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit import clock
from exceptions_app import services
from exceptions_app.models import SINCE, ExceptionCase, State, Use
from tests.exceptions_app import world as worlds
from tests.exceptions_app.world import DAY, World, fresh
from tests.portal.form_sheets import signed_in, text, url


@pytest.fixture
def world(db):
    return World(at=clock.now() - timedelta(days=5))


def answered(**changed):
    day = (clock.now() + 20 * DAY).date()
    return {**worlds.SINCE, "term_days": "20", "remediation_on": str(day)} | changed


def test_a_renewal_is_asked_for_on_one_page(world):
    case = world.active()
    client = signed_in(world.alice)

    page = text(client.get(url(case, "renewal")))
    answer = client.post(url(case, "renewal"), answered())

    told = "5 of them by now. At this risk 180 are allowed in all, renewals included, and 150 are left."
    assert f"30 days in force in all, {told}" in " ".join(page.split())
    assert 'name="term_days" value="30"' in page
    renewal = ExceptionCase.objects.latest("pk")
    assert answer.headers["Location"] == url(renewal).removesuffix("draft/")
    assert (renewal.state, renewal.renews, renewal.term_days) == (State.REQUESTED, case, 20)
    assert {name: getattr(renewal, name) for name in SINCE} == worlds.SINCE


def test_what_is_not_answered_is_asked_for_and_nothing_written_is_lost(world):
    case = world.active()

    answer = signed_in(world.alice).post(url(case, "renewal"), answered(why_still=" "))

    page = text(answer)
    assert "Say why it is still needed." in page
    assert worlds.SINCE["what_changed"] in page
    assert ExceptionCase.objects.count() == 1


def test_one_may_look_over_the_whole_draft_first(world):
    case = world.active()
    client = signed_in(world.alice)

    answer = client.post(url(case, "renewal"), answered(look="1", why_still=""))

    draft = ExceptionCase.objects.latest("pk")
    assert (draft.state, draft.renews) == (State.DRAFT, case)
    assert answer.headers["Location"] == url(draft)
    page = text(client.get(url(draft)))
    assert worlds.SINCE["what_changed"] in page
    assert f'href="/exceptions/{case.reference}/"' in page


def test_what_cannot_be_asked_stays_a_draft(world):
    case = world.active()

    answer = signed_in(world.alice).post(url(case, "renewal"), answered(remediation_on="2026-01-01"), follow=True)

    draft = ExceptionCase.objects.latest("pk")
    assert (draft.state, draft.term_days) == (State.DRAFT, 20)
    assert "It is not asked for yet: The day by which the cause is mended is past." in text(answer)


def test_more_days_than_one_term_may_last_are_refused_on_the_same_page(world):
    case = world.active()

    answer = signed_in(world.alice).post(url(case, "renewal"), answered(term_days="91"))

    assert "At most 90 days at a time, as things stand." in text(answer)
    assert worlds.SINCE["why_still"] in text(answer)
    assert not case.renewals.exists()


def test_who_comes_by_an_old_link_is_led_to_the_renewal_under_way(world):
    case = world.active()
    client = signed_in(world.alice)
    client.post(url(case, "renewal"), answered())

    answer = client.get(url(case, "renewal"), follow=True)

    renewal = case.renewals.get()
    assert answer.redirect_chain[-1][0] == url(renewal).removesuffix("draft/")
    assert f"{renewal.reference} is the renewal of {case.reference}, and under way." in text(answer)


def test_who_asks_too_late_reads_that_there_may_be_a_time_without(db):
    world = World(at=clock.now() - timedelta(days=29))
    case = world.active()

    answer = signed_in(world.alice).post(url(case, "renewal"), answered(), follow=True)

    assert f"{case.reference} ends on " in text(answer)
    assert "undecided by then, nothing is in force until somebody decides." in text(answer)


def test_pressing_again_asks_for_the_draft_that_could_not_be_asked(world):
    case = world.active()
    client = signed_in(world.alice)

    for day in ("2026-01-01", "2026-01-02", None):
        client.post(url(case, "renewal"), answered(**({"remediation_on": day} if day else {})))

    renewal = case.renewals.get()
    assert (renewal.state, renewal.term_days) == (State.REQUESTED, 20)


def test_a_use_while_it_was_not_in_force_is_shown_as_one(world):
    case = world.suspended()
    services.record_use(
        case=case, actor=world.alice, at=clock.now(), used_at=world.start + DAY, what="Nobody stopped the job."
    )

    assert "Not in force then" in text(signed_in(world.connie).get(f"/exceptions/{case.reference}/"))


def test_approvers_read_what_a_renewal_answers_and_its_chain(world):
    case = world.active()
    renewal = world.renewal(case, clock.now())

    page = text(signed_in(world.bob).get(f"/exceptions/{renewal.reference}/"))

    assert all(said in page for said in worlds.SINCE.values())
    assert "The whole chain" in page
    assert f'href="/exceptions/{case.reference}/"' in page


def test_the_chain_stands_on_every_member(world):
    first = world.closed(world.start - 40 * DAY, term_days=10)
    second = world.active()

    for member, other in ((first, second), (second, first)):
        page = text(signed_in(world.alice).get(f"/exceptions/{member.reference}/"))
        assert "40 days in force in all" in " ".join(page.split())
        assert f'href="/exceptions/{other.reference}/"' in page


def test_the_form_asks_a_filing_that_continues_another_and_no_first_one(world):
    closed = world.closed(world.start - 40 * DAY, term_days=10)
    nothing = dict.fromkeys(SINCE, "")
    again = world.draft(clock.now(), **nothing)
    first = world.draft(clock.now(), identity=world.make_identity("payroll"), **nothing)
    client = signed_in(world.alice)

    pages = [text(client.get(url(draft))) for draft in (again, first)]

    assert closed.end_reason == "expired"
    assert ["why it is still needed</a>" in page for page in pages] == [True, False]
    assert all('name="why_still"' in page for page in pages)


def test_a_use_is_recorded_and_shown(world):
    case = world.active()
    client = signed_in(world.olga)
    assert "No use is on record" in text(client.get(f"/exceptions/{case.reference}/"))

    when = (clock.now() - DAY).strftime("%Y-%m-%dT%H:%M")
    answer = client.post(url(case, "use"), {"used_at": when, "what": "The nightly sync."})

    assert answer.status_code == 302
    assert Use.objects.get().case == case
    page = text(client.get(f"/exceptions/{case.reference}/"))
    assert "The nightly sync." in page
    assert "recorded a use on" in page


def test_a_use_that_cannot_be_keeps_what_was_written(world):
    case = world.active()

    when = (clock.now() + DAY).strftime("%Y-%m-%dT%H:%M")
    answer = signed_in(world.alice).post(url(case, "use"), {"used_at": when, "what": "The nightly sync."})

    assert answer.status_code == 409
    assert "still to come" in text(answer)
    assert "The nightly sync." in text(answer)


def test_what_nobody_used_waits_on_home_until_a_use_is_recorded(world):
    case = world.active(world.start - 10 * DAY)
    client = signed_in(world.olga)
    assert case.is_unused(clock.now())
    assert "No use on record: is it still needed?" in text(client.get("/"))

    services.record_use(
        case=case, actor=world.olga, at=clock.now(), used_at=clock.now() - DAY, what="The nightly sync."
    )

    assert not fresh(case).is_unused(clock.now())
    assert "No use on record: is it still needed?" not in text(client.get("/"))


def test_what_is_not_to_be_renewed_is_said_in_a_press_and_leaves_the_list(world):
    case = world.active(term_days=20)
    client = signed_in(world.alice)
    assert "Let it end" in text(client.get(url(case, "renewal")))

    page = text(client.post(url(case, "letting-end"), follow=True))

    assert "and is not to be renewed. You can still ask for a renewal." in page
    assert "It is not to be renewed." in page
    assert "said that it is not to be renewed" in page
    assert "Ending, and not to be renewed" in text(client.get("/"))
    assert "Asking for the renewal takes that back." in text(client.get(url(case, "renewal")))
