"""Waivers in a browser, from the file to the request: the pages that only a file leads to are clean and narrow."""

import pytest
from playwright.sync_api import expect

from exceptions_app.models import ExceptionCase, State
from tests.exceptions_app.world import World
from tests.factories import PASSWORD, hashed_password
from tests.waivers.files import FILES

pytestmark = pytest.mark.django_db(transaction=True)
SIGHTS = ((1280, "light"), (360, "dark"))


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
