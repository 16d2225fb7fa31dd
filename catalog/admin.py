"""Controls, identities and systems in the administration pages: to read, never to change."""

from django.contrib import admin

from accounts.administration import ReadOnlyAdmin
from catalog.models import Control, Identity, System


@admin.register(Control)
class ControlAdmin(ReadOnlyAdmin):
    list_display = ("code", "title", "severity", "approver_group", "exceptions_allowed", "is_active")
    list_filter = ("severity", "exceptions_allowed", "is_active")
    list_select_related = ("approver_group",)
    search_fields = ("code", "title")


@admin.register(System)
class SystemAdmin(ReadOnlyAdmin):
    list_display = ("name", "environment", "criticality", "owner", "is_active")
    list_filter = ("environment", "criticality", "is_active")
    list_select_related = ("owner",)
    search_fields = ("name", "slug")


@admin.register(Identity)
class IdentityAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "owner", "environment", "credential_form", "is_active")
    list_filter = ("kind", "environment", "credential_form", "is_active")
    list_select_related = ("owner",)
    search_fields = ("name", "slug", "vendor__name")
