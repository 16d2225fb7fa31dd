"""A person at a browser of their own, who finds things as people do: by their words."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from audit import clock
from tests.factories import PASSWORD
from tests.journeys.company import CONTROL, IDENTITY, SYSTEM, email_of
from tests.journeys.waiting import eventually

PATIENCE = 30_000  # milliseconds
TITLE = "Legacy ERP hard-codes its credential path"
STATEMENT = "The old key may leak from the ERP host; the subnet keeps others out, so 30 days are worth it."


class Visitor:
    """One person, one browser context, one page. `complaints` hears what the browser says is wrong."""

    def __init__(self, context, url, name):
        self.context, self.url, self.name = context, url, name
        self.complaints = []
        context.set_default_timeout(PATIENCE)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page = context.new_page()

    def _hear(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def open(self, path):
        """Go to a page of the portal; answers its status."""
        return self.page.goto(f"{self.url}{path}").status

    def sign_in(self):
        """On the sign-in page, wherever it came from."""
        self.page.get_by_label("Email").fill(email_of(self.name))
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Sign in")

    def press(self, name, *, within=None):
        (within or self.page).get_by_role("button", name=name, exact=True).click()

    def keys(self, *keys):
        """Press keys, one after the other, wherever the focus is."""
        for key in keys:
            self.page.keyboard.press(key)

    def sign_in_lapses(self):
        self.context.clear_cookies(name="sessionid")

    def sees(self, words):
        expect(self.page.get_by_text(words).filter(visible=True).first).to_be_visible()

    def waits_for(self, state):
        """Read the page again until its heading shows the state."""
        badges = self.page.locator(".page-head .badge")

        def shown():
            self.page.reload()
            return state in badges.all_inner_texts()

        eventually(shown, lambda: f"{self.page.url} shows {badges.all_inner_texts()}, not {state}")

    def fill_the_form(self):
        """All six sections of the exception form, with two grants and two safeguards."""
        page = self.page
        page.get_by_label("Planned").check()
        self._fill(
            {
                "Title": TITLE,
                "Control": CONTROL,
                "What was blocked": "Rotation refuses svc-erp: the path is compiled in.",
                "Why the normal path is unavailable": "The vendor ships the patch next month.",
                "Why this is needed": "The nightly close fails without it.",
                "Identity": IDENTITY,
            }
        )
        page.get_by_label("Credential it uses").select_option(label="Long-lived secret")
        self._fill({"Backup owner": "Boris"})
        self._fill_rows()
        page.get_by_label("2 · Unlikely").check()
        page.get_by_label("3 · Serious").check()
        mended_by = (clock.now() + timedelta(days=25)).date().isoformat()
        self._fill(
            {
                "Number of days": "30",
                "Exit plan": "Install the patch, rotate the secret, close the path.",
                "Cause mended by": mended_by,
                "And in your own words": "Bob's team revokes it.",
            }
        )

    def _fill(self, texts, within=None):
        for label, text in texts.items():
            (within or self.page).get_by_label(re.compile(rf"^{re.escape(label)}( \(optional\))?$")).fill(text)

    def _fill_rows(self):
        page = self.page
        grant = {"System": SYSTEM, "Actions": "read, list", "Resource": "kv/prod/erp/*", "Only from": "10.4.0.0/16"}
        self._fill(grant, page.get_by_role("group", name="Grant 1"))
        self.press("Add another grant")
        self._fill(grant | {"Resource": "kv/prod/close/*"}, page.get_by_role("group", name="Grant 2"))
        first = page.get_by_role("group", name="Safeguard 1")
        first.get_by_label("Kind").select_option("Network restriction")
        networks = first.get_by_label("Only from these networks")
        if networks.is_visible():  # without scripts once the kind is saved
            networks.fill("10.4.0.0/16")
        first.get_by_label("What it does").fill("The firewall lets in only the ERP subnet.")
        self.press("Add another safeguard")
        second = page.get_by_role("group", name="Safeguard 2")
        second.get_by_label("Kind").select_option("Monitoring or alerting")
        second.get_by_label("What it does").fill("An alert for every read outside the nightly window.")
        second.get_by_label("Must be verified before").uncheck()

    def verify_a_safeguard(self, statement):
        """The first, on the case's page."""
        safeguard = self._open_on_safeguard("Verify")
        safeguard.get_by_label("What you checked and found").fill(statement)
        self.press("It works: verified", within=safeguard)
        self.sees("Verified a safeguard of")

    def report_a_failure(self, reason):
        """Of the same."""
        safeguard = self._open_on_safeguard("It fails")
        safeguard.get_by_label("What does not work").fill(reason)
        self.press("It does not work", within=safeguard)
        self.sees("It is on record that a safeguard of")

    def _open_on_safeguard(self, act):
        safeguard = self.page.get_by_role("listitem").filter(has_text="The firewall lets in")
        safeguard.locator("summary").filter(has_text=act).click()
        return safeguard

    def approve(self, button="Approve for 30 days"):
        self.page.get_by_label("The risk you accept").fill(STATEMENT)
        self.press(button)
        self.sees("You approved")
