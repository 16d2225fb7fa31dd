"""Somebody outside who is posted to: real servers on this machine, over HTTP and TLS, honest or not."""

import datetime
import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Posted:
    path: str
    headers: dict
    body: bytes


class Receiver:
    """Keeps what is posted to it. `status`, `sent` and `headers` are what it answers, but to the paths `refused`."""

    def __init__(self, certificate=None):
        self.posted, self.status, self.sent, self.headers, self.refused = [], 200, b"ok", {}, set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Handler,), {"receiver": self}))
        self.port = self.server.server_port
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.asked_for = []
            context.sni_callback = lambda sock, name, context: self.asked_for.append(name)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.receiver.posted.append(Posted(self.path, dict(self.headers), body))
        self.answer()

    def do_GET(self):
        self.receiver.posted.append(Posted(self.path, dict(self.headers), b""))
        self.answer()

    def answer(self):
        self.send_response(503 if self.path in self.receiver.refused else self.receiver.status)
        for name, value in {"Content-Length": str(len(self.receiver.sent)), **self.receiver.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.receiver.sent)

    def log_message(self, *words):
        """Says nothing."""


@contextmanager
def running_receiver(certificate=None):
    receiver = Receiver(certificate)
    try:
        yield receiver
    finally:
        receiver.stop()


@contextmanager
def saying(pieces, pause=0.05):
    """A server that sends these pieces to whoever connects, with a pause after each; answers its address."""
    over = threading.Event()

    def serve(listener):
        while True:
            try:
                sock, _peer = listener.accept()
            except OSError:
                return
            with sock:
                try:
                    for piece in pieces():
                        if over.wait(pause):
                            return
                        sock.sendall(piece)
                    over.wait(pause)
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        over.set()
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def receiver(settings):
    """A server this machine may post to: the allow-list names it."""
    settings.OUTGOING_ALLOWED = ["127.0.0.0/8"]
    with running_receiver() as running:
        yield running


def certificate_for(name, folder):
    """A file with a key and a certificate for the name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
    names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.9.9.9"))]
    builder = builder.not_valid_after(now + datetime.timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signed = builder.sign(key, hashes.SHA256())
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path
