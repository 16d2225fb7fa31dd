"""Asks an address for what it says: its status, and what follows, within the limits."""

from __future__ import annotations

from outgoing.exchanging import LIMITS, Answer, Limits, exchange


def get(url: str, *, reads: bool = True, limits: Limits = LIMITS) -> Answer:
    """Raises as `exchange` does; an answer that refuses is an answer. Without `reads` only its status comes."""
    return exchange("GET", url, body=None, headers={"Accept": "application/json"}, limits=limits, reads=reads)
