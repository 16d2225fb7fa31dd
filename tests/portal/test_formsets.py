"""Tests of rows added and removed without script."""

import pytest
from django.http import QueryDict

from portal.formsets import pressed

ROWS = "grants-TOTAL_FORMS=2&grants-INITIAL_FORMS=0&grants-0-resource=a"


def test_add_asks_for_one_row_more():
    assert pressed(QueryDict(f"{ROWS}&add=grants"), "grants")["grants-TOTAL_FORMS"] == "3"


def test_remove_strikes_out_the_row_and_keeps_its_text():
    data = pressed(QueryDict(f"{ROWS}&remove=grants-0"), "grants")

    assert data["grants-0-DELETE"] == "on"
    assert data["grants-0-resource"] == "a"


@pytest.mark.parametrize("button", ["", "add=other", "remove=grants", "remove=grants-x", "remove=other-1"])
def test_other_buttons_are_not_row_buttons(button):
    assert pressed(QueryDict(f"{ROWS}&{button}"), "grants") is None
