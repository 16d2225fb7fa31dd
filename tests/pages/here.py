"""Somebody before the sign-in pages, in a browser."""

from playwright.sync_api import expect

from tests.factories import PASSWORD


class Here:
    def __init__(self, url, page, axe_violations, complaints):
        self.url, self.page, self.axe_violations, self.complaints = url, page, axe_violations, complaints

    def open(self, path):
        return self.page.goto(self.url + path).status

    def fill(self, **texts):
        for label, text in texts.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(text)

    def press(self, name=None):
        """The button of that name, or the first, and wait for the page it leads to; answers its status."""
        with self.page.expect_navigation() as arrived:
            self.page.get_by_role("main").get_by_role("button", name=name).first.click()
        return arrived.value.status

    def follow(self, name):
        """The link of that name, to the page it leads to; answers its status."""
        with self.page.expect_navigation() as arrived:
            self.page.get_by_role("main").get_by_role("link", name=name).first.click()
        return arrived.value.status

    def sign_in(self, person, password=PASSWORD):
        self.open("/accounts/login/")
        self.fill(Email=person.email, Password=password)
        self.press("Sign in")

    def says(self, words):
        expect(self.page.get_by_text(words).filter(visible=True).first).to_be_visible()

    def clean(self):
        assert self.axe_violations(self.page) == [], self.page.url
        assert self.complaints == [], self.page.url
