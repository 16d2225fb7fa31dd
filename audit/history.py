"""Digests rows of history tables, so that an event vouches for the versions written with it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from hashlib import sha256
from typing import Any

from django.db import models

from audit import canonical
from audit.models import HistoryFormat

Encoder = Callable[[Any], Any]


@dataclass(frozen=True)
class Format:
    """The columns of one model that a digest covers, in the order of their names."""

    model: type[models.Model]
    label: str
    fields: tuple[str, ...]
    digest: str
    encoders: tuple[Encoder, ...]

    def row_digest(self, salt: bytes, values: Iterable[Any]) -> str:
        """SHA-256 over the history salt's bytes and the row's canonical form."""
        encoded = {name: encode(value) for name, encode, value in zip(self.fields, self.encoders, values, strict=True)}
        row = {"format": self.digest, "model": self.label, "values": encoded}
        return sha256(salt + canonical.encode(row)).hexdigest()


def format_of(model: type[models.Model], fields: Sequence[str] | None = None) -> Format:
    """The format that covers `fields`, or all of the model's present columns. Raises KeyError for a column it lacks."""
    return _format(model, tuple(sorted(fields or (field.attname for field in model._meta.concrete_fields))))


def format_digest(model: str, fields: Any) -> str:
    return canonical.digest({"fields": fields, "model": model})


def register(formats: Iterable[Format]) -> None:
    """Write down the formats not yet known; must run in the transaction that uses them."""
    wanted = {form.digest: form for form in formats}
    known = HistoryFormat.objects.filter(digest__in=wanted).values_list("digest", flat=True)
    new = [wanted[digest] for digest in sorted(wanted.keys() - set(known))]
    if new:
        rows = [HistoryFormat(digest=form.digest, model=form.label, fields=list(form.fields)) for form in new]
        HistoryFormat.objects.bulk_create(rows, ignore_conflicts=True)


def reference(row: models.Model, salt: bytes) -> Mapping[str, str]:
    """What an event keeps of a history row. The row must be saved."""
    if row.pk is None:
        raise ValueError(f"Save the {row._meta.label} before recording it in the ledger.")
    form = format_of(type(row))
    digest = form.row_digest(salt, [getattr(row, name) for name in form.fields])
    return {"digest": digest, "format": form.digest, "id": str(row.pk), "model": form.label}


@cache
def _format(model: type[models.Model], fields: tuple[str, ...]) -> Format:
    columns = {field.attname: field for field in model._meta.concrete_fields}
    encoders = tuple(_encoder(columns[name]) for name in fields)
    label = model._meta.label_lower
    return Format(model, label, fields, format_digest(label, list(fields)), encoders)


def _encoder(field: "models.Field[Any, Any]") -> Encoder:
    """How a column's values are written: as the database will give them back, whatever the instance holds."""
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    match target:
        case models.JSONField():
            return _document
        case models.FileField():
            return str
        case models.DecimalField():
            return lambda value: None if value is None else _decimal(target, value)
        case models.IntegerField():
            return lambda value: None if value is None else _integer(target.to_python(value))
        case models.CharField() | models.TextField():
            return lambda value: (
                value if value is None or type(value) is str else target.to_python(canonical.plain(value))
            )
        case _:
            return lambda value: canonical.plain(target.to_python(value))


def _integer(value: int) -> int | str:
    return value if abs(value) <= canonical.SAFE_INTEGER else str(value)


def _decimal(field: "models.DecimalField[Any, Any]", value: Any) -> str:
    exponent = Decimal(1).scaleb(-field.decimal_places)
    return canonical.decimal(Decimal(field.to_python(value)).quantize(exponent, rounding=ROUND_HALF_EVEN))


def _document(value: Any) -> Any:
    """JSON as it is. A float that jsonb would return as a long integer has no stable form, so it is refused."""
    match value:
        case dict():
            return {key: _document(item) for key, item in value.items()}
        case list() | tuple():
            return [_document(item) for item in value]
        case float() if value.is_integer() and abs(value) > canonical.SAFE_INTEGER:
            raise ValueError(
                "A number beyond 2^53 in a JSON column cannot be recorded in the ledger; write it as text."
            )
        case _:
            return value
