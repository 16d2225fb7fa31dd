"""With every worker stopped and the clock past every end, no page and no export shows a case in force (bar 4)."""

import csv
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.utils.html import strip_tags

from accounts.models import User
from audit import clock
from exceptions_app.models import ExceptionCase, Period, State
from portal.templatetags import look
from tests.pages.walk import Walk
from tests.plugins import company
from workflows.demo.cast import DOMAIN

pytestmark = pytest.mark.long
PEOPLE = ("audrey", "nadia")
"""Who sees everything, and who asks; the long version reads as everybody."""
OTHERS = [pytest.param(name, marks=pytest.mark.proof) for name in ("karin", "bob", "alice", "petra")]
CELL = re.compile(r'data-label="In force"[^>]*>(.*?)</td>', re.DOTALL)
LEFT = re.compile(r'<span class="left (?:calm|warning)[^>]*title="([^"]+)"')
ALIVE = ("requested", "approved", "active", "expiring", "suspended")
IN_FORCE = '<span class="badge plain tone-green">In force</span>'
IDLE = re.compile(r"(No|0|–|Ended .*)?")
AT_REST = timedelta(days=4000)


class Reader(Walk):
    """Reads pages in the test's own transaction, and keeps them."""

    def __init__(self, person):
        self.person, self.pages, self.client = person, {}, Client()
        self.client.force_login(User.objects.get(email=f"{person}@{DOMAIN}"))

    def read(self, path, data=None):
        answer = self.client.get(path)
        html = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
        self.pages[path] = answer.content.decode() if html else ""
        return path.partition("?")[0], self.pages[path]


@pytest.fixture(scope="module")
def lived(django_db_setup, django_db_blocker):
    """A company at work."""
    with django_db_blocker.unblock(), company.lived():
        yield


@pytest.fixture
def at_work(lived, db):
    """Each test looks from a savepoint of its own."""


@pytest.fixture
def left_alone(at_work, settings, tmp_path):
    """No worker runs any more, and the clock has passed every end."""
    settings.LOCAL_RUN, settings.CLOCK_OFFSET_FILE = True, tmp_path / "ahead"
    settings.CLOCK_OFFSET_FILE.write_text(str(AT_REST.total_seconds()))
    assert max(Period.objects.values_list("until_at", flat=True)) < clock.now()


@pytest.mark.usefixtures("at_work")
def test_the_reading_finds_what_is_in_force():
    found = shown("audrey")

    assert found.keys() >= {*ALIVE, "In force"}
    assert any("days" in claim or "UTC" in claim for claim in found), "no bar of the time left"


@pytest.mark.parametrize("person", [*PEOPLE, *OTHERS])
@pytest.mark.usefixtures("left_alone")
def test_no_page_shows_a_case_in_force(person):
    assert shown(person) == {}


@pytest.mark.usefixtures("left_alone")
def test_no_export_shows_a_case_in_force():
    rows = exported("audrey", "")

    assert len(rows) == ExceptionCase.objects.count()
    assert {row["in_force"] for row in rows} == {"no"}
    assert {row["state"] for row in rows} == {"draft", "closed", "revoked", "rejected", "withdrawn"}


@pytest.mark.parametrize("state", State.values)
@pytest.mark.usefixtures("left_alone")
def test_a_filter_goes_by_the_clock_and_not_by_what_was_last_recorded(state):
    rows = exported("audrey", f"?state={state}")

    assert {row["state"] for row in rows} == {state} & {"draft", "closed", "revoked", "rejected", "withdrawn"}


def shown(person):
    """Every claim, on any page within reach, that something is alive; with the page."""
    reader = Reader(person)
    reader.places("/", "/exceptions/?view=force", "/exceptions/?state=active")
    claims = {}
    for path, html in reader.pages.items():
        said = {state for state in ALIVE if look.state(state) in html} | ({"In force"} if IN_FORCE in html else set())
        said |= {cell for cell in map(words, CELL.findall(html)) if not IDLE.fullmatch(cell)}
        for each in said | set(LEFT.findall(html)):
            claims.setdefault(each, path)
    return claims


def words(html):
    return " ".join(strip_tags(html).split())


def exported(person, query):
    answer = Reader(person).client.get(f"/exceptions/export.csv{query}")
    return list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))
