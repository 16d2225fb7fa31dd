"""People, teams and groups in the administration pages: to read, never to change."""

from django.contrib import admin

from accounts.administration import ReadOnlyAdmin
from accounts.models import ApproverGroup, GroupMembership, Team, User


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "name", "team", "is_active", "is_auditor", "is_programme_manager")
    list_filter = ("is_active", "is_auditor", "is_programme_manager", "is_staff")
    list_select_related = ("team",)
    search_fields = ("email", "name")
    exclude = ("password", "groups", "user_permissions")


@admin.register(Team)
class TeamAdmin(ReadOnlyAdmin):
    list_display = ("name", "lead")
    list_select_related = ("lead",)
    search_fields = ("name",)


@admin.register(ApproverGroup)
class ApproverGroupAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "is_fallback")
    search_fields = ("name", "slug")


@admin.register(GroupMembership)
class GroupMembershipAdmin(ReadOnlyAdmin):
    list_display = ("group", "member", "added_at", "added_by")
    list_filter = ("group",)
    list_select_related = ("group", "member", "added_by")
    search_fields = ("group__name", "member__email", "member__name")
