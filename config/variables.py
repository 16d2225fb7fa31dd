"""The one table of everything that can be set from the environment; docs/settings.md is written from it.

`python -m config.variables > docs/settings.md` writes it anew.
"""

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """One environment variable. A default of None means: must be set."""

    name: str
    wants: str
    says: str
    local: str | int | bool | None
    live: str | int | bool | None
    secret: bool = False


LOCAL_SIGNING = "django-insecure-for-a-run-on-your-own-machine-and-nowhere-else"

_TABLE = (
    Variable(
        "LOCAL_RUN",
        "0 or 1",
        "A run on your own machine: embedded services, plain HTTP, known secrets. `make` sets it.",
        local=False,
        live=False,
    ),
    Variable(
        "SECRET_KEY",
        "at least 50 random characters",
        "Signs sessions, links in mails and checks of forms. Changing it signs everybody out.",
        local=LOCAL_SIGNING,
        live=None,
        secret=True,
    ),
    Variable(
        "DEBUG",
        "0 or 1",
        "Shows errors with their source in the browser. Refused outside the local run.",
        local=False,
        live=False,
    ),
    Variable(
        "BASE_URL",
        "the address people reach the portal at, such as https://stopgap.example.org",
        "Links in mails start with it. Must be https outside the local run. "
        "Unset in the local run: http://localhost and PORT.",
        local="",
        live=None,
    ),
    Variable(
        "ALLOWED_HOSTS",
        "host names separated by commas",
        "Names the portal answers to, besides that of BASE_URL.",
        local="localhost,127.0.0.1,[::1]",
        live="",
    ),
    Variable(
        "TRUSTED_PROXIES",
        "a whole number from 0 to 9",
        "How many proxies of yours stand in front and set X-Forwarded-For and X-Forwarded-Proto.",
        local=0,
        live=0,
    ),
    Variable(
        "HOST",
        "an IP address to listen on",
        "The address the web server binds.",
        local="127.0.0.1",
        live="127.0.0.1",
    ),
    Variable(
        "PORT",
        "a whole number from 1 to 65535",
        "The port the web server binds.",
        local=8000,
        live=8000,
    ),
    Variable(
        "DATABASE_URL",
        "a database address such as postgres://user:password@host:5432/stopgap",
        "PostgreSQL in production. Unset in the local run: SQLite in VAR_DIR.",
        local="",
        live=None,
        secret=True,
    ),
    Variable(
        "REDIS_URL",
        "a Redis address such as redis://host:6379/0",
        "Carries the queue of tasks and the cache. Unset in the local run: a queue in VAR_DIR, a cache in memory.",
        local="",
        live=None,
        secret=True,
    ),
    Variable(
        "EMAIL_URL",
        "a mail server such as submission://user:password@host:587 or smtp://host:25",
        "Where mail is handed over: submission:// encrypts, smtp:// does with ?tls=1 or ?ssl=1. "
        "Unset in the local run: mails are files in VAR_DIR/mail.",
        local="",
        live=None,
        secret=True,
    ),
    Variable(
        "MAIL_FROM",
        "a sender such as Stopgap <stopgap@example.org>",
        "The sender of every mail.",
        local="Stopgap <stopgap@localhost>",
        live=None,
    ),
    Variable(
        "OIDC_ISSUER",
        "the address of an OpenID Connect issuer such as https://login.example.org",
        "Lets people sign in there. It must describe itself under /.well-known/openid-configuration, and know "
        "BASE_URL/accounts/oidc/sso/login/callback/ as the address to come back to. "
        "Needs the three settings below. Unset: passwords and passkeys alone.",
        local="",
        live="",
    ),
    Variable(
        "OIDC_CLIENT_ID",
        "the name the issuer knows this portal by",
        "Goes with OIDC_ISSUER.",
        local="",
        live="",
    ),
    Variable(
        "OIDC_CLIENT_SECRET",
        "the secret the issuer gave this portal",
        "Goes with OIDC_ISSUER.",
        local="",
        live="",
        secret=True,
    ),
    Variable(
        "OIDC_NAME",
        "a name of at most 40 characters",
        "What people call the issuer; the button says *Sign in with* it.",
        local="",
        live="",
    ),
    Variable(
        "OIDC_SIGN_UP",
        "0 or 1",
        "Opens an account, without any role, for whoever signs in there with a verified address nobody here has. "
        "Otherwise only who has an account comes in.",
        local=False,
        live=False,
    ),
    Variable(
        "OUTGOING_ALLOWED",
        "host names and networks separated by commas, such as chat.example.org,*.corp.example.org,10.20.0.0/16",
        "Places of your own that groups' channels may post to: at any port, in plain HTTP too. A host is trusted "
        "wherever its name leads. Everything else must be public and https at port 443.",
        local="",
        live="",
    ),
    Variable(
        "TIME_ZONE",
        "an IANA time zone such as Europe/Stockholm",
        "The zone of people who have not chosen their own.",
        local="UTC",
        live="UTC",
    ),
    Variable(
        "VAR_DIR",
        "a directory the portal may write to",
        "Everything the portal writes outside the database. Relative to the top of the tree.",
        local="var",
        live="var",
    ),
    Variable(
        "EVIDENCE_DIR",
        "a directory the portal may write to",
        "Where evidence files are kept. Unset: VAR_DIR/evidence. Back it up with the database.",
        local="",
        live="",
    ),
    Variable(
        "SWEEP_SECONDS",
        "a whole number of seconds from 1 to 3600",
        "How often the clock looks for cases that are due.",
        local=60,
        live=60,
    ),
    Variable(
        "EFFECT_SECONDS",
        "a whole number of seconds from 1 to 3600",
        "How often mails and other effects that wait are looked for.",
        local=5,
        live=5,
    ),
    Variable(
        "DEMO",
        "0 or 1",
        "First-run data: a small invented company. Refused outside the local run.",
        local=True,
        live=False,
    ),
    Variable(
        "CLOCK_OFFSET_FILE",
        "the path of a file that holds a number of seconds",
        "Moves the portal's clock, for trying things out and for tests. Refused outside the local run.",
        local="",
        live="",
    ),
    Variable(
        "CHROMIUM",
        "the path of a Chromium or Chrome",
        "Tests only: the browser to drive instead of the one the tests obtain.",
        local="",
        live="",
    ),
    Variable(
        "TEST_DATABASE_URL",
        "a PostgreSQL address whose user is a superuser",
        "Tests only: a PostgreSQL to use instead of the one the tests start.",
        local="",
        live="",
        secret=True,
    ),
    Variable(
        "TEST_REDIS_URL",
        "a Redis address",
        "Tests only: a Redis to use instead of the one the tests start.",
        local="",
        live="",
        secret=True,
    ),
)

VARIABLES = {variable.name: variable for variable in _TABLE}

_HEAD = """# Settings

Everything that differs from one place to another is an environment variable of this table; there is no other way
to set it. A file `.env` at the top of the tree may hold them too; the environment goes before the file. An empty
variable counts as unset. A missing or wrong one is answered with one sentence, and nothing starts.

"Local" is the default of a run on your own machine (`make run`), "live" that of every other run.

| variable | must be | local | live | what it does |
|---|---|---|---|---|
"""


def page() -> str:
    """The text of docs/settings.md."""
    rows = (
        f"| `{each.name}` | {each.wants} | {_shown(each.local, each)} | {_shown(each.live, each)} | {each.says} |\n"
        for each in VARIABLES.values()
    )
    return _HEAD + "".join(rows)


def _shown(default: str | int | bool | None, variable: Variable) -> str:
    if default is None:
        return "**must be set**"
    if default == "":
        return "unset"
    if variable.secret:
        return "a known value"
    return f"`{int(default) if isinstance(default, bool) else default}`"


if __name__ == "__main__":
    sys.stdout.write(page())
