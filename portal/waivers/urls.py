"""Addresses of imported drafts and of imports."""

from __future__ import annotations

from django.urls import path

from portal.waivers import claiming, columns, importing, listing

urlpatterns = [
    path("waivers/", listing.waivers, name="waivers"),
    path("waivers/claim/", claiming.claim, name="waivers_claim"),
    path("waivers/import/", importing.upload, name="waivers_import"),
    path("waivers/import/<int:pk>/", importing.preview, name="waivers_preview"),
    path("waivers/import/<int:pk>/columns/<int:file>/", columns.say_columns, name="waivers_columns"),
    path("waivers/runs/<int:pk>/", importing.run, name="waivers_run"),
    path("exceptions/<str:reference>/claim/", claiming.claim_one, name="case_claim"),
]
