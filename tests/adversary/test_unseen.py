"""Alice's ways to have approved what Bob did not see (promise 5)."""

import pytest

from accounts.errors import Stale
from catalog import services as catalog
from exceptions_app import ask, services
from exceptions_app.queries import case as queries
from exceptions_app.services import DraftContent
from tests.exceptions_app.reading import refused
from tests.exceptions_app.world import START, World, fresh

pytestmark = pytest.mark.django_db
WIDE = "kv/everything/*"


@pytest.fixture
def world(time_machine):
    time_machine.move_to(START, tick=False)
    return World()


@pytest.fixture
def slow_page(world, monkeypatch):
    """Alice changes her request while Bob's page is being made, after its parts are read."""
    story = queries.story

    def read_then_change(case, user, at):
        read = story(case, user, at)
        monkeypatch.setattr(queries, "story", story)
        content = DraftContent(grants=[world.grant(WIDE)])
        version = fresh(case).version
        services.amend(case=case, actor=world.alice, at=START, version=version, content=content, router=world.router)
        return read

    monkeypatch.setattr(queries, "story", read_then_change)


@pytest.mark.parametrize("address", ["/exceptions/{}/", "/queue/?open={}", "/exceptions/{}/approval/"])
def test_a_page_binds_to_the_parts_it_shows(client, world, slow_page, address):
    case = world.requested()
    client.force_login(world.bob)

    page = client.get(address.format(case.reference)).content.decode()

    shown, bound = f"<code>{WIDE}</code>" in page, f'value="{ask.digest(fresh(case))}"' in page
    assert shown == bound


def test_a_stale_answer_binds_to_the_parts_it_then_shows(client, world, slow_page):
    case = world.requested()
    client.force_login(world.bob)
    seen = ask.digest(case)

    answer = {"digest": seen, "statement": "I accept it.", "capacity": "Head of identity"}
    page = client.post(f"/exceptions/{case.reference}/approval/", answer).content.decode()

    assert f"<code>{WIDE}</code>" in page
    assert f'value="{ask.digest(fresh(case))}"' in page


def test_a_cap_raised_after_bob_read_how_long_he_approves_is_a_changed_fact(client, world):
    case = world.requested(term_days=30)
    cap(world, 10)
    client.force_login(world.bob)
    page = client.get(f"/exceptions/{case.reference}/").content.decode()
    assert "Approve for 10 days" in page
    seen = ask.digest(fresh(case))

    cap(world, 28)

    with refused(Stale):
        world.approve(case, START, digest=seen)


def test_a_system_renamed_after_bob_read_its_name_is_a_changed_fact(world):
    case = world.requested()
    seen = ask.digest(fresh(case))

    catalog.change_system(system=world.system, version=1, actor=world.petra, at=START, name="Payroll vault")

    with refused(Stale):
        world.approve(case, START, digest=seen)


def cap(world, days):
    """Nothing on the control may run longer than this at moderate risk or above."""
    control = fresh(world.control)
    caps = dict.fromkeys(("term_cap_moderate", "term_cap_high", "term_cap_critical"), days)
    catalog.change_control(control=control, version=control.version, actor=None, at=START, **caps)


def test_carol_verifies_only_the_safeguard_she_read(world):
    case = world.requested(safeguards=[world.safeguard("Alerts on any other caller", required=True)])
    read = case.safeguards.get()
    reword(world, case, "Somebody looks at the log now and then")

    with refused(Stale, case):
        services.verify_safeguard(safeguard=read, actor=world.carol, at=START, statement="Alert fired.")


def test_the_page_that_verifies_binds_to_the_safeguard_it_shows(client, world):
    case = world.requested(safeguards=[world.safeguard("Alerts on any other caller", required=True)])
    client.force_login(world.carol)
    address = f"/exceptions/{case.reference}/safeguards/{case.safeguards.get().pk}/verification/"
    form = client.get(address).context["form"]
    answer = {bound.html_name: bound.value() or "" for bound in form} | {"statement": "Alert fired."}
    reword(world, case, "Somebody looks at the log now and then")

    page = client.post(address, answer)

    assert page.status_code == 409
    assert "Somebody looks at the log" in page.content.decode()
    assert "Alert fired." in page.content.decode()
    assert case.safeguards.get().verified_at is None
    again = client.post(address, page.context["form"].data)
    assert again.status_code == 302
    assert case.safeguards.get().verified_by == world.carol


def reword(world, case, description):
    services.amend(
        case=case,
        actor=world.alice,
        at=START,
        version=fresh(case).version,
        content=DraftContent(safeguards=[world.safeguard(description, required=True)]),
        router=world.router,
    )
