"""The register in a browser: the number comes by itself, and many are handed over and taken on."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from exceptions_app.queries import register
from portal.register.columns import COLUMNS
from tests.journeys.company import email_of


@pytest.fixture
def cases(company):
    return company.request(), company.request(title="The close needs a second path")


def test_how_many_there_are_comes_after_the_page(company, cases, signed_in, monkeypatch):
    monkeypatch.setattr(register, "PAGE", 1)
    bob = signed_in(company.bob)

    bob.open("/exceptions/")

    expect(bob.page.locator("#count")).to_have_text("2 exceptions")


def test_marked_exceptions_are_handed_over_and_one_is_taken_on(company, cases, signed_in):
    mallory = User.objects.get(email=email_of("Mallory"))
    alice = signed_in(company.alice)
    alice.open("/exceptions/")
    for case in cases:
        alice.page.get_by_role("checkbox", name=f"Mark {case.reference}").check()
    alice.page.get_by_label("With those marked").select_option(label="Hand over to a new owner")
    alice.page.get_by_role("button", name="Look at what would happen").click()
    expect(alice.page.get_by_role("heading", name="Hand over to a new owner: 2 exceptions")).to_be_visible()
    alice.page.get_by_label("New owner").fill(mallory.email)
    alice.page.get_by_label("Why").fill("The team was split.")
    alice.page.get_by_role("button", name="Ask this person").click()
    expect(alice.page.get_by_role("cell", name=f"Asked {mallory}")).to_have_count(2)

    mallory = signed_in(mallory)
    mallory.open(f"/exceptions/{cases[0].reference}/")
    mallory.page.get_by_role("button", name="Accept").click()

    expect(mallory.page.get_by_text(f"You own {cases[0].reference} now.")).to_be_visible()


EVERY = "&".join(f"col={name}" for name in COLUMNS)


@pytest.mark.parametrize("columns", ["", EVERY], ids=["usual", "every"])
@pytest.mark.parametrize("width", [1280, 360])
def test_a_long_title_makes_no_page_scroll_sideways(company, signed_in, columns, width):
    company.request(title="x" * 120)
    bob = signed_in(company.bob, viewport={"width": width, "height": 900})

    bob.open(f"/exceptions/?{columns}")

    assert bob.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_bar_for_the_marked_comes_into_sight_and_counts(company, cases, signed_in):
    alice = signed_in(company.alice, viewport={"width": 1280, "height": 420})
    alice.open("/exceptions/")
    act = alice.page.get_by_label("With those marked")
    expect(act).not_to_be_in_viewport()

    for case in cases:
        alice.page.get_by_role("checkbox", name=f"Mark {case.reference}").check()
    alice.page.evaluate("scrollTo(0, 0)")

    expect(act).to_be_in_viewport()
    expect(act).to_have_value("")
    expect(alice.page.get_by_text("2 marked")).to_be_visible()
    assert "Revoke" not in act.locator("option").nth(1).inner_text()


def test_filters_that_say_nothing_are_not_in_the_address(company, cases, signed_in):
    bob = signed_in(company.bob)
    bob.open("/exceptions/")

    bob.page.get_by_label("Search", exact=True).last.fill("close")
    bob.page.get_by_role("button", name="Apply", exact=True).click()

    expect(bob.page).to_have_url(f"{bob.url}/exceptions/?q=close")
