"""What names lead to while these tests run."""

import socket

import pytest


@pytest.fixture
def names(monkeypatch):
    """What names lead to, in place of DNS: a list of answers a name, one for each time it is looked up."""
    book, asked = {}, []
    real = socket.getaddrinfo

    def look_up(host, port, family=0, type=0, proto=0, flags=0):  # noqa: A002 - as the library calls it
        asked.append(host)
        if host in book:
            answers = book[host].pop(0) if len(book[host]) > 1 else book[host][0]
            return [found for one in answers for found in real(one, port, 0, socket.SOCK_STREAM)]
        if host.endswith(".test"):
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return real(host, port, family, type, proto, flags)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    look_up.book, look_up.asked = book, asked
    return look_up
