"""How a request to the outside says no. Of an address a sentence holds the host alone: the rest may be a secret."""

from django.utils.functional import Promise


class NotPossible(Exception):
    """Nothing was sent, or nobody can know whether it arrived; `message` is a sentence its reader can act on."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)
