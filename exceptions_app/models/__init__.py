"""Cases and their parts; import from here."""

from catalog.models import SafeguardKind
from exceptions_app.models.cases import ExceptionCase, ReferenceCounter
from exceptions_app.models.choices import (
    ACTIVATED,
    DEADLINES,
    ENDED,
    LIVE,
    RELIED_ON,
    Assurance,
    EndReason,
    EvidencePurpose,
    Kind,
    RejectionReason,
    RemovalHow,
    RemovalState,
    Source,
    State,
    Verdict,
    VerifiedHow,
)
from exceptions_app.models.comments import Comment
from exceptions_app.models.decisions import Decision, Route, Step
from exceptions_app.models.finding import AskedGroup, Wording
from exceptions_app.models.offers import Answer, OwnershipOffer
from exceptions_app.models.parts import Editor, Evidence, Grant, Period, Safeguard, found_to_work
from exceptions_app.models.watches import Heartbeat, Watch

__all__ = [
    "ACTIVATED",
    "DEADLINES",
    "ENDED",
    "LIVE",
    "RELIED_ON",
    "Answer",
    "AskedGroup",
    "Assurance",
    "Comment",
    "Decision",
    "Editor",
    "EndReason",
    "Evidence",
    "EvidencePurpose",
    "ExceptionCase",
    "Grant",
    "Heartbeat",
    "Kind",
    "OwnershipOffer",
    "Period",
    "ReferenceCounter",
    "RejectionReason",
    "RemovalHow",
    "RemovalState",
    "Route",
    "Safeguard",
    "SafeguardKind",
    "Source",
    "State",
    "Step",
    "Verdict",
    "VerifiedHow",
    "Watch",
    "Wording",
    "found_to_work",
]
