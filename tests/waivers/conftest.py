"""A company to import into."""

import pytest

from tests.exceptions_app.world import World


@pytest.fixture
def world(db):
    return World()
