"""The HTML of a mail holds what its text holds: one heading, one button that says what it does, no empty rows."""

from html.parser import HTMLParser

from tests.workflows.test_digests import choose, morning
from tests.workflows.test_effects import work


class Reading(HTMLParser):
    """The text inside each heading, link and cell, in order."""

    KEPT = ("title", "h1", "h2", "a", "th", "td")

    def __init__(self, html):
        super().__init__()
        self.found = {name: [] for name in self.KEPT}
        self.open = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in self.KEPT:
            self.open.append(tag)
            self.found[tag].append("")

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data):
        for tag in self.open:
            self.found[tag][-1] += data


def read(message):
    return Reading(message.get_body(("html",)).get_content()).found


def test_a_letter_has_one_heading_one_button_and_full_rows(committed, smtp_sink):
    case = committed.requested(title="Label printing")
    work()
    [letter] = smtp_sink.to("bob@example.org")

    html = read(letter)

    assert html["h1"] == ["Decide by 9 Nov 09:00 UTC: Label printing"]
    assert html["title"] == ["Decide by 9 Nov 09:00 UTC"]
    assert html["a"] == ["Read and decide"]
    assert all(cell.strip() for cell in html["th"] + html["td"])
    facts = dict(zip(html["th"], html["td"], strict=True))
    assert facts["Identity"] == str(case.identity)
    assert "Decide by" not in facts, "the heading and the sentences say it"


def test_a_morning_mail_has_a_heading_and_a_button_for_each_matter(committed, smtp_sink):
    choose(committed.bob, decide="digest")
    committed.requested()
    committed.another().requested()
    work()
    morning()
    [letter] = smtp_sink.to("bob@example.org")

    html = read(letter)

    assert html["h1"] == ["Your morning mail: 2 matters"]
    assert len(html["h2"]) == 2
    assert html["a"] == ["Read and decide", "Read and decide"]
