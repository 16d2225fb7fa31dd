"""What every recorded verb leaves behind."""

from audit.models import Event


def assert_recorded(row, *, stream, kind, by, at, sign="~"):
    """The last event of the stream tells this, and vouches for the row's last version. Returns the event's body."""
    event = Event.objects.filter(stream__name=stream).latest("sequence")
    version = type(row).history.filter(id=row.pk).latest("history_id")

    assert (event.kind, event.at) == (kind, at)
    assert (event.actor_kind, event.actor_id) == (("person", by.pseudonym) if by else ("system", None))
    assert [reference["id"] for reference in event.history] == [str(version.pk)]
    assert (version.history_user, version.history_date) == (by, at)
    assert (version.history_change_reason, version.history_type) == (kind, sign)
    return event.body


def count_events():
    return Event.objects.count()
