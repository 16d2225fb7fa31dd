"""The company every test here lives in."""

import pytest

from tests.exceptions_app.world import World


@pytest.fixture
def world(db):
    return World()
