"""Every piece of the look at once: no inline style or script, small, and clean to axe in both themes."""

import gzip
import re

import pytest
from django.conf import settings

from accounts.models import User

pytestmark = [pytest.mark.urls("tests.portal.gallery_urls"), pytest.mark.django_db]

STATIC = settings.BASE_DIR / "static"


@pytest.fixture
def ada():
    return User.objects.create_user("ada@example.com", name="Ada Byström", is_programme_manager=True)


def test_nothing_is_inline(client, ada):
    client.force_login(ada)

    html = client.get("/").content.decode()

    assert not re.findall(r"\sstyle=|\son\w+=|<style|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_ids_are_unique(client, ada):
    client.force_login(ada)

    ids = re.findall(
        r'\sid="([^"]+)"', re.sub(r"<template.*?</template>", "", client.get("/").content.decode(), flags=re.DOTALL)
    )

    assert sorted(set(ids)) == sorted(ids)


def test_style_script_and_icons_are_small():
    files = [STATIC / "css/stopgap.css", STATIC / "js/stopgap.js", STATIC / "icons.svg"]

    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < 20_000


def test_what_a_role_cannot_use_is_not_shown(client, ada):
    client.force_login(ada)

    sections = client.get("/").context["navigation"]()

    assert [item.label for section in sections for item in section.items] == [
        "Home",
        "Register",
        "History",
        "Controls",
        "Identities",
        "Systems",
        "Effects",
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(theme, width, client, ada, live_server, page, axe_violations, complaints):
    client.force_login(ada)
    cookies = [("sessionid", client.cookies["sessionid"].value), ("theme", theme)]
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies])
    page.set_viewport_size({"width": width, "height": 900})

    page.goto(live_server.url)

    assert axe_violations(page) == []
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
