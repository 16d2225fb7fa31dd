"""The queue page: rows to decide, a panel beside them, and what others decide."""

from datetime import UTC, datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from exceptions_app import ask
from tests.exceptions_app.world import DAY, World, fresh


def make_world():
    return World(at=datetime.now(UTC) - DAY)


def queue(client, user, query="", **headers):
    client.force_login(user)
    return client.get(f"/queue/{query}", headers=headers)


def test_queue_asks_for_a_sign_in_and_takes_no_posts(client, world):
    assert client.get("/queue/")["Location"] == "/accounts/login/?next=/queue/"
    client.force_login(world.bob)
    assert client.post("/queue/").status_code == 405


def test_row_says_who_what_how_long_and_where_it_stands(client, world):
    case = world.requested()

    shown = " ".join(queue(client, world.bob).content.decode().split())

    assert "erp-sync → Secrets are rotated" in shown
    assert case.reference in shown
    for words in ("30 of 90 days", "First request", "0 of 1 verified", "1 of 1", "4 days left"):
        assert words in shown, words


def test_rows_for_one_identity_and_control_can_be_told_apart(client, world):
    for title in ("The close needs a second path", "The audit needs a third path"):
        world.requested(title=title)

    shown = queue(client, world.bob).content.decode()

    assert ">The close needs a second path</a>" in shown
    assert ">The audit needs a third path</a>" in shown


def test_panel_says_what_each_number_means(client, world):
    case = world.requested()

    panel = " ".join(queue(client, world.bob, f"?open={case.reference}").content.decode().split())

    assert "Asks for 30 days of the 90 allowed" in panel
    assert "First request" in panel


def test_panel_tells_what_came_before_and_the_time_it_took(client, world):
    ended = world.closed(world.start - 10 * DAY, term_days=5)
    case = world.requested()

    panel = " ".join(queue(client, world.bob, f"?open={case.reference}").content.decode().split())

    assert "5 days in force in all. At this risk 180 are allowed in all, renewals included, and 175 are left." in panel
    assert f'href="/exceptions/{ended.reference}/"' in panel


def test_panel_tells_what_other_steps_said(client, world):
    router = world.routed((world.make_group("Security", "Dora"), 1), (world.group, 1))
    case = world.requested(router=router)
    world.approve(case, world.start, actor=world.person("Dora"))

    panel = " ".join(queue(client, world.bob, f"?open={case.reference}").content.decode().split())

    assert "Step 1: Security" in panel
    assert "I accept that a stolen key works for 30 days." in panel


def test_panel_says_that_an_unverified_safeguard_holds_the_start_back(client, world):
    guarded = world.requested(safeguards=[world.safeguard(required=True), world.safeguard("A second pair of eyes")])
    free = world.requested(identity=world.make_identity("free"))

    held = queue(client, world.bob, f"?open={guarded.reference}").content.decode()
    plain = queue(client, world.bob, f"?open={free.reference}").content.decode()

    assert "Before it starts, 1 required safeguard has to be verified, by " in held
    assert (
        f'You may <a href="/exceptions/{guarded.reference}/#safeguards">verify</a> it, before or after you approve.'
        in held
    )
    assert "Required, not verified" in held
    assert ">Not verified<" in held
    assert "Before it starts" not in plain


def test_answers_are_offered_before_the_request_is_read_to_its_end(client, world):
    case = world.requested()

    panel = queue(client, world.bob, f"?open={case.reference}", **{"X-Partial": "panel"}).content.decode()

    assert panel.index('href="#approval-statement"') < panel.index("<dl")


def test_nothing_waits_for_those_without_a_seat(client, world):
    world.requested()

    for user in (world.alice, world.audrey, world.petra, world.mallory):
        assert "Nothing waits for you" in queue(client, user).content.decode(), user


def test_what_i_gain_from_stands_apart(client, world):
    case = world.draft(actor=world.bob, owner=world.bob)
    world.submit(case, world.start, actor=world.bob)

    shown = queue(client, world.bob).content.decode()

    assert "Someone else decides these" in shown
    assert case.reference in shown
    assert "Nothing waits for you" in shown


def test_panel_opens_with_and_without_a_script(client, world):
    case = world.requested()

    whole = queue(client, world.bob, f"?open={case.reference}")
    part = queue(client, world.bob, f"?open={case.reference}", **{"X-Partial": "panel"})

    for response in (whole, part):
        page = response.content.decode()
        assert "Approve for 30 days" in page
        assert f'value="{ask.digest(fresh(case))}"' in page
        assert 'value="queue"' in page
    assert b"<html" not in part.content
    assert queue(client, world.mallory, f"?open={case.reference}").status_code == 404


def test_panel_of_a_case_that_is_not_mine_to_decide_says_why(client, world):
    case = world.requested()

    part = queue(client, world.alice, f"?open={case.reference}", **{"X-Partial": "panel"})
    assert "someone else decides" in part.content.decode()


def test_filters_keep_what_fits_and_forgive_nonsense(client, world):
    case = world.requested()

    assert case.reference in queue(client, world.bob, "?q=erp").content.decode()
    assert "Nothing fits these filters" in queue(client, world.bob, "?risk=4").content.decode()
    assert case.reference in queue(client, world.bob, "?risk=many&group=none").content.decode()


def test_only_filters_that_are_set_can_be_cleared(client, world):
    world.requested()

    assert ">Clear</a>" in queue(client, world.bob, "?risk=4").content.decode()
    assert ">Clear</a>" not in queue(client, world.bob).content.decode()


def test_queue_costs_the_same_for_one_and_for_many(client, world):
    world.requested()
    queue(client, world.bob)
    with CaptureQueriesContext(connection) as one:
        client.get("/queue/")
    for number in range(4):
        world.requested(identity=world.make_identity(f"robot-{number}"))

    with CaptureQueriesContext(connection) as five:
        client.get("/queue/")

    assert len(five) == len(one)
    assert len(one) <= 12, "\n".join(query["sql"][:120] for query in one)
