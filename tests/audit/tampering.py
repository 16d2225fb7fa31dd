"""Changes a ledger behind its back, as an owner of the tables could: at random, but the same for the same seed."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, models, transaction

from audit import chain
from audit.actors import KINDS as ACTOR_KINDS
from audit.models import Erasure, Event, EventPayload, HistoryFormat, Pending, Stream
from tests.audit.guards import suspended

Tampering = Callable[[Random, Any], str]


def tamper(rng: Random, written: Any, turn: int) -> str:
    """Do something a verification must find; says what. `turn` takes all ways of tampering in turn."""
    with suspended(connection):
        while True:
            with suppress(IntegrityError), transaction.atomic():  # what a constraint still refuses is no tampering
                return WAYS[turn % len(WAYS)](rng, written)


def _change_column_of(model: type[models.Model]) -> Tampering:
    def change(rng: Random, _written: Any) -> str:
        return _change_column(rng, model)

    return change


def _change_history_row(rng: Random, written: Any) -> str:
    return _change_column(rng, written.history)


def _change_column(rng: Random, model: type[models.Model]) -> str:
    """Set one column of one row to something else of its type."""
    field = rng.choice([f for f in model._meta.concrete_fields if not f.primary_key])
    row = rng.choice(list(model._base_manager.order_by("pk")))
    old = getattr(row, field.attname)
    new = _other(rng, field, old)
    model._base_manager.filter(pk=row.pk).update(**{field.attname: new})
    return f"{row!r}: {field.attname} from {old!r} to {new!r}"


def _other(rng: Random, field: models.Field, old: Any) -> Any:
    match field:
        case models.ForeignKey():
            keys = list(field.related_model._base_manager.exclude(pk=old).order_by("pk").values_list("pk", flat=True))
            return rng.choice(keys or [(old or 0) + 1])
        case models.DateTimeField():
            return old + timedelta(microseconds=rng.choice([-1, 1]) * rng.choice([1, 1_000, 10**9]))
        case models.BooleanField():
            return not old
        case models.IntegerField():
            return (old or 0) + rng.randint(1, 9)
        case models.UUIDField():
            return UUID(int=rng.getrandbits(128))
        case models.JSONField():
            return [*old, "x"] if rng.random() < 0.5 or not old else old[1:]
        case models.CharField() if len(old or "") == 64:
            return _flip(rng, old)
        case _:
            choices = ACTOR_KINDS if field.name == "actor_kind" else [value for value, _label in field.flatchoices]
            return rng.choice([value for value in choices if value != old] or [f"{old or ''}x"])


def _flip(rng: Random, digest: str) -> str:
    place = rng.randrange(64)
    return f"{digest[:place]}{(int(digest[place], 16) + 1) % 16:x}{digest[place + 1 :]}"


def _some_event(rng: Random, **conditions: Any) -> Event:
    return rng.choice(list(Event.objects.filter(**conditions).select_related("stream").order_by("pk")))


def _not_last(rng: Random) -> Event:
    return _some_event(rng, sequence__lt=models.F("stream__head_sequence"))


def _delete_event(rng: Random, _written: Any) -> str:
    event = _some_event(rng)
    for model in (Pending, EventPayload, Erasure):
        model._base_manager.filter(event=event).delete()
    Event.objects.filter(pk=event.pk)._raw_delete("default")
    return f"deleted {event.stream} {event}"


def _delete_erased_event_only(rng: Random, _written: Any) -> str:
    event = _not_last(rng)
    Event.objects.filter(pk=event.pk)._raw_delete("default")
    return f"deleted {event.stream} {event}, but not what hangs on it"


def _swap_events(rng: Random, _written: Any) -> str:
    event = _not_last(rng)
    after = Event.objects.get(stream=event.stream, sequence=event.sequence + 1)
    for row, sequence in ((event, 10**6), (after, event.sequence), (event, after.sequence)):
        Event.objects.filter(pk=row.pk).update(sequence=sequence)
    return f"swapped {event.stream} {event} and the next"


def _swap_payloads(rng: Random, _written: Any) -> str:
    one, other = rng.sample(list(EventPayload.objects.order_by("pk")), 2)
    EventPayload.objects.filter(pk=one.pk).update(salt=other.salt, body=other.body)
    EventPayload.objects.filter(pk=other.pk).update(salt=one.salt, body=one.body)
    return f"swapped {one} and {other}"


def _append_forgery(rng: Random, _written: Any) -> str:
    """A well-formed event after the last, without the head."""
    stream = rng.choice(list(Stream.objects.order_by("pk")))
    last = Event.objects.filter(stream=stream).latest("sequence")
    _forge(last, stream, sequence=last.sequence + 1, previous=last.digest)
    return f"appended a forgery to {stream}"


def _insert_forgery(rng: Random, _written: Any) -> str:
    """A well-formed event in the middle, the later ones moved up."""
    event = _not_last(rng)
    later = Event.objects.filter(stream=event.stream, sequence__gt=event.sequence).order_by("-sequence")
    for row in later:
        Event.objects.filter(pk=row.pk).update(sequence=row.sequence + 1)
    _forge(event, event.stream, sequence=event.sequence + 1, previous=event.digest)
    return f"inserted a forgery after {event.stream} {event}"


def _forge(like: Event, stream: Stream, *, sequence: int, previous: str) -> None:
    salt, body = chain.new_salt(), '{"forged":true}'
    forged = Event.objects.get(pk=like.pk)
    forged.pk, forged.sequence, forged.previous, forged.history = None, sequence, previous, []
    forged.payload_digest = chain.payload_digest(salt, body)
    forged.digest = chain.event_digest(forged, stream.name)
    forged.save(force_insert=True)
    EventPayload.objects.create(event=forged, salt=salt, body=body)


def _rewrite_from_here(rng: Random, _written: Any) -> str:
    """Another story from some event on, every digest recomputed, the head left as it was."""
    event = _some_event(rng, payload__isnull=False)
    body, previous = '{"forged":true}', event.previous
    EventPayload.objects.filter(event=event).update(body=body)
    event.payload_digest = chain.payload_digest(event.payload.salt, body)
    for row in (event, *Event.objects.filter(stream=event.stream, sequence__gt=event.sequence).order_by("sequence")):
        row.previous = previous
        row.digest = previous = chain.event_digest(row, event.stream.name)
        row.save(update_fields=["payload_digest", "previous", "digest"])
    return f"rewrote {event.stream} from {event} on"


def _delete_payload(rng: Random, _written: Any) -> str:
    payload = rng.choice(list(EventPayload.objects.order_by("pk")))
    EventPayload.objects.filter(pk=payload.pk).delete()
    return f"deleted {payload}"


def _delete_payload_with_an_invented_erasure(rng: Random, _written: Any) -> str:
    event = _some_event(rng, payload__isnull=False)
    eraser = Event.objects.filter(kind="payload.erased").latest("pk")
    kept = chain.history_salt(event.payload.salt) if event.history else ""
    EventPayload.objects.filter(event=event).delete()
    if event.pk != eraser.pk:
        Erasure.objects.create(event=event, erased_by=eraser, history_salt=kept)
    return f"deleted the payload of {event} with an invented erasure"


def _replace_payload(rng: Random, _written: Any) -> str:
    payload = rng.choice(list(EventPayload.objects.order_by("pk")))
    EventPayload.objects.filter(pk=payload.pk).update(salt=chain.new_salt(), body='{"note":"never mind"}')
    return f"replaced {payload}, salt and all"


def _bring_back_erased_payload(rng: Random, _written: Any) -> str:
    event = _some_event(rng, payload__isnull=True)
    EventPayload.objects.create(event=event, salt=chain.new_salt(), body="{}")
    return f"gave {event} a payload again"


def _delete_erasure(rng: Random, _written: Any) -> str:
    erasure = rng.choice(list(Erasure.objects.order_by("pk")))
    Erasure.objects.filter(pk=erasure.pk).delete()
    return f"deleted {erasure}"


def _delete_history_row(rng: Random, written: Any) -> str:
    row = rng.choice(list(written.history.objects.order_by("pk")))
    written.history.objects.filter(pk=row.pk).delete()
    return f"deleted history row {row.pk}"


def _insert_history_row(rng: Random, written: Any) -> str:
    row = rng.choice(list(written.history.objects.order_by("pk")))
    row.pk = None
    row.save(force_insert=True)
    return f"invented history row {row.pk}"


def _delete_format(_rng: Random, _written: Any) -> str:
    HistoryFormat.objects.all().delete()
    return "deleted the history formats"


def _move_head(rng: Random, _written: Any) -> str:
    stream = rng.choice(list(Stream.objects.order_by("pk")))
    Stream.objects.filter(pk=stream.pk).update(head_sequence=stream.head_sequence + rng.choice([-1, 1, 7]))
    return f"moved the head of {stream}"


WAYS: list[Tampering] = [
    *[_change_column_of(model) for model in (Event, EventPayload, Stream, Erasure, HistoryFormat)],
    _change_column_of(Event),
    _change_history_row,
    _delete_event,
    _delete_erased_event_only,
    _swap_events,
    _swap_payloads,
    _append_forgery,
    _insert_forgery,
    _rewrite_from_here,
    _delete_payload,
    _delete_payload_with_an_invented_erasure,
    _replace_payload,
    _bring_back_erased_payload,
    _delete_erasure,
    _delete_history_row,
    _insert_history_row,
    _delete_format,
    _move_head,
]
