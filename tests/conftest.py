"""Fixtures every test may use."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")  # the machine is: what takes long there says nothing of the product

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
