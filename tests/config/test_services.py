"""The tests stand on real servers: each fixture is used once as others will use it."""

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.redis import RedisCache
from django.core.mail import send_mail
from django.db import connection

from tests.plugins import proof


@pytest.mark.postgresql
@pytest.mark.django_db
def test_database_is_postgresql_and_the_role_may_set_triggers_aside():
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")

        assert cursor.fetchone() == (True,)


@pytest.mark.redis
def test_cache_is_redis():
    cache.set("said", "kept")

    assert cache.get("said") == "kept"
    assert isinstance(caches["default"], RedisCache)


def test_mail_is_handed_to_a_real_server(smtp_sink):
    send_mail("Your exception ends in 3 days", "Renew it or let it end.", None, ["alice@example.org"])

    (message,) = smtp_sink.to("alice@example.org")
    assert message["Subject"] == "Your exception ends in 3 days"


def test_chromium_shows_a_page_and_axe_judges_it(page, axe_violations):
    page.set_content("<html><body><img src='data:,'></body></html>")

    assert any(found.startswith("image-alt") for found in axe_violations(page))


def test_a_later_figure_replaces_the_earlier_and_leaves_the_others(tmp_path):
    page = tmp_path / "proof.md"

    for name, value in [("races", "0 of 200"), ("sequences", 2000), ("races", "1 of 200")]:
        proof.record(name, value, page)

    assert "| races | 1 of 200 |" in page.read_text()
    assert "| sequences | 2000 |" in page.read_text()
    assert "0 of 200" not in page.read_text()
