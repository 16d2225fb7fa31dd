"""Secrets that posts are signed with, ours to others and theirs to us (Standard Webhooks)."""

from __future__ import annotations

import base64
import secrets

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret of Standard Webhooks begins with


def new_secret() -> str:
    """A signing secret nobody has."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
