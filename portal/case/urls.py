"""Addresses of a case and of the acts on it."""

from __future__ import annotations

from django.urls import path

from portal.case import (
    decisions,
    endings,
    ownership,
    page,
    proofs,
    renewing,
    reviewing,
    talking,
    using,
    waiting,
    watching,
)

urlpatterns = [
    path("exceptions/<str:reference>/", page.show, name="case"),
    path("exceptions/<str:reference>/approval/", decisions.approval, name="case_approval"),
    path("exceptions/<str:reference>/rejection/", decisions.rejection, name="case_rejection"),
    path("exceptions/<str:reference>/changes/", decisions.return_for_changes, name="case_changes"),
    path("exceptions/<str:reference>/recusal/", waiting.recusal, name="case_recusal"),
    path("exceptions/<str:reference>/taking/", waiting.taking, name="case_taking"),
    path("exceptions/<str:reference>/release/", waiting.release, name="case_release"),
    path("exceptions/<str:reference>/reminder/", waiting.reminding, name="case_nudge"),
    path("exceptions/<str:reference>/risk/", waiting.risk, name="case_risk"),
    path("exceptions/<str:reference>/comments/", talking.comments, name="case_comments"),
    path("exceptions/<str:reference>/completion/", endings.completion, name="case_completion"),
    path("exceptions/<str:reference>/revocation/", endings.revocation, name="case_revocation"),
    path("exceptions/<str:reference>/suspension/", endings.suspension, name="case_suspension"),
    path("exceptions/<str:reference>/resumption/", endings.resumption, name="case_resumption"),
    path("exceptions/<str:reference>/review/", reviewing.review, name="case_review"),
    path("exceptions/<str:reference>/shortening/", reviewing.shortening, name="case_shortening"),
    path("exceptions/<str:reference>/renewal/", renewing.renewal, name="case_renewal"),
    path("exceptions/<str:reference>/letting-end/", renewing.letting_end, name="case_let_end"),
    path("exceptions/<str:reference>/use/", using.use, name="case_use"),
    path("exceptions/<str:reference>/change/", reviewing.change, name="case_change"),
    path("exceptions/<str:reference>/ownership/", ownership.offer, name="case_ownership_offer"),
    path("exceptions/<str:reference>/ownership-acceptance/", ownership.acceptance, name="case_ownership_acceptance"),
    path("exceptions/<str:reference>/grants/<int:key>/removal/", proofs.removal, name="removal"),
    path(
        "exceptions/<str:reference>/safeguards/<int:key>/verification/",
        proofs.verification,
        name="safeguard_verification",
    ),
    path("exceptions/<str:reference>/safeguards/<int:key>/failure/", proofs.failure, name="safeguard_failure"),
    path("exceptions/<str:reference>/safeguards/<int:key>/check/", watching.watch, name="safeguard_watch"),
]
