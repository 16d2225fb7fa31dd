"""Cells of strangers: words of ours however written, days that are one day or asked about."""

from datetime import date, datetime

import pytest

from catalog.models import CredentialForm, IdentityKind
from intake import cells
from intake.cells import Ambiguous, Reader, Unreadable


@pytest.mark.parametrize(
    "cell",
    ["2026-12-04", "4.12.2026", "04. 12. 2026", date(2026, 12, 4), datetime(2026, 12, 4, 9), "2026-12-04T09:30:00Z"],  # noqa: DTZ001
)
def test_a_day_written_plainly_is_that_day(cell):
    assert cells.day(cell, Reader()) == date(2026, 12, 4)


@pytest.mark.parametrize("cell", ["03/04/2026", "03-04-2026", "3-4-2026"])
def test_a_day_that_may_be_two_is_asked_about(cell):
    with pytest.raises(Ambiguous, match="the day or the month"):
        cells.day(cell, Reader())

    assert cells.day(cell, Reader(cells.DAY_FIRST)) == date(2026, 4, 3)
    assert cells.day(cell, Reader(cells.MONTH_FIRST)) == date(2026, 3, 4)


def test_a_day_that_can_be_only_one_is_not():
    assert cells.day("25/04/2026", Reader()) == cells.day("04/25/2026", Reader()) == date(2026, 4, 25)
    assert cells.day("25-04-2026", Reader()) == cells.day("04-25-2026", Reader()) == date(2026, 4, 25)
    assert cells.day("04/04/2026", Reader()) == date(2026, 4, 4)


@pytest.mark.parametrize(
    "cell",
    ["soon", "31.2.2026", "2026-13-01", "03/04/26", "03-04-26", "03/04-2026", "2026", "never", "99/99/2026"],
)
def test_what_is_no_day_is_refused(cell):
    with pytest.raises(Unreadable):
        cells.day(cell, Reader())


def test_the_order_chosen_holds_for_every_line():
    with pytest.raises(Unreadable):
        cells.day("25/04/2026", Reader(cells.MONTH_FIRST))


@pytest.mark.parametrize("cell", ["ci_pipeline", "CI pipeline", "ci-PIPELINE", " CI  pipeline"])
def test_our_words_are_known_however_written(cell):
    assert cells.one_of(IdentityKind)(cell, Reader()) == IdentityKind.CI_PIPELINE


def test_a_word_that_is_not_ours_is_refused_with_those_that_are():
    with pytest.raises(Unreadable, match="just-in-time credential"):
        cells.one_of(CredentialForm)("password", Reader())


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'=1+1", "=1+1"),
        ("'-rm", "-rm"),
        ("'quoted", "'quoted"),
        ("=1+1", "=1+1"),
        ("'", "'"),
        ("'=a\\|b", "=a|b"),
        ("a\\|b", "a\\|b"),
    ],
)
def test_the_quote_an_export_puts_before_a_formula_is_taken_off(cell, text):
    assert cells.text(cell, Reader()) == text


def test_lists_are_read_whatever_divides_them():
    assert cells.several("a, b;c\nb,,", Reader()) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("cell", "ids"),
    [
        ("CN=svc,OU=Apps,DC=acme", ["CN=svc,OU=Apps,DC=acme"]),
        ("arn:aws:1; spiffe://a;b", ["arn:aws:1", "spiffe://a", "b"]),
        ("arn:aws:1, spiffe://a", ["arn:aws:1", "spiffe://a"]),
        ("CN=a,DC=b\nspiffe://a;b\n\nCN=a,DC=b", ["CN=a,DC=b", "spiffe://a;b"]),
    ],
)
def test_ids_are_divided_where_no_id_goes_on(cell, ids):
    assert cells.ids(cell, Reader()) == ids
