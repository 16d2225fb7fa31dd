"""A real mail server for the tests, which keeps what it is given."""

import email
import email.policy
from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller

from tests.plugins import daemons


class Sink:
    """Accepts every mail. Set `refuses` to a reply such as "451 later" and it accepts none."""

    def __init__(self):
        self.messages = []
        self.refuses = ""
        self.port = daemons.free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server, session, envelope):
        if self.refuses:
            return self.refuses
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 kept"

    def to(self, address):
        return [message for message in self.messages if address in message["To"]]


@contextmanager
def running_sink():
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@pytest.fixture
def smtp_sink(settings):
    """A mail server that this process hands its mail to; another process is given `smtp_sink.url` as EMAIL_URL."""
    with running_sink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = sink.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield sink
