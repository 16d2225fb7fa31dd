"""The portal's place in the house: top of the stack, no models."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
