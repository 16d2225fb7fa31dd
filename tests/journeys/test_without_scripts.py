"""The core of the portal where no script runs: file, submit, verify, approve."""

from exceptions_app.models import ExceptionCase
from tests.journeys.visitor import TITLE


def test_alice_files_and_bob_approves_without_scripts(company, visitor, live_server):
    alice = visitor(live_server.url, "Alice", java_script_enabled=False)
    bob = visitor(live_server.url, "Bob", java_script_enabled=False)

    alice.open("/exceptions/new/")
    alice.sign_in()
    alice.fill_the_form()
    alice.press("Submit for approval")
    alice.sees("now waits for its approvers")

    bob.open("/queue/")
    bob.sign_in()
    bob.page.get_by_role("link", name=TITLE).click()
    bob.sees("The risk you accept")
    bob.page.get_by_role("complementary").get_by_role("link", name="EXC-").click()
    bob.verify_a_safeguard("Read the firewall rules: one subnet.")
    bob.approve()

    case = ExceptionCase.objects.get()
    assert (case.title, case.state) == (TITLE, "approved")
    assert list(case.grants.values_list("resource", flat=True)) == ["kv/prod/erp/*", "kv/prod/close/*"]
    assert sorted(case.safeguards.values_list("required", "verified_by__name")) == [(False, None), (True, "Bob Berg")]
    assert alice.complaints + bob.complaints == []
