"""What somebody has to write has to be seen."""

import pytest

from accounts.texts import says


@pytest.mark.parametrize("text", ["a", "  é ", "忙", "–", "0", "\u200bx"])
def test_what_is_seen_says_something(text):
    assert says(text)


@pytest.mark.parametrize(
    "text",
    ["", "  \n\t", "\u200b\u2060\ufeff", "\u00a0\u3000", "\u202e\u00ad", "\0\u3164\u2800", "\ufe0f\u034f\u17b4"],
)
def test_what_nobody_sees_says_nothing(text):
    assert not says(text)
