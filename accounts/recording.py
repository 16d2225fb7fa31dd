"""Saves a governed row together with its history and its event: a service's last step (promise 10)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from simple_history.utils import get_history_manager_for_model

from accounts.errors import NotPossible
from accounts.models import User
from audit import services as ledger
from audit.actors import SYSTEM

Row = TypeVar("Row", bound=models.Model)
Changes = dict[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Happening:
    """What the ledger is told. `by` None is the system: the command line, not a person."""

    stream: str
    kind: str
    by: User | None
    at: datetime


def amend(row: models.Model, values: Mapping[str, Any]) -> Changes:
    """Set the values on the row; returns those that differ, each as the facts before and after."""
    changes = {}
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            setattr(row, name, value)
            changes[name] = {"before": fact(before), "after": fact(value)}
    return changes


def trimmed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values, texts without the space around them."""
    return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}


def facts(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: fact(getattr(row, name)) for name in names}


def fact(value: Any) -> Any:
    """A value as an event's body carries it: people by pseudonym, other rows by handle or name."""
    if isinstance(value, User):
        return value.pseudonym
    if isinstance(value, models.Model):
        return getattr(value, "slug", None) or str(value)
    return value


def keep(row: models.Model, *, happening: Happening, body: Mapping[str, Any]) -> None:
    """Validate and save the row with its history and its event. Raises NotPossible.

    What only the table can tell, it is asked by saving: whoever saves the same a moment later hears the same sentence.
    """
    _sign(row, happening)
    try:
        with transaction.atomic():
            _clean(row, validate_unique=False, validate_constraints=False)
            row.save()
    except IntegrityError:
        validate(row)
        raise
    _record(row, happening, body)


def keep_all(
    rows: Sequence[models.Model], *, happening: Happening, body: Mapping[str, Any], gone: Sequence[models.Model] = ()
) -> None:
    """Validate and save rows that belong together, parents first, with their histories and one event.

    Rows of theirs that are `gone` are deleted first; their histories stay.
    """
    versions = [_taken_out(row, happening) for row in gone]
    for row in rows:
        _sign(row, happening)
        _take_keys(row)
        validate(row)
        row.save()
        versions.append(_version(row))
    tell(happening, body, history=versions)


def remove(row: models.Model, *, happening: Happening, body: Mapping[str, Any]) -> None:
    """Delete the row; its history and its event stay."""
    tell(happening, body, history=[_taken_out(row, happening)])


def tell(happening: Happening, body: Mapping[str, Any], *, history: Sequence[models.Model] = ()) -> None:
    """Record the event alone: of what has no versions, or whose versions are at hand."""
    ledger.record(
        stream=happening.stream,
        kind=happening.kind,
        actor=happening.by.actor if happening.by else SYSTEM,
        at=happening.at,
        body=body,
        history=history,
    )


def locked(row: Row) -> Row:
    """The row as it stands in the database, locked until the transaction ends."""
    return type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)


def validate(row: models.Model) -> None:
    """Raises NotPossible for a row that could not be saved."""
    _clean(row)


def validate_alone(row: models.Model, *, but: str = "") -> None:
    """Raises NotPossible for what the row alone can tell: its parents were looked up, the database holds the rest.

    `but` is a column that is filled only when the row is saved.
    """
    parents = {column.name for column in row._meta.concrete_fields if isinstance(column, models.ForeignKey)}
    try:
        row.clean_fields(exclude=parents | {but})
    except ValidationError as error:
        raise NotPossible.from_validation(error) from error


def _clean(row: models.Model, **parts: bool) -> None:
    try:
        row.full_clean(exclude={"password"}, **parts)
    except ValidationError as error:
        raise NotPossible.from_validation(error) from error


def _sign(row: models.Model, happening: Happening) -> None:
    vars(row).update(_history_user=happening.by, _history_date=happening.at, _change_reason=happening.kind)


def _taken_out(row: models.Model, happening: Happening) -> models.Model:
    """Delete the row; what its history keeps of that."""
    _sign(row, happening)
    key = row.pk
    row.delete()
    row.pk = key
    return _version(row)


def _record(row: models.Model, happening: Happening, body: Mapping[str, Any]) -> None:
    tell(happening, body, history=[_version(row)])


def _take_keys(row: models.Model) -> None:
    """Take over the keys of parents that were saved a moment ago."""
    for column in row._meta.concrete_fields:
        if isinstance(column, models.ForeignKey) and column.is_cached(row):
            setattr(row, column.name, column.get_cached_value(row))


def _version(row: models.Model) -> models.Model:
    """What history keeps of the row as it was saved last."""
    version: models.Model = get_history_manager_for_model(type(row)).filter(id=row.pk).latest("history_id")
    return version
