"""The ledger is read as one stream's story, and page by page."""

from datetime import timedelta

import pytest

from audit import queries
from audit import services as ledger
from audit.actors import SYSTEM
from audit.models import Event
from audit.queries import Filter
from tests.audit.conftest import ALICE, AT, BOB, record

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def kinds(wanted: Filter) -> list[str]:
    return [event.kind for event in queries.select(wanted)]


@pytest.fixture
def told(db):
    record("exceptions/EXC-2026-0001", "case.drafted", at=AT)
    record("exceptions/EXC-2026-0002", "case.approved", at=AT + 2 * DAY, actor=BOB)
    record("catalog/controls/NHI-ROT-01", "control.changed", at=AT + DAY, actor=SYSTEM)
    record("exceptions/EXC-2026-0001", "case.approved", at=AT + 3 * DAY, actor=BOB)


def test_story_tells_a_stream_in_order_with_bodies(told, django_assert_num_queries):
    with django_assert_num_queries(1):
        story = [(event.kind, event.body) for event in queries.story("exceptions/EXC-2026-0001")]

    assert story == [("case.drafted", {"title": "Old key"}), ("case.approved", {"title": "Old key"})]


def test_story_as_of_a_time_leaves_out_what_happened_later(told):
    story = queries.story("exceptions/EXC-2026-0001", as_of=AT + DAY)

    assert [event.kind for event in story] == ["case.drafted"]


def test_erased_bodies_cost_no_query(told, django_assert_num_queries):
    ledger.erase(person=BOB.id, actor=SYSTEM, at=AT, reason="Bob left.")

    with django_assert_num_queries(1):
        assert [event.body for event in queries.select(Filter(actor=BOB.id))] == [None, None]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), ["case.approved", "case.approved", "control.changed", "case.drafted"]),
        (Filter(kind="case."), ["case.approved", "case.approved", "case.drafted"]),
        (Filter(kind="case.drafted"), ["case.drafted"]),
        (Filter(kind="case"), []),
        (Filter(actor=ALICE.id), ["case.drafted"]),
        (Filter(stream="catalog/"), ["control.changed"]),
        (Filter(stream="exceptions/EXC-2026-0001"), ["case.approved", "case.drafted"]),
        (Filter(since=AT + DAY, until=AT + 2 * DAY), ["control.changed"]),
        (Filter(as_of=AT + DAY), ["control.changed", "case.drafted"]),
    ],
)
def test_filter_lets_through_what_is_asked_for(told, wanted, found):
    assert kinds(wanted) == found


def test_pages_follow_each_other_without_gap_or_repetition():
    for number in range(7):
        record(f"exceptions/EXC-2026-{number}", at=AT + number % 3 * DAY)
    expected = list(Event.objects.order_by("-at", "-pk"))

    seen, after = [], None
    while True:
        page = queries.page(Filter(), after=after, size=2)
        seen += page.events
        if page.next is None:
            break
        after = page.next

    assert seen == expected


def test_kinds_are_listed_once(told):
    assert queries.kinds() == ["case.approved", "case.drafted", "control.changed"]
