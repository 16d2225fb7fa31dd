"""Browsers, and ways of signing in, as a person says them."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.sessions import Way

BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""The first that a browser's name for itself contains: most say the names of their rivals too."""


def browser(agent: str) -> str:
    """`Firefox on Linux`, from what the browser calls itself; it may lie."""
    name = next((word for part, word in BROWSERS if part in agent), "")
    system = next((word for part, word in SYSTEMS if part in agent), "")
    if name and system:
        return _("%(browser)s on %(system)s") % {"browser": name, "system": system}
    return name or system or _("A browser we do not know")


def way(one: Way, issuer: str) -> str:
    """How somebody proved who they are."""
    told = {
        ("password", ""): _("with your password"),
        ("mfa", "totp"): _("with a code from your authenticator app"),
        ("mfa", "webauthn"): _("with a passkey"),
        ("mfa", "recovery_codes"): _("with a recovery code"),
        ("socialaccount", ""): _("at %(issuer)s") % {"issuer": issuer or _("another sign-in")},
    }
    return told.get((one.method, one.kind), _("in another way"))


def issuer() -> str:
    """What people call the other place to sign in at; "" where there is none."""
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    return str(apps[0]["name"]) if apps else ""
