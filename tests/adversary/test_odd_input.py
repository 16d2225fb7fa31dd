"""Odd input: whatever Mallory writes into an address or a form, the answer is never a server error."""

import base64

import pytest
from django.test import Client

from tests.exceptions_app.world import fresh

pytestmark = pytest.mark.django_db
MANY = "9" * 5000


def cursor(text):
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.fixture
def petra(world):
    client = Client()
    client.force_login(fresh(world.petra))
    return client


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("/exceptions/%00/", {}),
        ("/queue/", {"open": "\0"}),
        ("/exceptions/", {"q": "a\0b"}),
        ("/history/", {"stream": "\0"}),
        ("/identities/%00/", {}),
    ],
)
def test_a_nul_byte_in_an_address_is_a_bad_request(petra, address, asked):
    assert petra.get(address, asked).status_code == 400


@pytest.mark.parametrize("field", ["title", "control", "identity", "owner", "grants-0-system", "any\0thing"])
@pytest.mark.parametrize("address", ["/exceptions/new/", "/exceptions/new/hints/"])
def test_a_nul_byte_in_the_form_is_a_bad_request(petra, address, field):
    assert petra.post(address, {"title": "Key", field: "a\0b"}).status_code == 400


def test_a_nul_byte_in_a_reason_is_a_bad_request(world):
    case, client = world.requested(), Client()
    client.force_login(fresh(world.alice))

    answer = client.post(f"/exceptions/{case.reference}/withdrawal/", {"reason": "No\0 need"})

    assert answer.status_code == 400
    assert fresh(case).state == "requested"


@pytest.mark.parametrize("address", ["/history/", "/effects/"])
def test_a_number_that_is_no_key_starts_at_the_beginning(petra, address):
    assert petra.get(address, {"after": MANY}).status_code == 200
    assert petra.get(address, {"after": "9" * 30}).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "[5, 1, false]",
        "[Infinity, 1, false]",
        "[NaN, 1, false]",
        "[1, Infinity, false]",
        '["2026-01-01T00:00", 1, false]',
        '["0001-01-01T00:00:00+23:59", 1, false]',
        '["9999-12-31T23:59:59-23:59", 1, false]',
        f'["2026-01-01T00:00:00+00:00", {"9" * 40}, false]',
        f"[{'9' * 40}, 1, false]",
        "[" * 5000,
    ],
)
@pytest.mark.parametrize("sort", ["-filed", "ends", "risk"])
def test_a_cursor_nobody_was_given_is_no_server_error(world, petra, text, sort):
    world.requested()

    assert petra.get("/exceptions/", {"after": cursor(text), "sort": sort}).status_code == 200


def test_a_number_of_rows_beyond_reading_adds_one_row(petra):
    answer = petra.post("/exceptions/new/", {"add": "grants", "grants-TOTAL_FORMS": MANY, "grants-INITIAL_FORMS": "0"})

    assert answer.status_code == 200
