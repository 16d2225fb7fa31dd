"""Safe HTTP to the outside: to public addresses or the allow-list, to the very address that was judged."""

from outgoing.errors import NotPossible
from outgoing.places import check
from outgoing.posting import LIMITS, Answer, Limits, post

__all__ = ["LIMITS", "Answer", "Limits", "NotPossible", "check", "post"]
