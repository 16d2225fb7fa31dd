"""Addresses of the register. They come before those of a case, whose reference could be any word."""

from __future__ import annotations

from django.urls import path

from portal.register import bulk, calendar, exports, saved, views

urlpatterns = [
    path("exceptions/", views.register, name="register"),
    path("exceptions/export.csv", exports.as_csv, name="register_csv"),
    path("exceptions/export.xlsx", exports.as_xlsx, name="register_xlsx"),
    path("exceptions/calendar/", calendar.calendar, name="register_calendar"),
    path("exceptions/bulk/", bulk.bulk, name="register_bulk"),
    path("exceptions/views/", saved.save, name="register_views"),
    path("exceptions/views/<int:pk>/removal/", saved.remove, name="register_view_removal"),
]
