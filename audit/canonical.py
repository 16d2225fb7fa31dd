"""Turns values into the bytes that digests are made of: RFC 8785 canonical JSON."""

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any
from uuid import UUID

import rfc8785

SAFE_INTEGER = 2**53 - 1  # RFC 8785 numbers are IEEE 754 doubles
_EXACT = frozenset({str, bool, type(None)})
# For text, safe integers, truth values and null under ASCII keys the standard encoder writes what RFC 8785
# demands, ten times faster; test_canonical.py holds the two together.
_fast = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def encode(value: Any) -> bytes:
    """RFC 8785 bytes of JSON values; raises ValueError for what JSON cannot carry exactly."""
    return _fast(value).encode() if _is_simple(value) else rfc8785.dumps(value)


def digest(value: Any) -> str:
    return sha256(encode(value)).hexdigest()


def plain(value: Any) -> Any:
    """JSON values for what services put into an event's body: instants, dates, UUIDs, decimals become text."""
    match value:
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case Enum():
            return plain(value.value)
        case None | str() | bool() | int() | float():
            return value
        case _:
            return scalar(value)


def scalar(value: Any) -> str | int:
    """Text (or a number of microseconds) for one value that JSON has no type for."""
    match value:
        case dt.datetime():
            return instant(value)
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            return value // dt.timedelta(microseconds=1)
        case UUID():
            return str(value)
        case Decimal():
            return decimal(value)
        case bytes() | memoryview():
            return bytes(value).hex()
        case _:
            raise TypeError(f"A {type(value).__name__} has no canonical form in the ledger.")


def decimal(value: Decimal) -> str:
    """All its digits, without an exponent or trailing zeros: 1.50 is 1.5, and -0.0 is 0."""
    whole, _point, part = f"{value:f}".partition(".")
    part = part.rstrip("0")
    text = f"{whole}.{part}" if part else whole
    return "0" if text == "-0" else text


def instant(at: dt.datetime) -> str:
    """UTC with microseconds, as in 2026-11-21T09:30:00.000000Z."""
    if at.tzinfo is None:
        raise ValueError("An instant in the ledger needs a time zone.")
    return f"{at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _is_simple(value: Any) -> bool:
    kind: type = type(value)
    if kind in _EXACT:
        return True
    if kind is int:
        return bool(-SAFE_INTEGER <= value <= SAFE_INTEGER)
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_simple(item) for key, item in value.items())
    return kind is list and all(map(_is_simple, value))
