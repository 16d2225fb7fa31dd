"""The invented company in a portal that runs as it does for people."""

import pytest

from tests.pages.here import Here
from tests.plugins import company
from tests.plugins.portal import Portal


@pytest.fixture(scope="session")
def demo_portal(tmp_path_factory):
    """On a database of its own and the embedded queue; nothing a test does to it may be in another's way."""
    with company.copied() as url, Portal(tmp_path_factory.mktemp("demo"), database_url=url, demo=1) as portal:
        yield portal


@pytest.fixture
def here(live_server, page, axe_violations, complaints):
    """A browser before the portal; `clean` says that the page it shows is free of complaints."""
    page.emulate_media(reduced_motion="reduce")
    return Here(live_server.url, page, axe_violations, complaints)
