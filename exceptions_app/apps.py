"""The app's registration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExceptionsAppConfig(AppConfig):
    name = "exceptions_app"
    verbose_name = _("Exceptions")
