"""People at browsers, in front of a portal."""

import pytest
from playwright.sync_api import expect

from tests.journeys import company as companies
from tests.journeys.visitor import PATIENCE, Visitor

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def visitor(new_context):
    """Call it with a portal's address and a name: that person, not signed in, at a browser of their own."""

    def come(url, name, **options):
        return Visitor(new_context(**options), url, name)

    return come


@pytest.fixture
def company(transactional_db):
    return companies.found()


@pytest.fixture
def signed_in(visitor, live_server, client):
    """Call it with a person: they sit before the portal inside this process, signed in."""

    def come(person, **options):
        client.force_login(person)
        visiting = visitor(live_server.url, person.short_name, **options)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        visiting.context.add_cookies([cookie])
        return visiting

    return come
