"""Cases and their parts; import from here."""

from catalog.models import SafeguardKind
from exceptions_app.models.cases import SINCE, ExceptionCase, ReferenceCounter
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
    Outcome,
    RejectionReason,
    RemovalHow,
    RemovalState,
    Response,
    Source,
    State,
    Trigger,
    Verdict,
    VerifiedHow,
)
from exceptions_app.models.comments import Comment
from exceptions_app.models.decisions import Decision, Route, Step
from exceptions_app.models.finding import AskedGroup, Wording
from exceptions_app.models.offers import Answer, OwnershipOffer
from exceptions_app.models.parts import Editor, Evidence, Grant, Period, Safeguard, found_to_work
from exceptions_app.models.reviews import Review
from exceptions_app.models.uses import Use
from exceptions_app.models.watches import Heartbeat, Watch

__all__ = [
    "ACTIVATED",
    "DEADLINES",
    "ENDED",
    "LIVE",
    "RELIED_ON",
    "SINCE",
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
    "Outcome",
    "OwnershipOffer",
    "Period",
    "ReferenceCounter",
    "RejectionReason",
    "RemovalHow",
    "RemovalState",
    "Response",
    "Review",
    "Route",
    "Safeguard",
    "SafeguardKind",
    "Source",
    "State",
    "Step",
    "Trigger",
    "Use",
    "Verdict",
    "VerifiedHow",
    "Watch",
    "Wording",
    "found_to_work",
]
