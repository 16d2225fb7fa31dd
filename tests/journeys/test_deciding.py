"""Answers beyond a plain yes: less than was asked, no, in another's place, and to many at once."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accounts import services as accounts
from audit import clock
from exceptions_app import services as cases
from exceptions_app.models import ExceptionCase, Source, State
from exceptions_app.scope import Scope
from exceptions_app.services import DraftContent
from tests.journeys.company import IDENTITY, email_of
from tests.journeys.visitor import STATEMENT
from workflows import rulebook
from workflows import services as work
from workflows.routing import router_at
from workflows.rule_contents import StepContent

DAY = 86_400  # seconds
NETWORK = "10.4.0.0/16"
NARROWER = "10.4.7.0/24"
REASON = "The subnet is shared with the build hosts. Ask again once the ERP has one of its own."
OWN_SUBNET = "The firewall lets in only the ERP's own subnet, which no build host shares."


@pytest.fixture
def signed_in(signed_in, client):
    """For people who sit there at the same time."""

    def come(person):
        client.cookies.clear()  # otherwise signing in the next one signs out the one before
        return signed_in(person)

    return come


def test_three_approvers_leave_what_all_of_them_allow(company, signed_in):
    carol, cid = two_more_steps()
    alice, bob, second, third = (signed_in(each) for each in (company.alice, company.bob, carol, cid))
    reference = files(alice)

    reads(bob, reference)
    less = opens_what_narrows(bob)
    less.get_by_label("Days in force").fill("20")
    erp = less.get_by_role("group", name="Key vault: kv/prod/erp/*")
    erp.get_by_label("list").uncheck()
    erp.get_by_label("Resource").fill("kv/prod/erp/nightly/*")
    bob.approve("Approve this much")
    reads(second, reference)
    said = second.page.get_by_text("Approved so far for less than is asked:").locator("xpath=../..")
    expect(said.get_by_role("listitem")).to_have_text(["For 20 days at most", "Only read kv/prod/erp/nightly/*"])
    less = opens_what_narrows(second)
    expect(less.get_by_label("Days in force")).to_have_value("20")
    less.get_by_label("Days in force").fill("14")
    erp = less.get_by_role("group", name="Key vault: kv/prod/erp/*")
    expect(erp.get_by_label("Resource")).to_have_value("kv/prod/erp/nightly/*")
    erp.get_by_label("Only from").fill(NARROWER)
    close = less.get_by_role("group", name="Key vault: kv/prod/close/*")
    close.get_by_label("read").uncheck()
    close.get_by_label("list").uncheck()
    second.approve("Approve this much")
    reads(third, reference)
    third.sees("Not kv/prod/close/*")
    third.approve("Approve for 14 days")

    reads(alice, reference)
    grants = alice.page.get_by_role("region", name="Opens").get_by_role("listitem")
    expect(grants.first).to_contain_text(
        f"{IDENTITY} may, once it starts, read kv/prod/erp/nightly/* on Key vault from {NARROWER} for 14 days"
    )
    expect(grants.first).to_contain_text(f"Asked was: read and list kv/prod/erp/* from {NETWORK}")
    expect(grants.last).to_contain_text("gets nothing on Key vault here: the approvals withheld it.")
    expect(grants.last).to_contain_text("Asked was: read and list kv/prod/close/*")
    alice.sees("14 days after its start")
    case = ExceptionCase.objects.get()
    erp, close = case.grants.order_by("pk")
    assert erp.opens == Scope(("read",), "kv/prod/erp/nightly/*", (NARROWER,))
    assert erp.asked == Scope(("read", "list"), "kv/prod/erp/*", (NETWORK,))
    assert close.opens is None
    assert (case.state, case.approved_term_seconds) == (State.APPROVED, 14 * DAY)

    reads(bob, reference)
    bob.verify_a_safeguard("Read the firewall rules: one subnet.")
    assert cases.activate(case=case, at=clock.now(), router=router_at(clock.now()))
    alice.page.get_by_role("link", name=IDENTITY).first.click()
    may_do = alice.page.get_by_role("region", name="What it may do right now")
    expect(may_do).to_contain_text("kv/prod/erp/nightly/")
    expect(may_do).not_to_contain_text("kv/prod/close/")
    for each in (alice, bob, second, third):
        assert each.complaints == []


def test_a_rejected_request_is_asked_again_in_better_words(company, signed_in):
    old = company.request()
    alice, bob = signed_in(company.alice), signed_in(company.bob)

    reads(bob, old.reference)
    bob.page.get_by_text("Reject…").click()
    bob.page.get_by_label("Why, in a word").select_option(label="The safeguards do not stand in")
    bob.page.get_by_label("Why you reject it").fill(REASON)
    bob.press("Reject")
    bob.sees(f"You rejected {old.reference}.")
    reads(alice, old.reference)
    alice.sees("The safeguards do not stand in")
    alice.sees(REASON)
    alice.press("Ask again")
    alice.sees(f"is a new draft with the text of {old.reference}.")
    alice.page.get_by_role("group", name="Safeguard 1").get_by_label("What it does").fill(OWN_SUBNET)
    alice.press("Submit for approval")
    alice.sees("now waits for its approvers")

    new = ExceptionCase.objects.exclude(pk=old.pk).get()
    assert new.state == State.REQUESTED
    assert new.safeguards.get().description == OWN_SUBNET
    assert ExceptionCase.objects.get(pk=old.pk).state == State.REJECTED
    bob.open("/queue/")
    bob.sees("1 decision waits for you")
    expect(bob.page.get_by_role("row").filter(has_text=new.reference)).to_be_visible()
    assert alice.complaints == bob.complaints == []


def test_who_stands_in_decides_and_the_page_names_both(company, signed_in):
    case = company.request()
    dora = person("Dora", "Dahl")
    bob, delegate = signed_in(company.bob), signed_in(dora)

    bob.open("/profile/away/")
    bob.page.get_by_label("First day away").fill(clock.now().date().isoformat())
    bob.page.get_by_label("Last day away").fill((clock.now() + timedelta(days=2)).date().isoformat())
    bob.page.get_by_label("Who stands in").fill("Dora")
    bob.page.get_by_label("Reason").fill("Moving house")
    bob.press("Ask them to stand in")
    bob.sees("Dora Dahl is asked to stand in for you.")
    delegate.open("/")
    delegate.sees("You are asked to stand in")
    delegate.press("Stand in for Bob Berg")
    delegate.sees("You stand in for Bob Berg.")
    delegate.page.get_by_role("link", name="Queue").first.click()
    delegate.page.get_by_label("Show").select_option(label="Asked of me by name or office")
    delegate.press("Apply")
    delegate.sees("Nothing fits these filters")
    delegate.page.get_by_label("Show").select_option(label="For whom I stand in")
    delegate.press("Apply")
    delegate.page.get_by_role("link", name=case.title).click()
    panel = delegate.page.get_by_role("complementary", name="The request to decide")
    expect(panel.get_by_label("In which role")).to_have_value("Key custodians, on behalf of Bob Berg")
    delegate.approve()

    reads(delegate, case.reference)
    decisions = delegate.page.get_by_role("region", name="Decisions")
    expect(decisions).to_contain_text(re.compile(r"Approved.*Dora Dahl.*on behalf of Bob Berg", re.DOTALL))
    assert ExceptionCase.objects.get().state == State.APPROVED
    assert bob.complaints == delegate.complaints == []


def test_of_three_approved_together_the_one_that_changed_stays(company, signed_in):
    asked = [company.request(title=title) for title in ("Nightly close", "Weekly close", "Yearly close")]
    changed = asked[1]
    bob = signed_in(company.bob)

    bob.open("/queue/")
    for case in asked:
        box = bob.page.get_by_role("checkbox", name=f"Mark {case.title}")
        bob.keys("j", "x")
        expect(box).to_be_checked()
    bob.keys("x")
    expect(box).not_to_be_checked()
    box.check()
    bob.press("Approve those marked…")
    expect(bob.page.get_by_role("heading", name="Approve 3 requests")).to_be_visible()
    work.amend(
        case=changed,
        actor=company.alice,
        at=clock.now(),
        version=changed.version,
        content=DraftContent({"justification": "The weekly close fails, and the yearly one with it."}),
    )
    bob.page.get_by_label("The risk you accept").fill(STATEMENT)
    bob.press("Approve 3 requests")

    expect(bob.page.get_by_role("heading", name="You approved 2 requests")).to_be_visible()
    for case in (asked[0], asked[2]):
        cells = bob.page.get_by_role("row").filter(has_text=case.title).get_by_role("cell")
        expect(cells).to_have_text(["Approved", "Approved"])  # its state, and what was done
    refused = bob.page.get_by_role("row").filter(has_text=changed.title)
    expect(refused).to_contain_text("This changed after you opened it. Read it again before you decide.")
    bob.page.get_by_role("link", name="Back to the queue").click()
    bob.sees("1 decision waits for you")
    expect(bob.page.get_by_role("link", name=changed.title)).to_be_visible()
    assert dict(ExceptionCase.objects.values_list("title", "state")) == {
        "Nightly close": State.APPROVED,
        "Weekly close": State.REQUESTED,
        "Yearly close": State.APPROVED,
    }
    assert bob.complaints == []


def test_bob_approves_less_and_rejects_without_a_pointer(company, signed_in):
    first, second = company.request(), company.request(title="The close needs a second path")
    bob = signed_in(company.bob)
    panel = bob.page.get_by_role("complementary", name="The request to decide")

    bob.open("/")
    bob.keys("g", "q")
    expect(bob.page.get_by_role("heading", name="Queue")).to_be_visible()
    bob.page.wait_for_load_state("load")  # until then n is the key of every page, and asks for a new exception
    bob.keys("j", "n")
    expect(panel.get_by_label("Days in force")).to_be_focused()
    bob.keys("Control+a", "1", "0")
    bob.keys(*["Shift+Tab"] * 4)  # over the fold's button, the way to the safeguards, and the role
    expect(panel.get_by_label("The risk you accept")).to_be_focused()
    bob.page.keyboard.type(STATEMENT)
    bob.keys("Tab", "Tab", "Tab", "Tab", "Enter")  # back into the days
    bob.sees(f"You approved {first.reference}.")
    bob.page.wait_for_load_state("load")
    bob.keys("j", "r")
    expect(panel.get_by_label("Why, in a word")).to_be_focused()
    bob.page.keyboard.type("It opens")
    bob.keys("Tab")
    bob.page.keyboard.type(REASON)
    bob.keys("Tab", "Enter")
    bob.sees(f"You rejected {second.reference}.")

    assert dict(ExceptionCase.objects.values_list("title", "state")) == {
        first.title: State.APPROVED,
        second.title: State.REJECTED,
    }
    assert ExceptionCase.objects.get(pk=first.pk).approved_term_seconds == 10 * DAY
    [rejection] = ExceptionCase.objects.get(pk=second.pk).routes.get().steps.get().decisions.all()
    assert (rejection.preset, rejection.statement) == ("too_wide", REASON)
    assert bob.complaints == []


def test_n_stays_in_the_queue_where_an_earlier_step_decides_first(company, signed_in):
    carol, _cid = two_more_steps()
    case = company.request()
    second = signed_in(carol)
    panel = second.page.get_by_role("complementary", name="The request to decide")

    second.open("/queue/")
    second.keys("j", "Enter")
    expect(panel.get_by_role("heading", name=case.title)).to_be_visible()
    second.keys("n")

    second.sees("An earlier step decides first; yours comes after it.")
    expect(second.page).to_have_url(re.compile(r"/queue/"))
    assert second.complaints == []


def two_more_steps():
    """After Key custodians, Carol for security and Cid with the last word."""
    carol, cid = person("Carol", "Ceder"), person("Cid", "Cronholm")
    for name, member in (("Security", carol), ("CISO", cid)):
        group = accounts.create_group(name=name, actor=None, at=clock.now())
        accounts.add_member(group=group, member=member, actor=None, at=clock.now())
    steps = (
        StepContent(1, "Key custodians", Source.CONTROL_GROUP),
        StepContent(2, "Security", Source.GROUP, "security"),
        StepContent(3, "CISO", Source.GROUP, "ciso"),
    )
    rulebook.load([rulebook.starter("Every exception", *steps)], at=clock.now())
    return carol, cid


def person(name, surname):
    return accounts.create_user(email=email_of(name), name=f"{name} {surname}", actor=None, at=clock.now())


def files(alice):
    """A request of two grants; answers its reference."""
    alice.open("/exceptions/new/")
    alice.fill_the_form()
    alice.press("Submit for approval")
    alice.sees("now waits for its approvers")
    return ExceptionCase.objects.get().reference


def reads(visitor, reference):
    assert visitor.open(f"/exceptions/{reference}/") == 200


def opens_what_narrows(visitor):
    """The part of the approval that takes back."""
    visitor.page.get_by_text("Approve less than is asked…").click()
    return visitor.page.locator("details.less")
