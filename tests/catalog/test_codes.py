"""Codes are the same however they are written."""

import pytest

from catalog.codes import key_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PR.AA-5", "PR.AA-05"),
        ("NHI-04", "NHI4"),
        ("ac-2.1", "AC-2(1)"),
        ("AC-02(01)", "AC-2 (1)"),
        ("GOVERN 1.1", "govern-1.1"),
    ],
)
def test_spellings_of_one_code_compare_alike(one, other):
    assert key_of(one) == key_of(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("AC-2(1)", "AC-21"), ("NHI1:2025", "NHI12025"), ("ZT-1", "ZT-10"), ("A-0", "A")]
)
def test_different_codes_stay_different(one, other):
    assert key_of(one) != key_of(other)


def test_words_without_letters_or_digits_are_no_code():
    assert key_of(" – ") == ""
