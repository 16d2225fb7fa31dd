"""Hands mails to the mail server, and tells a server that is away from a mail it refuses."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

AWAY = (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError)


class Unreachable(OSError):
    """The mail server cannot be reached, so nobody else need try for a while."""


@dataclass(frozen=True)
class Office:
    """An open connection."""

    backend: BaseEmailBackend

    def send(self, message: EmailMessage) -> str:
        """Hand the mail over; answers the server's refusal, "" when it was taken. Raises Unreachable."""
        try:
            self.backend.send_messages([message])
        except AWAY as error:
            raise Unreachable(str(error)) from error
        except smtplib.SMTPException as error:
            return str(error)
        return ""


@contextmanager
def office() -> Iterator[Office]:
    """A connection for several mails. Raises Unreachable."""
    backend = get_connection()
    try:
        backend.open()
    except OSError as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error
    try:
        yield Office(backend)
    finally:
        backend.close()
