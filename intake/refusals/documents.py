"""Refusals that are JSON: a line of an audit log, or a whole event."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from intake.refusals import sentences
from intake.refusals.refusal import Refusal, arn_names, kubernetes_names, present


def read(text: str) -> Refusal | None:
    """What the first JSON object in the text refuses, or None."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        document, _end = json.JSONDecoder().raw_decode(text[start:])
    except (ValueError, RecursionError):
        return None
    makers = (_cloudtrail, _kubernetes_event, _vault_event)
    return next(filter(None, (make(document) for make in makers)), None)


def _cloudtrail(event: Mapping[str, Any]) -> Refusal | None:
    error, name = _text(event, "errorCode"), _text(event, "eventName")
    if not name or not any(word in error for word in ("AccessDenied", "UnauthorizedOperation", "Forbidden")):
        return None
    service = _text(event, "eventSource").removesuffix(".amazonaws.com")
    sentence = sentences.read(_text(event, "errorMessage"))
    resources = [_text(one, "ARN") for one in _list(event, "resources")]
    base = sentence or Refusal("AWS", arn_names(_text(event, "userIdentity", "arn")), (f"{service}:{name}",))
    resource = base.resource or next(filter(None, resources), "")
    return replace(base, resource=_one_of(resource, event), systems=("aws", service))


def _one_of(resource: str, event: Mapping[str, Any]) -> str:
    """The one resource that was asked for: EC2 refuses `…:instance/*`, and names the instance as `instanceId`."""
    head, _slash, kind = resource.removesuffix("/*").rpartition(":")
    first, *others = kind.split("-")
    name = _text(event, "requestParameters", "".join([first, *(word.capitalize() for word in others), "Id"]))
    if not resource.endswith("/*") or not re.fullmatch(r"[\w-]+", name):
        return resource
    return f"{head}:{kind}/{name}"


def _kubernetes_event(event: Mapping[str, Any]) -> Refusal | None:
    refused = event.get("responseStatus")
    if not isinstance(refused, Mapping) or refused.get("code") not in {401, 403} or "verb" not in event:
        return None
    target = event.get("objectRef") if isinstance(event.get("objectRef"), Mapping) else {}
    parts = [_text(target or {}, name) for name in ("namespace", "resource", "name")]
    user = _text(event, "user", "username")
    return Refusal(
        "Kubernetes",
        kubernetes_names(user),
        (_text(event, "verb"),),
        "/".join(filter(None, parts)) or _text(event, "requestURI"),
        ("kubernetes", "cluster"),
    )


def _vault_event(event: Mapping[str, Any]) -> Refusal | None:
    request = event.get("request")
    if not isinstance(request, Mapping) or "permission denied" not in _text(event, "error") or "path" not in request:
        return None
    names = (_text(event, "auth", "display_name"), _text(event, "auth", "entity_id"))
    return Refusal("Vault", present(names), (_text(request, "operation"),), _text(request, "path"), ("vault",))


def _text(document: Mapping[str, Any], *path: str) -> str:
    value: Any = document
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def _list(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = document.get(name)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
