"""Fixtures every test may use."""

import pytest

pytest_plugins = [
    "tests.plugins.reset",
    "tests.plugins.browser",
    "tests.plugins.mail",
    "tests.plugins.oidc",
    "tests.plugins.order",
    "tests.plugins.outside",
    "tests.plugins.own",
    "tests.plugins.proof",
    "tests.plugins.standing",
]


@pytest.fixture(scope="session")
def base_url():
    """In place of the browser plugin's own, whose form pytest 10 will refuse."""
