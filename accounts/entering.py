"""The form to sign in with a password."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm


class EntranceForm(LoginForm):
    """Ready to be typed into: there is nothing else to do on its page."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].widget.attrs["autofocus"] = True
