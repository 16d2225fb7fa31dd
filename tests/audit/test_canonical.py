"""The fast encoder writes what RFC 8785 demands; what has no exact form is refused."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
import rfc8785
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st

from audit import canonical
from catalog.models import Environment, Tier

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-canonical.SAFE_INTEGER, canonical.SAFE_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


@given(VALUES)
def test_encoding_is_what_rfc_8785_demands(value):
    assert canonical.encode(value) == rfc8785.dumps(value)


def test_keys_are_sorted_as_utf_16_beyond_the_basic_plane():
    assert canonical.encode({"\ue000": 1, "\U0001d11e": 2}).decode() == '{"\U0001d11e":2,"\ue000":1}'


@pytest.mark.parametrize("value", [2**53, float("nan"), float("inf"), "\ud800", {1: "x"}])
def test_what_json_cannot_carry_exactly_is_refused(value):
    with pytest.raises(ValueError, match=r"\w"):
        canonical.encode(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 11, 21, 9, 30, tzinfo=UTC), "2026-11-21T09:30:00.000000Z"),
        (datetime(2026, 11, 21, 9, 30, 0, 5, tzinfo=timezone(timedelta(hours=2))), "2026-11-21T07:30:00.000005Z"),
        (date(2026, 11, 21), "2026-11-21"),
        (timedelta(seconds=1.5), 1_500_000),
        (UUID(int=10), "00000000-0000-0000-0000-00000000000a"),
        (Decimal("1.50"), "1.5"),
        (Decimal("-0.0"), "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("123456789012345678901234567890.5"), "123456789012345678901234567890.5"),
        (b"\x00\xff", "00ff"),
        (Environment.PRODUCTION, "production"),
        (Tier.HIGH, 3),
        ((1, {"a": date(2026, 1, 2)}), [1, {"a": "2026-01-02"}]),
    ],
)
def test_values_have_one_plain_form(value, text):
    assert canonical.plain(value) == text


@pytest.mark.parametrize("value", [object(), {1, 2}, _("translated")])
def test_value_without_a_canonical_form_is_refused(value):
    with pytest.raises(TypeError, match="no canonical form"):
        canonical.plain(value)


def test_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        canonical.instant(datetime(2026, 11, 21))  # noqa: DTZ001 — what is refused
