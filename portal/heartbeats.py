"""Where a safeguard's own system says that it works: a signed post, by Standard Webhooks, heard once.

Whoever cannot sign learns nothing: an address nobody has is answered like a wrong signature.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from standardwebhooks import Webhook, WebhookVerificationError

from audit import clock
from exceptions_app import services
from exceptions_app.laws import LAWS
from exceptions_app.models import Watch

MOST = 4096
"""Bytes of one heartbeat."""
LONGEST_ID = 200
LONGEST_NOTE = 300
STATUSES = ("working", "failing")


class Unreadable(ValueError):
    """What was posted says nothing that can be understood; the message is a sentence."""


@csrf_exempt
@require_POST
def heartbeat(request: HttpRequest, address: UUID) -> HttpResponse:
    """204 where it was heard, 401 for whoever cannot sign, 400 for what cannot be read or was heard before."""
    body = _read(request)
    at = clock.now()
    if body is None:
        return _refused(400, _("A heartbeat has at most %(n)d bytes.") % {"n": MOST})
    heard = Watch.objects.filter(safeguard__case__state__in=LAWS["watch"].states).exclude(secret="")
    watch = heard.select_related("safeguard").filter(address=address).first()
    if watch is None or not _is_signed(watch, body, request):
        return _refused(401, _("The signature is missing, wrong or too old."))
    try:
        problem = _problem(body)
    except Unreadable as error:
        return _refused(400, str(error))
    return _heard(watch, request.headers["webhook-id"], at, problem)


def _heard(watch: Watch, message_id: str, at: datetime, problem: str) -> HttpResponse:
    if len(message_id) > LONGEST_ID:
        return _refused(400, _("The webhook-id is too long."))
    if not services.hear(watch=watch, message_id=message_id, at=at, problem=problem):
        return _refused(400, _("This heartbeat was heard already, or its check has ended."))
    return HttpResponse(status=204)


def _read(request: HttpRequest) -> bytes | None:
    """The body; None where there is more of it than is read."""
    body = request.read(MOST + 1)
    return body if len(body) <= MOST else None


def _is_signed(watch: Watch, body: bytes, request: HttpRequest) -> bool:
    """Whether the sender knew the secret, and wrote the headers as Standard Webhooks does.

    The library also takes a signature or a time that is spelled otherwise and decodes to the same.
    """
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    headers = {name: request.headers.get(name, "") for name in names}
    webhook = Webhook(watch.secret)
    try:
        text = body.decode()
        webhook.verify(text, headers, json_parse=False)
        signed_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=UTC)
    except (WebhookVerificationError, ValueError, OverflowError):
        return False
    signature = webhook.sign(headers["webhook-id"], signed_at, text)
    is_plain = headers["webhook-timestamp"] == str(int(signed_at.timestamp()))
    return is_plain and signature in headers["webhook-signature"].split(" ")


def _problem(body: bytes) -> str:
    """What it says is wrong; "" where it says that all is well. Raises Unreadable."""
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable(_("A heartbeat is JSON.")) from None
    if not isinstance(said, dict) or said.get("status") not in STATUSES:
        raise Unreadable(_('A heartbeat says {"status": "working"} or {"status": "failing"}.'))
    if said["status"] == "working":
        return ""
    note = said.get("note", "")
    if not isinstance(note, str):
        raise Unreadable(_("The note of a heartbeat is text."))
    text = note.replace("\x00", "").encode("utf-8", "ignore").decode()  # half of a pair is no character
    return text.strip()[:LONGEST_NOTE] or _("Its own system says that it fails.")


def _refused(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")


urlpatterns = [path("heartbeats/<uuid:address>/", heartbeat, name="heartbeat")]
