"""An OpenID Connect provider of our own, as a server on this machine: strict where it should be, and lying on demand.

It keeps to Core 1.0 (code flow), Discovery 1.0 and PKCE (RFC 7636): a code is good once, for the address, the client
and the verifier it was made for. `lies` change one thing of what it says, so that tests see it found out.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, SECRET = "stopgap", "a secret of the two: 100% theirs"
PAGE = """<!doctype html><html lang="en"><title>Example ID</title><h1>Example ID</h1>
<form method="post"><button>Go on as {email}</button></form><a href="{refusal}">Cancel</a></html>"""


class Provider:
    """`person` is who sits at it; `lies` is a dict of claims to say instead, or of faults by name."""

    def __init__(self):
        self.key, self.other_key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
        self.person = {"sub": "s-1", "email": "alice@example.com", "email_verified": True, "name": "Alice Andersson"}
        self.claims, self.faults, self.codes, self.tokens, self.seen = {}, set(), {}, {}, []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Handler,), {"provider": self}))
        self.url = f"http://localhost:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def described(self):
        return {
            "issuer": "http://elsewhere.example" if "issuer" in self.faults else self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self):
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [key | {"kid": "k-1", "use": "sig", "alg": "RS256"}]}

    def page(self, asked):
        refusal = f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        return PAGE.format(email=self.person["email"], refusal=escape(refusal))

    def code_for(self, asked):
        """The code of an authorization request that keeps to the rules."""
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["state"]) >= 16
        assert asked["nonce"]
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return code

    def tokens_for(self, posted):
        asked = self.codes.pop(posted["code"])
        assert (posted["client_id"], posted["client_secret"]) == (CLIENT_ID, SECRET)
        assert posted["redirect_uri"] == asked["redirect_uri"]
        challenge = hashlib.sha256(posted["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(challenge).decode().rstrip("=") == asked["code_challenge"]
        access = secrets.token_urlsafe(16)
        self.tokens[access] = dict(self.person)
        return {"access_token": access, "token_type": "Bearer", "id_token": self._id_token(asked)}

    def _id_token(self, asked):
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        said = {"sub": self.person["sub"]} if "quiet" in self.faults else self.person
        claims |= said | self.claims
        if "unsigned" in self.faults:
            return jwt.encode(claims, None, algorithm="none", headers={"kid": "k-1"})
        if "shared" in self.faults:
            return jwt.encode(claims, "k" * 64, algorithm="HS256", headers={"kid": "k-1"})
        key = self.other_key if "signature" in self.faults else self.key
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k-1"})

    def userinfo(self, access):
        told = self.tokens[access]
        return told | {"sub": "s-of-somebody-else"} if "userinfo" in self.faults else told


class Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self):
        path = urlsplit(self.path).path
        self.provider.seen.append(path)
        answers = {
            "/.well-known/openid-configuration": self.provider.described,
            "/keys": self.provider.keys,
            "/userinfo": lambda: self.provider.userinfo(self.headers["Authorization"].removeprefix("Bearer ")),
        }
        if path == "/authorize":
            return self._send(200, self.provider.page(self._query()).encode(), "text/html; charset=utf-8")
        if "down" in self.provider.faults or path not in answers:
            return self._say({}, 503)
        return self._say("nonsense" if "nonsense" in self.provider.faults else answers[path]())

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if urlsplit(self.path).path == "/token":
            if "token" in self.provider.faults:
                return self._say({"error": "server_error"}, 500)
            return self._say(self.provider.tokens_for({name: values[0] for name, values in parse_qs(body).items()}))
        asked = self._query()
        answer = urlencode({"code": self.provider.code_for(asked), "state": asked["state"]})
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{answer}")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def _query(self):
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def _say(self, told, status=200):
        return self._send(status, json.dumps(told).encode(), "application/json")

    def _send(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        """Says nothing."""


@pytest.fixture
def sso(settings):
    """A provider that runs, and a portal that knows it as Example ID."""
    provider = Provider()
    app = {
        "provider_id": "sso",
        "name": "Example ID",
        "client_id": CLIENT_ID,
        "secret": SECRET,
        "settings": {"server_url": provider.url},
    }
    known = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"] | {"APPS": [app]}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": known}
    yield provider
    provider.stop()
