"""Home and the frame round every page: what waits, said once, and where one is."""

import re

import pytest

from tests import factories

pytestmark = pytest.mark.django_db


def shown(client, person, path="/"):
    client.force_login(person)
    return client.get(path).content.decode()


def test_an_empty_home_says_so_once_and_offers_the_next_step(client):
    home = shown(client, factories.mallory())

    assert home.count("Nothing waits for you") == 1
    assert home.count(">New exception</a>") == 1


def test_an_auditor_is_offered_the_history_and_nothing_to_ask_for(client):
    home = shown(client, factories.audrey())

    assert "/exceptions/new/" not in home
    assert ">Open the history</a>" in home


@pytest.mark.parametrize(
    ("path", "current"), [("/exceptions/", ["/exceptions/"]), ("/exceptions/new/", ["/exceptions/new/"]), ("/", ["/"])]
)
def test_the_page_one_is_on_is_marked_and_no_other(client, path, current):
    page = shown(client, factories.alice(), path)

    assert list(dict.fromkeys(re.findall(r'href="(/[^"]*)"[^>]* aria-current="page"', page))) == current
