"""Everything without a pointer: skip, search, help, and a decision in the queue."""

import re

import pytest
from playwright.sync_api import expect

from exceptions_app.models import ExceptionCase
from tests.journeys.visitor import STATEMENT


@pytest.fixture
def cases(company):
    """Two requests, the first with less time left."""
    return company.request(), company.request(title="The close needs a second path")


@pytest.fixture
def bob(company, cases, signed_in):
    return signed_in(company.bob)


def test_the_first_tab_skips_to_the_content(bob):
    bob.open("/")

    bob.keys("Tab")
    expect(bob.page.get_by_role("link", name="Skip to content")).to_be_focused()
    bob.keys("Enter")

    expect(bob.page.get_by_role("main")).to_be_focused()


def test_a_slash_searches_and_a_question_mark_helps(bob, cases):
    bob.open("/")
    search = bob.page.get_by_role("searchbox", name="Search the register")
    keyboard = bob.page.get_by_role("dialog", name="Keyboard")

    bob.keys("/")
    expect(search).to_be_focused()
    bob.page.keyboard.type("n/?")  # in a field they are letters
    expect(search).to_have_value("n/?")
    expect(keyboard).to_be_hidden()
    search.fill("second path")
    bob.keys("Enter")
    bob.sees("1 exception")
    expect(bob.page.get_by_role("link", name=cases[1].title)).to_be_visible()
    bob.keys("?")
    expect(keyboard).to_be_visible()
    bob.keys("Escape")
    expect(keyboard).to_be_hidden()
    bob.keys("g", "h")  # heard at once, though the focus was in the dialog
    expect(bob.page.get_by_role("heading", name="What needs you")).to_be_visible()

    assert bob.complaints == []


def test_bob_decides_from_the_queue(bob, cases):
    first, second = cases
    bob.open("/")
    bob.keys("g", "q")
    expect(bob.page.get_by_role("heading", name="Queue")).to_be_visible()
    row, other = (bob.page.get_by_role("row").filter(has_text=each.title).get_by_role("link") for each in cases)
    panel = bob.page.get_by_role("complementary")

    bob.keys("j")
    expect(row).to_be_focused()
    bob.keys("j")
    expect(other).to_be_focused()
    bob.keys("k")
    expect(row).to_be_focused()
    bob.keys("Enter")
    expect(panel.get_by_role("heading", name=first.title)).to_be_visible()
    expect(row).to_be_focused()
    bob.keys("j", "a")
    expect(panel.get_by_role("heading", name=second.title)).to_be_visible()
    expect(panel.get_by_label("The risk you accept")).to_be_focused()
    bob.page.keyboard.type(STATEMENT)
    bob.keys("Tab", "Tab", "Tab")  # past the role and the way to the safeguards
    expect(panel.get_by_role("button", name="Approve for 30 days")).to_be_focused()
    bob.keys("Enter")

    bob.sees(f"You approved {second.reference}.")
    expect(bob.page.get_by_role("heading", name="Queue")).to_be_visible()
    expect(row).to_be_visible()
    expect(other).to_have_count(0)
    assert dict(ExceptionCase.objects.values_list("title", "state")) == {
        first.title: "requested",
        second.title: "approved",
    }
    assert bob.complaints == []


def test_the_keys_go_on_from_the_row_of_a_panel_that_came_with_its_page(bob, cases):
    bob.open(f"/queue/?open={cases[0].reference}#panel")
    row, other = (bob.page.get_by_role("row").filter(has_text=each.title).get_by_role("link") for each in cases)

    expect(row).to_be_focused()
    bob.page.wait_for_load_state("load")
    expect(row).to_be_focused()
    bob.keys("j")
    expect(other).to_be_focused()


def test_in_the_register_x_marks_and_o_opens_the_row_in_focus(bob, cases):
    bob.open("/exceptions/")

    bob.keys("j")
    bob.keys("x")
    expect(bob.page.get_by_role("checkbox", name=f"Mark {cases[1].reference}")).to_be_checked()
    bob.keys("x")
    expect(bob.page.get_by_role("checkbox", name=f"Mark {cases[1].reference}")).not_to_be_checked()
    bob.keys("o")

    expect(bob.page).to_have_url(re.compile(rf"/exceptions/{cases[1].reference}/$"))
