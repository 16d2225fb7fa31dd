"""Reads a refusal that somebody pasted: who was refused what, on what. AWS, Vault, Kubernetes, Azure, Google, Git, CI.

Nothing here decides anything: what is recognised is put into a form that a person reads and sends. Text that says
nothing we know stays text.
"""

from __future__ import annotations

from intake.refusals import documents, sentences
from intake.refusals.refusal import Refusal

__all__ = ["LONGEST", "Refusal", "read"]

LONGEST = 20_000


def read(text: str) -> Refusal | None:
    """The first refusal in the text, or None. Never raises, whatever is pasted."""
    text = text[:LONGEST].strip()
    return documents.read(text) or sentences.read(text)
