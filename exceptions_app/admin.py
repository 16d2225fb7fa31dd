"""Cases and their parts in the administration pages: to read, never to change."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import URLField

from accounts.administration import ReadOnlyAdmin
from exceptions_app.models import Decision, Evidence, ExceptionCase, Grant, Period, Route, Safeguard, Step


@admin.register(ExceptionCase)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ("reference", "title", "state", "control", "identity", "owner", "expires_at")
    list_filter = ("state", "kind", "risk_tier")
    list_select_related = ("control", "identity", "owner")
    search_fields = ("reference", "title")


class PartAdmin(ReadOnlyAdmin):
    list_select_related: ClassVar[Any] = ("case",)
    search_fields = ("case__reference",)


@admin.register(Grant)
class GrantAdmin(PartAdmin):
    list_display = ("case", "system", "resource", "removal_state")
    list_filter = ("removal_state",)
    list_select_related = ("case", "system")


@admin.register(Safeguard)
class SafeguardAdmin(PartAdmin):
    list_display = ("case", "kind", "required", "verified_at")


@admin.register(Evidence)
class EvidenceAdmin(PartAdmin):
    list_display = ("case", "title", "purpose", "content_type", "added_at")
    formfield_overrides: ClassVar[Any] = {URLField: {"assume_scheme": "https"}}
    exclude = ("file",)  # the file is served by a view that checks who asks


@admin.register(Period)
class PeriodAdmin(PartAdmin):
    list_display = ("case", "from_at", "until_at")


@admin.register(Route)
class RouteAdmin(PartAdmin):
    list_display = ("case", "round", "pinned_at", "voided_at")


@admin.register(Step)
class StepAdmin(ReadOnlyAdmin):
    list_display = ("route", "order", "name", "group", "count")
    list_select_related = ("route", "group")


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("step", "person", "verdict", "decided_at", "voided_at")
    list_filter = ("verdict",)
    list_select_related = ("step", "person")
