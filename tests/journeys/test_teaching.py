"""From a pasted denial to a request: the form fills itself in, says what is missing, and keeps what was written."""

from playwright.sync_api import expect

from audit import clock
from catalog import services as catalog
from exceptions_app.models import ExceptionCase, State
from tests.journeys.company import CONTROL, IDENTITY

ARN = "arn:aws:iam::123456789012:role/erp-sync"
DENIED = (
    "An error occurred (AccessDenied) when calling the GetSecretValue operation: User: "
    "arn:aws:sts::123456789012:assumed-role/erp-sync/i-0abc is not authorized to perform: "
    "secretsmanager:GetSecretValue on resource: kv/prod/erp/key because no policy allows it"
)
AUTOSAVED = 12_000  # milliseconds: the form waits eight seconds after the last word


def taught(company):
    here = {"actor": None, "at": clock.now()}
    catalog.change_control(
        control=company.control,
        version=1,
        required_safeguards={"network": 1},
        end_conditions=["The key is seen elsewhere: revoke it"],
        prefills={"exit_plan": "The new secret is issued by May; the old one is refused."},
        **here,
    )
    catalog.change_identity(identity=company.identity, version=1, external_ids=[ARN], **here)
    catalog.change_system(system=company.system, version=1, tags=["aws"], **here)


def test_a_pasted_denial_becomes_a_request(company, signed_in):
    taught(company)
    alice = signed_in(company.alice)
    page = alice.page
    alice.open("/exceptions/new/")

    page.get_by_label("The message that refused you").fill(DENIED)
    page.get_by_role("button", name="Fill in what it says").click()
    alice.sees("Recognised as AWS")
    expect(page.get_by_label("Identity", exact=True)).to_have_value(
        f"{IDENTITY} · {IDENTITY} · production · Alice Andersson"
    )
    expect(page.get_by_label("Resource").first).to_have_value("kv/prod/erp/key")
    expect(page.locator("#filled")).to_be_focused()
    expect(page.get_by_label("Title")).to_have_value(
        f"{IDENTITY} needs secretsmanager:GetSecretValue on kv/prod/erp/key"
    )
    expect(page.get_by_label("Title")).to_be_hidden()
    page.get_by_label("Show only what was still to be said").uncheck()
    expect(page.get_by_label("Title")).to_be_visible()
    page.get_by_label("Show only what was still to be said").check()
    page.get_by_label("Control", exact=True).fill(CONTROL)
    page.get_by_label("Control", exact=True).blur()
    page.get_by_role("button", name=f"Start from what {CONTROL} suggests").click()
    alice.sees(f"Filled in as {CONTROL} suggests")
    page.get_by_role("button", name="Add required: Network restriction").click()
    expect(page.get_by_label("Kind").last).to_have_value("network")
    page.get_by_label("Show only what was still to be said").uncheck()
    page.get_by_role("button", name="The key is seen elsewhere: revoke it").click()
    page.get_by_label("Show only what was still to be said").check()
    expect(page.get_by_label("Exit plan")).to_have_value("The new secret is issued by May; the old one is refused.")
    expect(page.locator("[name=if_conditions_change]")).to_have_value("The key is seen elsewhere: revoke it")
    page.get_by_label("What it does, and how someone can see that it works").first.fill("Only 10.4.0.0/16 is let in")
    page.get_by_label("Why the normal path is unavailable").fill("The new path is open from Monday")
    page.get_by_label("Why this is needed").fill("Orders stop")
    page.get_by_label("3 · Possible").check()
    page.get_by_label("2 · Minor").check()
    page.get_by_role("button", name="14 days").click()
    expect(page.get_by_label("Number of days")).to_have_value("14")
    page.get_by_role("button", name="Submit for approval").click()
    alice.sees("now waits for its approvers")

    case = ExceptionCase.objects.get()
    assert (case.state, case.identity) == (State.REQUESTED, company.identity)
    assert alice.complaints == []


def test_what_is_written_is_saved_by_itself_and_resumed_from_home(company, signed_in):
    alice = signed_in(company.alice)
    page = alice.page
    alice.open("/exceptions/new/")

    page.get_by_label("Title").fill("Static key until the patch")
    expect(page.locator("[data-autosaved]")).to_contain_text("saved at", timeout=AUTOSAVED)
    first = ExceptionCase.objects.get()
    assert page.url.endswith(f"/exceptions/{first.reference}/draft/")
    page.get_by_label("Why this is needed").fill("Orders stop")
    expect(page.locator("[name=version]")).to_have_value(str(first.version + 1), timeout=AUTOSAVED)
    alice.open("/")
    page.get_by_role("link", name="Static key until the patch").click()
    expect(page.get_by_label("Why this is needed")).to_have_value("Orders stop")
    alice.open("/exceptions/new/")
    expect(page.get_by_label("Title")).to_have_value("")

    assert ExceptionCase.objects.count() == 1
    assert alice.complaints == []
