"""Addresses of the form and of what surrounds a draft."""

from __future__ import annotations

from django.urls import path

from portal.exception_form import acts, evidence, pages

urlpatterns = [
    path("exceptions/new/", pages.new, name="exception_new"),
    path("exceptions/new/hints/", pages.new_hints, name="exception_new_hints"),
    path("exceptions/<str:reference>/draft/", pages.draft, name="draft"),
    path("exceptions/<str:reference>/hints/", pages.draft_hints, name="draft_hints"),
    path("exceptions/<str:reference>/amendment/", pages.amendment, name="amendment"),
    path("exceptions/<str:reference>/duplicate/", acts.duplicate, name="case_duplicate"),
    path("exceptions/<str:reference>/withdrawal/", acts.withdrawal, name="case_withdrawal"),
    path("exceptions/<str:reference>/sharing/", acts.sharing, name="case_sharing"),
    path("exceptions/<str:reference>/backup-acceptance/", acts.backup_acceptance, name="case_backup_acceptance"),
    path("exceptions/<str:reference>/evidence/<int:key>/", evidence.download, name="evidence"),
]
