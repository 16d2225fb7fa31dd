"""Settings come from the environment, and what cannot be right is answered with one sentence."""

import os
import subprocess
import sys

import pytest

from config.env import BASE_DIR, Misconfigured, reader
from config.place import read_place
from config.variables import VARIABLES, page

LIVE = {
    "SECRET_KEY": "for-these-tests-alone-0123456789-abcdefghijklmnopqrstuvwxyz",
    "BASE_URL": "https://stopgap.example.org",
    "DATABASE_URL": "postgres://stopgap@db/stopgap",
    "REDIS_URL": "redis://redis:6379/0",
    "EMAIL_URL": "submission://user:word@mail:587",
    "MAIL_FROM": "Stopgap <stopgap@example.org>",
}


@pytest.fixture
def place(monkeypatch, tmp_path):
    def read(**variables):
        for name, value in {**dict.fromkeys(VARIABLES, ""), "VAR_DIR": str(tmp_path), **variables}.items():
            monkeypatch.setenv(name, value)
        return read_place(reader())

    return read


def test_a_local_run_needs_nothing(place, tmp_path):
    here = place(LOCAL_RUN="1")

    assert here.database["ENGINE"] == "django.db.backends.sqlite3"
    assert str(here.database["NAME"]) == f"{tmp_path}/stopgap.sqlite3"
    assert here.base_url == "http://localhost:8000"
    assert (here.redis_url, here.email) == ("", {})


def test_the_address_follows_the_port(place):
    assert place(LOCAL_RUN="1", PORT="8123").base_url == "http://localhost:8123"


def test_a_live_place_is_read_from_its_addresses(place):
    here = place(**LIVE)

    assert here.database["ENGINE"] == "django.db.backends.postgresql"
    assert here.email["EMAIL_HOST"] == "mail"
    assert here.email["EMAIL_USE_TLS"]
    assert here.allowed_hosts == ["stopgap.example.org"]
    assert not here.demo


@pytest.mark.parametrize("name", LIVE)
def test_what_a_live_place_needs_is_asked_for_by_name(place, name):
    with pytest.raises(Misconfigured, match=f"^{name} is missing: set it to .+"):
        place(**{**LIVE, name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "1"),
        ("SECRET_KEY", VARIABLES["SECRET_KEY"].local),
        ("SECRET_KEY", "too-short"),
        ("SECRET_KEY", "a" * 60),
        ("CLOCK_OFFSET_FILE", "offset"),
        ("BASE_URL", "http://stopgap.example.org"),
        ("DEMO", "1"),
    ],
)
def test_what_only_a_local_run_may_is_refused_elsewhere(place, name, value):
    with pytest.raises(Misconfigured, match=f"^{name} "):
        place(**{**LIVE, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("LOCAL_RUN", "perhaps"),
        ("DATABASE_URL", "mysql://db/stopgap"),
        ("DATABASE_URL", "stopgap"),
        ("REDIS_URL", "http://redis"),
        ("EMAIL_URL", "mail.example.org"),
        ("EMAIL_URL", "pigeon://mail"),
        ("TIME_ZONE", "Europe/Atlantis"),
        ("BASE_URL", "stopgap.example.org"),
        ("SWEEP_SECONDS", "0"),
        ("TRUSTED_PROXIES", "-1"),
    ],
)
def test_a_wrong_value_is_answered_with_what_it_must_be(place, name, value):
    with pytest.raises(Misconfigured, match=f"^{name} must be ") as refusal:
        place(**{"LOCAL_RUN": "1", name: value})

    assert VARIABLES[name].wants in str(refusal.value)


def test_a_secret_is_not_repeated_in_the_answer(place):
    with pytest.raises(Misconfigured) as refusal:
        place(LOCAL_RUN="1", DATABASE_URL="mysql://user:hunter2@db/stopgap")

    assert "hunter2" not in str(refusal.value)


def test_a_directory_that_cannot_be_made_is_named(place, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(Misconfigured, match=r"^VAR_DIR .+ cannot be made"):
        place(LOCAL_RUN="1", VAR_DIR=str(tmp_path / "file" / "var"))


def test_a_command_says_it_in_one_line_and_ends():
    environment = {**os.environ, **dict.fromkeys(VARIABLES, ""), "LOCAL_RUN": "1", "PORT": "eighty"}

    ran = subprocess.run(
        [sys.executable, "manage.py", "check"],
        check=False,
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 1
    assert ran.stderr == "stopgap: PORT must be a whole number from 1 to 65535, not 'eighty'.\n"


def test_the_page_of_settings_is_the_table():
    assert (BASE_DIR / "docs" / "settings.md").read_text() == page(), (
        "write it anew: python -m config.variables > docs/settings.md"
    )
