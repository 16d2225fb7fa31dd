"""One request to one judged address, once: no redirect, proxy, cookie or password of the environment is ever followed.

Python's own HTTP client speaks over a socket that is already connected, so there is nothing it could look up again.
"""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any, cast

import ssrfguard
from django.utils.translation import gettext as _

from outgoing import places
from outgoing.deadline import Deadline
from outgoing.errors import NotPossible
from outgoing.places import Place

REDIRECTS = range(300, 400)
DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Limits:
    """For one request as a whole: the look-up of the name, the handshake, and the answer with its headers."""

    seconds: float = 10.0
    bytes: int = 64 * 1024


LIMITS = Limits()


@dataclass(frozen=True)
class Answer:
    """What came back. What follows the headers is `body` where it was read; it may never end."""

    status: int
    body: bytes = b""

    @property
    def is_taken(self) -> bool:
        """Whether the other side says that it took what was posted."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def words(self) -> str:
        """`404 Not Found`, in the words of the standard, never in those of the other side."""
        known = self.status in HTTPStatus._value2member_map_
        return f"{self.status} {HTTPStatus(self.status).phrase}" if known else str(self.status)


def exchange(
    method: str, url: str, *, body: bytes | None, headers: Mapping[str, str], limits: Limits, reads: bool
) -> Answer:
    """Send one request. Raises NotPossible when no answer came, for a redirect, and where nothing may be sent to.

    An answer that refuses is an answer. Where it `reads`, what follows the headers comes with it, within the limits.
    """
    deadline = Deadline(limits.seconds)
    place = places.judge(url, deadline)
    host = place.target.host
    try:
        with _connected(place, deadline) as sock:
            answer = _exchange(method, place, _Line(sock, deadline, limits.bytes), body, headers, reads=reads)
    except ssrfguard.SSRFGuardError:
        raise NotPossible(places.inward(host)) from None
    except ssl.SSLCertVerificationError:
        raise NotPossible(_("%(host)s has no certificate for its name that we trust.") % {"host": host}) from None
    except TimeoutError:
        message = _("%(host)s did not answer within %(seconds)g seconds.")
        raise NotPossible(message % {"host": host, "seconds": limits.seconds}) from None
    except (OSError, HTTPException):
        raise NotPossible(_("%(host)s could not be reached, or did not answer as HTTP.") % {"host": host}) from None
    if answer.status in REDIRECTS:
        message = _(
            "%(host)s answered that it has moved (%(status)d). Redirects are not followed: use the new address."
        )
        raise NotPossible(message % {"host": host, "status": answer.status})
    return answer


def _connected(place: Place, deadline: Deadline) -> socket.socket:
    """A socket to a judged address, under TLS for the name that was asked for. Raises OSError."""
    tried = min(len(place.addresses), places.MOST_ADDRESSES)
    sock = ssrfguard.connect(place.addresses, policy=place.policy, timeout=deadline.left() / tried)
    if place.target.scheme != "https":
        return sock
    try:
        sock.settimeout(deadline.left())
        return ssl.create_default_context().wrap_socket(sock, server_hostname=place.target.host.rstrip("."))
    except BaseException:
        sock.close()
        raise


def _exchange(
    method: str, place: Place, line: _Line, body: bytes | None, headers: Mapping[str, str], *, reads: bool
) -> Answer:
    connection = HTTPConnection(place.target.host, place.target.port)
    connection.default_port = DEFAULT_PORTS[place.target.scheme]
    connection.sock = cast("socket.socket", line)
    connection.auto_open = 0
    connection.request(method, place.path, body=body, headers={**headers, "Connection": "close"})
    found = connection.getresponse()
    return Answer(found.status, found.read() if reads else b"")


class TooMuch(OSError):
    """The other side sent more than is read."""


class _Line:
    """A connected socket that gives up at its deadline, and reads so many bytes and no more."""

    def __init__(self, sock: socket.socket, deadline: Deadline, most: int) -> None:
        self._sock, self._deadline, self._most = sock, deadline, most

    def sendall(self, sent: bytes) -> None:
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(sent)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._sock, self._deadline, self._most))

    def close(self) -> None:
        """The socket is closed by whoever opened it."""


class _Incoming(io.RawIOBase):
    """What comes in; the limit of time is for all of it, so each piece gets only what the others have left."""

    def __init__(self, sock: socket.socket, deadline: Deadline, most: int) -> None:
        self._sock, self._deadline, self._left = sock, deadline, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left <= 0:
            raise TooMuch
        self._sock.settimeout(self._deadline.left())
        count = self._sock.recv_into(memoryview(buffer)[: self._left])
        self._left -= count
        return count
