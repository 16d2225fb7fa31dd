"""The register in a browser: the number comes by itself, and many are handed over and taken on."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from exceptions_app.queries import register
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
    expect(alice.page.get_by_role("cell", name="Asked")).to_have_count(2)

    mallory = signed_in(mallory)
    mallory.open(f"/exceptions/{cases[0].reference}/")
    mallory.page.get_by_role("button", name="Accept").click()

    expect(mallory.page.get_by_text(f"You own {cases[0].reference} now.")).to_be_visible()
