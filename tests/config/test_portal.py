"""The launcher: one command starts everything, and whatever ends it leaves nothing behind."""

import socket
import sqlite3
from contextlib import closing

import psutil
import psycopg
import pytest

from tests.plugins.portal import Portal

pytestmark = pytest.mark.long
SECONDS_TO_END = 60
FIRST_PAGE = "/accounts/login/"
_PARTS = {"granian": "web", "worker": "worker", "beat": "beat"}


def test_it_serves_its_first_page_keeps_its_data_and_ends_cleanly_however_it_is_ended(tmp_path):
    with Portal(tmp_path) as portal:
        first = portal.status_of(FIRST_PAGE)
        family = portal.descendants()
        parts = _parts_of(family)
        _add_team(tmp_path, "Payments")
        second = _start_beside(portal)
        said = portal.log()
        code = portal.stop()
        left_after_term = _alive(family)
    with Portal(tmp_path) as again:
        status = again.status_of(FIRST_PAGE)
        teams = _teams(tmp_path)
        family_again = again.descendants()
        again.process.kill()
        _gone, left_after_kill = psutil.wait_procs(family_again, timeout=SECONDS_TO_END)

    assert (first, status) == (200, 200)
    assert "manage.py createsuperuser --programme-manager" in said
    assert {"web", "worker", "beat"} <= parts
    assert (code, left_after_term) == (0, [])
    assert teams == [("Payments",)]
    assert len(family_again) >= len(_PARTS)
    assert not left_after_kill
    assert second.process.returncode != 0
    assert "already runs in" in second.log()


@pytest.mark.postgresql
@pytest.mark.redis
def test_three_settings_move_it_to_postgresql_and_redis_and_a_part_that_dies_ends_the_whole(
    tmp_path, own_database_url, own_redis_url
):
    with Portal(tmp_path, database_url=own_database_url, redis_url=own_redis_url) as portal:
        status = portal.status_of(FIRST_PAGE)
        with psycopg.connect(own_database_url) as database:
            (tables,) = database.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'audit_%'").fetchone()
        family = portal.descendants()
        (victim,) = [process for process in family if _part(process) == "worker"]

        victim.kill()

        code = portal.process.wait(SECONDS_TO_END)
    assert status == 200
    assert tables > 0
    assert not list(tmp_path.glob("*.sqlite3"))
    assert code == 1
    assert "worker ended by itself" in portal.log()
    assert not _alive(family)


def test_a_port_that_is_taken_is_answered_with_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        portal = Portal(tmp_path, port=taken.getsockname()[1])
        portal.start()
        code = portal.process.wait(SECONDS_TO_END)

    assert code != 0
    assert f"Port {portal.port} cannot be used" in portal.log()
    assert "Traceback" not in portal.log()


def _start_beside(portal):
    """A second portal in the directory of a running one."""
    second = Portal(portal.var_dir)
    second.log_file = portal.var_dir / "second.log"
    second.start()
    second.process.wait(SECONDS_TO_END)
    return second


def _add_team(var_dir, name):
    with closing(sqlite3.connect(var_dir / "stopgap.sqlite3")) as database, database:
        database.execute("INSERT INTO accounts_team (name) VALUES (?)", [name])


def _teams(var_dir):
    with closing(sqlite3.connect(var_dir / "stopgap.sqlite3")) as database:
        return database.execute("SELECT name FROM accounts_team").fetchall()


def _alive(processes):
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def _parts_of(processes):
    return {_part(process) for process in processes}


def _part(process):
    try:
        words = process.cmdline()
    except psutil.Error:
        return ""
    return next((part for word, part in _PARTS.items() if word in words), "")
