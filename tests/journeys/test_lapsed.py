"""A sign-in that lapses while somebody writes costs them a password, never their words."""

from playwright.sync_api import expect

from exceptions_app.models import ExceptionCase
from tests.journeys.visitor import STATEMENT, TITLE


def test_what_alice_wrote_is_there_after_she_signs_in_again(company, signed_in):
    alice = signed_in(company.alice)
    alice.open("/exceptions/new/")
    alice.fill_the_form()

    alice.sign_in_lapses()
    alice.page.get_by_role("textbox", name="Ticket").fill("OPS-4711")
    alice.sees("You are signed out.")
    alice.press("Submit for approval")
    alice.sign_in()

    alice.sees("You were signed out while you wrote.")
    assert not ExceptionCase.objects.exists()
    assert alice.page.get_by_label("Title").input_value() == TITLE
    assert alice.page.get_by_role("textbox", name="Ticket").input_value() == "OPS-4711"
    assert alice.page.get_by_role("group", name="Grant 2").get_by_label("Resource").input_value() == "kv/prod/close/*"
    alice.press("Submit for approval")
    alice.sees("now waits for its approvers")
    assert ExceptionCase.objects.get().ticket_ref == "OPS-4711"
    assert alice.complaints == []


def test_what_bob_wrote_is_there_after_he_signs_in_again(company, signed_in):
    case = company.request()
    bob = signed_in(company.bob)
    bob.open(f"/exceptions/{case.reference}/")
    bob.page.get_by_label("The risk you accept").fill(STATEMENT)

    bob.sign_in_lapses()
    bob.press("Approve for 30 days")
    bob.sign_in()

    bob.sees("Text you typed here earlier and had not saved was put back.")
    assert bob.page.get_by_label("The risk you accept").input_value() == STATEMENT
    assert ExceptionCase.objects.get().state == "requested"
    bob.press("Approve for 30 days")
    bob.sees("You approved")
    assert ExceptionCase.objects.get().state == "approved"
    assert bob.complaints == []


def test_what_bob_wrote_in_the_queue_is_in_sight_when_he_is_back(company, signed_in):
    company.request()
    bob = signed_in(company.bob)
    bob.page.set_viewport_size({"width": 1280, "height": 720})
    bob.open("/queue/")
    bob.keys("j", "a")
    statement = bob.page.get_by_label("The risk you accept")
    expect(statement).to_be_focused()
    bob.page.keyboard.type(STATEMENT)

    bob.sign_in_lapses()
    bob.press("Approve for 30 days")
    bob.sign_in()

    expect(statement).to_have_value(STATEMENT)
    expect(statement).to_be_in_viewport()
    expect(bob.page.get_by_text("Text you typed here earlier")).to_be_in_viewport()
