"""What differs from one place Stopgap runs at to another, read and checked once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import dj_email_url

from config.databases import database
from config.env import Misconfigured, Reader
from config.variables import LOCAL_SIGNING
from outgoing.places import Allowed

SECRET_KEY_LEAST = 50  # characters, as Django's own deployment check asks


OIDC = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME")
OIDC_NAME_MOST = 40


@dataclass(frozen=True)
class Issuer:
    """Where people may sign in besides here."""

    url: str
    client_id: str
    secret: str
    name: str


@dataclass(frozen=True)
class Place:
    """Every value of the table, in the type the settings need."""

    local_run: bool
    secret_key: str
    debug: bool
    base_url: str
    allowed_hosts: list[str]
    trusted_proxies: int
    host: str
    port: int
    database: dict[str, Any]
    redis_url: str
    email: dict[str, Any]
    mail_from: str
    issuer: Issuer | None
    oidc_sign_up: bool
    outgoing_allowed: list[str]
    time_zone: str
    var_dir: Path
    evidence_dir: Path
    sweep_seconds: int
    effect_seconds: int
    demo: bool
    clock_offset_file: Path | None


def read_place(read: Reader) -> Place:
    """The place described by the environment. Raises Misconfigured."""
    var_dir = read.path("VAR_DIR")
    port = read.number("PORT", least=1, most=65535)
    base_url = read.parsed("BASE_URL", _address) or f"http://localhost:{port}"
    place = Place(
        local_run=read.local_run,
        secret_key=read.text("SECRET_KEY"),
        debug=read.flag("DEBUG"),
        base_url=base_url,
        allowed_hosts=[str(urlsplit(base_url).hostname), *read.names("ALLOWED_HOSTS")],
        trusted_proxies=read.number("TRUSTED_PROXIES", least=0, most=9),
        host=read.text("HOST"),
        port=port,
        database=read.parsed("DATABASE_URL", lambda url: database(url or f"sqlite:///{var_dir}/stopgap.sqlite3")),
        redis_url=read.parsed("REDIS_URL", _redis),
        email=read.parsed("EMAIL_URL", _mail_server),
        mail_from=read.text("MAIL_FROM"),
        issuer=_issuer(read),
        oidc_sign_up=read.flag("OIDC_SIGN_UP"),
        outgoing_allowed=read.parsed("OUTGOING_ALLOWED", _places),
        time_zone=read.parsed("TIME_ZONE", lambda name: ZoneInfo(name).key),
        var_dir=var_dir,
        evidence_dir=read.path("EVIDENCE_DIR") if read.text("EVIDENCE_DIR") else var_dir / "evidence",
        sweep_seconds=read.number("SWEEP_SECONDS", least=1, most=3600),
        effect_seconds=read.number("EFFECT_SECONDS", least=1, most=3600),
        demo=read.flag("DEMO"),
        clock_offset_file=read.path("CLOCK_OFFSET_FILE") if read.text("CLOCK_OFFSET_FILE") else None,
    )
    if not place.local_run:
        _refuse_what_only_a_local_run_may(place)
    _make(var_dir)
    return place


def _make(var_dir: Path) -> None:
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"VAR_DIR {var_dir} cannot be made ({error.strerror}): name a directory that can."
        ) from error


def _refuse_what_only_a_local_run_may(place: Place) -> None:
    refusals = {
        "DEBUG shows source and settings to visitors: unset it, or set LOCAL_RUN=1 for a run on your own machine.": (
            place.debug
        ),
        "SECRET_KEY can be guessed: set it to at least 50 random characters.": (_can_be_guessed(place.secret_key)),
        "CLOCK_OFFSET_FILE would let a file move the clock that ends exceptions: unset it.": (
            place.clock_offset_file is not None
        ),
        "BASE_URL must begin with https:// so that sign-ins are not sent in the clear.": (
            not place.base_url.startswith("https://")
        ),
        "OIDC_ISSUER must begin with https:// so that sign-ins are not sent in the clear.": (
            place.issuer is not None and not place.issuer.url.startswith("https://")
        ),
        "DEMO would mix invented cases with real ones: unset it.": place.demo,
    }
    for sentence, is_so in refusals.items():
        if is_so:
            raise Misconfigured(sentence)


def _can_be_guessed(key: str) -> bool:
    return (
        key == LOCAL_SIGNING or key.startswith("django-insecure-") or len(key) < SECRET_KEY_LEAST or len(set(key)) < 5
    )


def _issuer(read: Reader) -> Issuer | None:
    """All four settings or none. Raises Misconfigured."""
    missing = [name for name in OIDC if not read.is_set(name)]
    if len(missing) == len(OIDC):
        return None
    if missing:
        raise Misconfigured(f"{missing[0]} is missing: set all of {', '.join(OIDC)}, or none of them.")
    name = read.parsed("OIDC_NAME", _short)
    url = read.parsed("OIDC_ISSUER", _address)
    return Issuer(url, read.text("OIDC_CLIENT_ID"), read.text("OIDC_CLIENT_SECRET"), name)


def _short(text: str) -> str:
    if len(text) > OIDC_NAME_MOST:
        raise ValueError(text)
    return text


def _address(text: str) -> str:
    if text and not (urlsplit(text).scheme in {"http", "https"} and urlsplit(text).hostname):
        raise ValueError(text)
    return text.rstrip("/")


def _places(text: str) -> list[str]:
    """Hosts and networks, each of which can be read. Raises ValueError."""
    entries = [part.strip() for part in text.split(",") if part.strip()]
    Allowed.of(entries)
    return entries


def _redis(text: str) -> str:
    if text and urlsplit(text).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError(text)
    return text


def _mail_server(text: str) -> dict[str, Any]:
    """Django's EMAIL_ settings, or nothing for mails in files."""
    if not text:
        return {}
    if urlsplit(text).scheme not in {"smtp", "submission"} or not urlsplit(text).hostname:
        raise ValueError(text)
    return dict(dj_email_url.parse(text))
