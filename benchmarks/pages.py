"""What the benchmarks of pages share: who looks, in which database, how long an answer takes and how many queries."""

from __future__ import annotations

import time

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User


def use(name: str) -> None:
    """From now on look into the database of this name."""
    connection.close()
    connection.settings_dict["NAME"] = name


def signed_in(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def get(client: Client, address: str) -> HttpResponse:
    """The page at the address. Raises RuntimeError for anything but a page."""
    answer: HttpResponse = client.get(address)  # type: ignore[assignment]
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return answer


def seconds(client: Client, address: str) -> float:
    started = time.perf_counter()
    get(client, address)
    return time.perf_counter() - started


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        get(client, address)
    return len(captured)
