"""A second opinion on what was in force, and in which state a case is: from the ledger's events alone."""

import json
from datetime import datetime

from audit.models import Event

STATES = {
    "case.drafted": "draft",
    "case.submitted": "requested",
    "case.returned": "draft",
    "case.withdrawn": "withdrawn",
    "case.approved": "approved",
    "case.reopened": "requested",
    "case.rejected": "rejected",
    "case.lapsed": "closed",
    "case.activated": "active",
    "case.warned": "expiring",
    "case.suspended": "suspended",
    "case.resumed": "active",
    "case.expired": "closed",
    "case.completed": "closed",
    "case.superseded": "closed",
    "case.revoked": "revoked",
}
BEGINS = {"case.activated", "case.resumed"}
SHORTENS = {"case.shortened", "case.reviewed"}
CUTS = {"case.suspended", "case.expired", "case.completed", "case.superseded", "case.revoked"}


class Replay:
    """One stream told again from its beginning."""

    def __init__(self, stream):
        self.state, self.spans, self.relied = None, [], []
        for event in Event.objects.filter(stream__name=stream).select_related("payload").order_by("sequence"):
            self._tell(event.kind, event.at, json.loads(event.payload.body))

    def in_force(self, at):
        relied = [until for told_at, until in self.relied if told_at <= at]
        return any(start <= at < end for start, end in self.spans) and at < relied[-1]

    def _tell(self, kind, at, body):
        self.state = STATES.get(kind, self.state)
        if kind in BEGINS:
            self.spans.append((datetime.fromisoformat(body["from_at"]), datetime.fromisoformat(body["until_at"])))
        if body.get("relied_until_at"):
            self.relied.append((at, datetime.fromisoformat(body["relied_until_at"])))
        if kind in SHORTENS and "expires_at" in body:
            end = datetime.fromisoformat(body["expires_at"])
            self.spans = [(start, max(start, min(until, end))) for start, until in self.spans]
        if kind in CUTS:
            at = datetime.fromisoformat(body["since"]) if "since" in body else at
            self.spans = [(start, max(start, min(end, at))) for start, end in self.spans]
