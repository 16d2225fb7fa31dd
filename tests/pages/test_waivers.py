"""Waivers in a browser, from the file to the request: the pages that only a file leads to are clean and narrow."""

import pytest
from playwright.sync_api import expect

from exceptions_app.models import ExceptionCase, State
from tests.exceptions_app.world import World
from tests.factories import PASSWORD, hashed_password
from tests.waivers.files import FILES

pytestmark = pytest.mark.django_db(transaction=True)
SIGHTS = ((1280, "light"), (360, "dark"), (1280, "dark"), (360, "light"))
FIREWALL = """Ref;Port;Network;Justification;Valid until;Asked by
FW-1;tcp/8443;10.4.0.0/16;The agent knows no other port;03/04/2026;Bo
FW-2;tcp/23;plant;The controllers speak telnet only;;Nadia
"""


@pytest.fixture
def world(transactional_db):
    return World()


@pytest.fixture
def clean(axe_violations, complaints):
    """Call it with a page: free of complaints, and no wider than its window."""

    def check(page):
        for width, theme in SIGHTS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            assert axe_violations(page) == [], (page.url, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        page.set_viewport_size({"width": 1280, "height": 900})
        assert complaints == [], page.url

    return check


def test_files_become_drafts_and_drafts_requests(live_server, page, world, clean):
    sign_in(page, live_server.url, world.alice)
    page.goto(f"{live_server.url}/waivers/import/")
    page.get_by_label("Files", exact=True).set_input_files([str(path) for path in FILES])
    page.get_by_label("Where they come from", exact=True).fill("acme/shop")
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
    page.locator("summary", has_text="Show each exception").first.click()
    clean(page)

    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("drafts are there to be claimed")).to_be_visible()
    clean(page)

    page.goto(f"{live_server.url}/waivers/?format=grype")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("checkbox").nth(1).check()
    page.get_by_role("button", name="Claim the ticked ones").click()
    fill(page, world)
    page.get_by_role("button", name="Claim, and submit what is complete").click()
    expect(page.get_by_text("2 submitted, 0 claimed")).to_be_visible()
    clean(page)

    page.goto(f"{live_server.url}/waivers/claim/?all=1&format=snyk")
    page.get_by_role("button", name="Claim only").click()
    expect(page.get_by_text("0 submitted, 2 claimed")).to_be_visible()
    clean(page)
    assert ExceptionCase.objects.filter(requester=world.alice, state=State.REQUESTED).count() == 2


def test_a_table_is_brought_in_once_its_columns_are_said(live_server, page, world, clean, tmp_path):
    (tmp_path / "firewall.csv").write_text(FIREWALL)
    sign_in(page, live_server.url, world.alice)
    page.goto(f"{live_server.url}/waivers/import/")
    page.get_by_label("Files", exact=True).set_input_files(tmp_path / "firewall.csv")
    page.get_by_label("Where they come from", exact=True).fill("plant/fw")
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("heading", name="What the columns mean")).to_be_visible()
    clean(page)

    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_role("link", name="What is excepted: Tick at least one column.").click()
    excepted = page.get_by_role("group", name="What is excepted")
    expect(excepted.get_by_role("checkbox").first).to_be_focused()
    clean(page)

    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(excepted.get_by_role("checkbox", name="Port")).to_be_checked()
    page.get_by_label("Days like 03/04/2026 are", exact=True).select_option("day-first")
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_text("2 exceptions: 1 has no end")).to_be_visible()
    clean(page)

    page.get_by_role("button", name="Import").click()
    page.locator("summary", has_text="How its columns were read").click()
    expect(page.get_by_text("3 April: the day comes first")).to_be_visible()
    clean(page)


def sign_in(page, url, person):
    type(person).objects.filter(pk=person.pk).update(password=hashed_password())
    page.goto(f"{url}/accounts/login/")
    page.get_by_label("Email", exact=True).fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{url}/")


def fill(page, world):
    for label, text in {
        "Control": world.control.code,
        "Identity": world.identity.slug,
        "System": world.system.name,
        "Why the normal path is unavailable": "No release has the fix.",
        "What it does, and how someone can see that it works": "Alerts on use",
        "Number of days": "30",
        "Cause mended by": "2099-01-01",
        "Exit plan": "The next release has it.",
        "If conditions change": "Turn the feature off.",
    }.items():
        page.get_by_label(label, exact=True).fill(text)
    for label, option in {"Safeguard": "monitoring", "How likely is harm": "2", "How bad would it be": "3"}.items():
        page.get_by_label(label, exact=True).select_option(option)
