"""What a test reads back: events, their bodies, refusals."""

import json
from contextlib import contextmanager

import pytest

from accounts.errors import Refusal
from audit.models import Event
from audit.verify import verify
from tests.exceptions_app.world import fresh


def events(case):
    """Kinds of the case's events, in order."""
    return [event.kind for event in story(case)]


def story(case):
    return list(Event.objects.filter(stream__name=case.stream).select_related("payload").order_by("sequence"))


def body(case, kind):
    """The body of the case's last event of the kind."""
    event = [event for event in story(case) if event.kind == kind][-1]
    return json.loads(event.payload.body)


def last(case):
    return story(case)[-1]


@contextmanager
def refused(kind, case=None, *, says=""):
    """The block raises the refusal, and the case with its parts and its ledger is as before."""
    before = picture(case) if case else None
    with pytest.raises(kind) as caught:
        yield caught
    assert isinstance(caught.value, Refusal)
    assert says in str(caught.value)
    if case:
        assert picture(case) == before


def picture(case):
    row = fresh(case)
    parts = [
        list(getattr(row, name).order_by("pk").values())
        for name in ("grants", "safeguards", "periods", "evidence", "reviews")
    ]
    return vars_of(row), parts, events(row), row.history.count()


def vars_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def assert_intact():
    """Every chain, payload and history row is what was recorded."""
    report = verify()
    assert report.ok, "\n".join(map(str, report.differences[:5]))
