"""Posts: what is sent, and whether it was taken; nobody here has a use for what the other side says besides."""

from __future__ import annotations

from collections.abc import Mapping

from outgoing.exchanging import LIMITS, Answer, Limits, exchange


def post(url: str, *, body: bytes, headers: Mapping[str, str], limits: Limits = LIMITS) -> Answer:
    """Post the body. Raises as `exchange` does; an answer that refuses is an answer: look at `is_taken`."""
    return exchange("POST", url, body=body, headers=headers, limits=limits, reads=False)
