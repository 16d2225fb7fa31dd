"""One exception's life over the running product: web, worker, beat, PostgreSQL, Redis, a mail server and a clock."""

import re

import psycopg
import pytest
from playwright.sync_api import expect

from tests.journeys import company
from tests.journeys.clock import MovableClock
from tests.journeys.visitor import STATEMENT, TITLE
from tests.journeys.waiting import eventually
from tests.plugins.mail import running_sink
from tests.plugins.portal import Portal

pytestmark = [pytest.mark.long, pytest.mark.postgresql, pytest.mark.redis]

CHECKED = "Read the firewall rules: one subnet."
ASKED = ["Decide by <day> <time>"]
UNUSED = "Not used: is it still needed?"
LIVED = ["Approved", "In force until <day>", "Ends <day>", "Ends <day>", "Ends <day>"]
OWED = ["Ended, remove access", "Access not confirmed removed"]
_DAY = re.compile(r"\d{1,2} [A-Z][a-z]{2}\b")
_TIME = re.compile(r"\b\d\d:\d\d [A-Z]+\b")


@pytest.fixture
def sink():
    with running_sink() as sink:
        yield sink


@pytest.fixture
def movable_clock(tmp_path):
    return MovableClock(tmp_path / "offset")


@pytest.fixture
def portal(tmp_path, own_migrated_url, own_redis_url, sink, movable_clock):
    with Portal(
        tmp_path / "var",
        database_url=own_migrated_url,
        redis_url=own_redis_url,
        email_url=sink.url,
        clock_offset_file=movable_clock.file,
        sweep_seconds=1,
        effect_seconds=1,
    ) as portal:
        company.found_in(portal)
        yield portal


def test_an_exception_is_filed_approved_relied_on_ended_removed_and_audited(
    portal, own_migrated_url, sink, movable_clock, visitor
):
    post = Post(sink)
    alice, bob, sven, audrey, mallory = (
        visitor(portal.url, name) for name in ("Alice", "Bob", "Sven", "Audrey", "Mallory")
    )

    case = _files(alice)
    _decides(bob, post)
    alice.waits_for("Active")
    alice.sees("In force now.")
    _ends(alice, post, movable_clock)
    _is_not_in_force_in_the_register(alice)
    _confirms_removal(sven, post, movable_clock)
    _reads_and_verifies(audrey, case)
    _is_kept_out(mallory, case)

    movable_clock.move(days=60)  # nothing more is due, ever
    _everything_settles(own_migrated_url)
    told = post.of("Alice")
    assert told.count(UNUSED) == 1
    told.remove(UNUSED)  # one move of the clock makes this and a reminder due: which goes first is not promised
    assert told == [*LIVED, *OWED]
    assert post.of("Bob") == ASKED
    assert post.of("Boris") == ["Will you be the backup owner?"]
    assert post.of("Sven") == OWED
    assert post.of("Audrey") == post.of("Mallory") == []
    assert [each.complaints for each in (alice, bob, sven, audrey)] == [[], [], [], []]


def test_a_safeguard_that_fails_takes_it_out_of_force_until_it_is_mended_and_resumed(
    portal, sink, movable_clock, visitor
):
    post = Post(sink)
    alice, bob = (visitor(portal.url, name) for name in ("Alice", "Bob"))
    case = _files(alice)
    alice.sees("Only from 10.4.0.0/16.")
    _decides(bob, post)
    alice.waits_for("Active")

    alice.report_a_failure("The rule was lost when the firewall was replaced.")
    alice.sees("In force now, until")
    letter = post.letter("Bob", "A safeguard failed")
    assert "The rule was lost when the firewall was replaced." in letter
    movable_clock.move(days=3, minutes=1)
    alice.waits_for("Suspended")
    post.count("Alice", "Suspended, do not rely on it", 1)
    alice.page.reload()
    alice.sees("A safeguard failed and was not mended in time")

    bob.open("/")
    bob.sees("Verify a safeguard again")
    bob.open("/safeguards/?whose=verify&freshness=failed")
    bob.page.get_by_role("link", name="The firewall lets in").click()
    bob.verify_a_safeguard("The rule is back; refused from outside.")
    bob.page.get_by_role("link", name="Resume").click()
    bob.page.get_by_label("What you checked").fill("The rule is back, and nobody else came in meanwhile.")
    bob.press("Resume")
    alice.waits_for("Active")
    alice.sees("In force now.")
    post.count("Alice", "In force again until <day>", 1)
    assert case in alice.page.url
    assert [each.complaints for each in (alice, bob)] == [[], []]


class Post:
    """What the mail server was given, by person, each mail once.

    The clock of these tests may leap past the lease of a mail that is just going: it then goes again, under the same
    Message-ID, as after a kill.
    """

    def __init__(self, sink):
        self.sink = sink

    def of(self, name):
        """The subjects one person got, in order, without mark, reference, title, days and times."""
        wishes = [self._wish(message["Subject"]) for message in self._all(name)]
        return [wish for wish in wishes if wish]

    def letter(self, name, wish):
        """The text of the mail that asks this of a person, once it arrives."""
        found = eventually(lambda: self._found(name, wish), lambda: f"{name} got {self.of(name)}, not {wish}")
        return found[-1].get_body(("plain",)).get_content()

    def count(self, name, wish, times):
        eventually(lambda: len(self._found(name, wish)) == times, lambda: f"{name} got {self.of(name)}")

    def _found(self, name, wish):
        return [mail for mail in self._all(name) if self._wish(mail["Subject"]) == wish]

    def _all(self, name):
        return {mail["Message-ID"]: mail for mail in self.sink.to(company.email_of(name))}.values()

    def _wish(self, subject):
        told = re.fullmatch(r"\[Stopgap\] (.+): (EXC-\d{4}-\d{4}) (.+)", subject)
        if told is None:  # of a week, not of an exception
            return ""
        wish, _reference, title = told.groups()
        assert title == TITLE
        return _TIME.sub("<time>", _DAY.sub("<day>", wish))


def _files(alice):
    alice.open("/")
    alice.sign_in()
    alice.page.get_by_role("link", name="New exception").first.click()
    alice.fill_the_form()
    alice.sees("Ready to submit.")
    alice.press("Submit for approval")
    alice.sees("now waits for its approvers")
    return re.search(r"EXC-\d{4}-\d{4}", alice.page.url)[0]


def _decides(bob, post):
    letter = post.letter("Bob", "Decide by <day> <time>")
    for fact in ("Alice Andersson asks", "svc-erp", "NHI-ROT-01", "Asked term: 30 days", "Risk: moderate"):
        assert fact in letter
    bob.page.goto(re.search(r"https?://\S+", letter)[0])
    bob.sign_in()
    bob.verify_a_safeguard(CHECKED)
    bob.approve()


def _ends(alice, post, clock):
    """Thirty days pass: a mail 14, 7 and 1 days before, expiring after four fifths, closed at the end."""
    clock.move(days=16, hours=1)
    post.count("Alice", "Ends <day>", 1)
    clock.move(days=7)
    post.count("Alice", "Ends <day>", 2)
    alice.waits_for("Active")
    clock.move(days=1)
    alice.waits_for("Expiring")
    alice.sees("In force now.")
    clock.move(days=5)
    post.count("Alice", "Ends <day>", 3)
    clock.move(days=1)
    alice.waits_for("Closed, expired")


def _is_not_in_force_in_the_register(alice):
    alice.open("/exceptions/")
    row = alice.page.get_by_role("row").filter(has_text=TITLE)
    assert row.get_by_role("cell").last.inner_text() == "No"


def _confirms_removal(sven, post, clock):
    """A week later somebody who gains nothing says that access is gone, as the second mail asks."""
    post.count("Sven", "Ended, remove access", 1)
    clock.move(days=7)
    letter = post.letter("Sven", "Access not confirmed removed")
    sven.page.goto(re.search(r"https?://\S+", letter)[0])
    sven.sign_in()
    for resource in ("kv/prod/erp/*", "kv/prod/close/*"):
        grant = sven.page.get_by_role("listitem").filter(has_text=resource)
        grant.locator("summary").click()
        expect(grant.get_by_text("The secret was rotated or deleted")).to_be_visible()
        grant.get_by_label("Note").fill("Rotated today.")
        sven.press("Confirm removed", within=grant)
        sven.sees("is confirmed removed")


def _reads_and_verifies(audrey, case):
    audrey.open(f"/history/?stream={case}")
    audrey.sign_in()
    story = audrey.page.get_by_role("table", name="Events").inner_text()
    for words in (STATEMENT, CHECKED, "Alice Andersson", "Bob Berg", "Sven Sund"):
        assert words in story
    audrey.open("/history/")
    audrey.press("Verify now")
    audrey.sees("Nothing differs from what was recorded.")


def _is_kept_out(mallory, case):
    mallory.open("/")
    mallory.sign_in()
    mallory.sees("New exception")
    assert mallory.open(f"/exceptions/{case}/") == 404
    assert mallory.open("/history/") == 403
    assert mallory.open("/effects/") == 403


def _everything_settles(database_url):
    """No event waits for its effects and no effect for its turn, after the sweeps came round at the moved clock."""
    unsettled = """
        SELECT (SELECT count(*) FROM audit_pending)
             + (SELECT count(*) FROM workflows_effect WHERE state IN ('pending', 'failed'))
             + (SELECT count(*) FROM workflows_lastrun WHERE at < now() + interval '90 days')
    """
    with psycopg.connect(database_url, autocommit=True) as database:
        eventually(lambda: database.execute(unsettled).fetchone() == (0,), "every mail is sent")
