"""What a browser sends for a passkey is a stranger's text: it ends in a sentence, whatever it is."""

import json

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.factories import PASSWORD, alice

pytestmark = pytest.mark.django_db


def answer(**response):
    return json.dumps(SHAPED | {"response": response})


SHAPED = {"id": "AAAA", "rawId": "AAAA", "type": "public-key"}
STRANGE = [
    "",
    "not json",
    "null",
    "[]",
    "7",
    '"text"',
    "{}",
    json.dumps(SHAPED),
    json.dumps(SHAPED | {"response": []}),
    json.dumps(SHAPED | {"response": {}}),
    json.dumps(SHAPED | {"id": 7, "response": {}}),
    json.dumps(SHAPED | {"id": "é", "rawId": "é", "response": {"userHandle": "é"}}),
    json.dumps(SHAPED | {"response": {"userHandle": None}}),
    json.dumps(SHAPED | {"response": {"userHandle": "AAAA", "clientDataJSON": 3}}),
    json.dumps(
        SHAPED
        | {"response": {"userHandle": "MQ", "clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA"}}
    ),
    json.dumps(
        SHAPED
        | {"response": {"userHandle": "MQ", "clientDataJSON": "e30", "authenticatorData": "A" * 100, "signature": "AA"}}
    ),
    json.dumps(SHAPED | {"response": {"clientDataJSON": "e30", "attestationObject": "AAAA"}}),
    json.dumps(SHAPED | {"response": {"clientDataJSON": "e30", "attestationObject": "ouXl"}}),
    "{" * 5000,
    json.dumps(SHAPED | {"response": {"clientDataJSON": "A" * 30_000}}),
]


@pytest.fixture(autouse=True)
def no_attempts_counted():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def known(client):
    """Alice, who has just proved herself, before the page that adds a passkey."""
    client.post(reverse("account_login"), {"login": alice().email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


@pytest.mark.parametrize("text", STRANGE)
def test_a_strange_answer_signs_nobody_in(client, text):
    client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})

    response = client.post(reverse("mfa_login_webauthn"), {"credential": text}, follow=True)

    assert "passkey" in response.text
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("text", STRANGE)
def test_a_strange_answer_adds_no_passkey(known, text):
    known.get(reverse("mfa_add_webauthn"))

    response = known.post(reverse("mfa_add_webauthn"), {"name": "Phone", "credential": text, "passwordless": "on"})

    assert response.status_code == 200
    assert response.context["form"].errors
    assert not alice().authenticator_set.exists()


def test_a_challenge_is_needed(client):
    posted = {"credential": answer(userHandle="MQ", clientDataJSON="e30")}

    response = client.post(reverse("mfa_login_webauthn"), posted, follow=True)

    assert response.redirect_chain[-1][0] == reverse("account_login")
    assert "_auth_user_id" not in client.session


def test_a_passkey_is_added_only_after_proving_oneself(client):
    client.force_login(alice())

    assert client.get(reverse("mfa_add_webauthn")).url.startswith(reverse("account_reauthenticate"))
