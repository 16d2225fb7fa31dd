"""Fixtures for tests that look at pages in Chromium; `page` and its like come from pytest-playwright."""

import os

import pytest
from django.db import connections

from config.env import BASE_DIR
from tests.plugins import chromium

AXE = BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
AXE_RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


@pytest.fixture(scope="session")
def playwright(playwright):
    """While it runs, this thread has a running loop, for which Django keeps connections apart: they end with it."""
    yield playwright
    connections.close_all()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    found = chromium.obtain()
    return {
        **browser_type_launch_args,
        "executable_path": str(found.program),
        "args": chromium.ARGUMENTS,
        "env": {**os.environ, **found.environment},
    }


@pytest.fixture(scope="session")
def axe_source():
    """axe-core's own text, for `page.evaluate`: the page's policy does not allow it as a script element."""
    return AXE.read_text()


@pytest.fixture
def axe_violations(axe_source):
    """Call it with a page: what axe finds wrong, one sentence each; nothing is an empty list."""

    def violations(page):
        page.evaluate(axe_source)
        return [f"{found['id']}: {found['help']} ({_places(found)})" for found in page.evaluate(AXE_RUN)]

    return violations


@pytest.fixture
def complaints(page):
    """What `page` says is wrong while it is used: errors on the console, uncaught errors, reports of the policy."""
    heard = []
    page.on("console", lambda message: heard.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def _places(found):
    return "; ".join(" ".join(map(str, node["target"])) for node in found["nodes"])
