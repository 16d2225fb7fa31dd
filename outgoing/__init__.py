"""Safe HTTP to the outside: to public addresses or the allow-list, to the very address that was judged."""

from outgoing.errors import NotPossible
from outgoing.exchanging import LIMITS, Answer, Limits
from outgoing.fetching import get
from outgoing.places import check
from outgoing.posting import post

__all__ = ["LIMITS", "Answer", "Limits", "NotPossible", "check", "get", "post"]
