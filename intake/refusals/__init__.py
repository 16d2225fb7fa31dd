"""Reads a refusal that somebody pasted: who was refused what, on what. AWS, Vault, Kubernetes, Azure, Google, Git, CI.

Nothing here decides anything: what is recognised is put into a form that a person reads and sends. Text that says
nothing we know stays text.
"""

from __future__ import annotations

import re

from intake.refusals import documents, sentences
from intake.refusals.refusal import Refusal

__all__ = ["LONGEST", "Refusal", "read"]

LONGEST = 20_000
_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})")
"""How JSON writes what no database takes: NUL, and halves of letters."""


def read(text: str) -> Refusal | None:
    """The first refusal in the text, or None. Never raises, whatever is pasted; what it says can be stored."""
    text = _UNSTORABLE.sub("", text[:LONGEST]).strip()
    return documents.read(text) or sentences.read(text)
