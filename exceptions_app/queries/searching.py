"""What a person types into the search, as a condition on cases that an index answers."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from django.db import connection
from django.db.models import F, Q

from catalog.codes import key_of
from catalog.models import Control, FrameworkItem
from exceptions_app.following import words_of
from exceptions_app.models import Wording
from exceptions_app.models.finding import Holds
from exceptions_app.queries.keys import among
from exceptions_app.queries.sight import MANY, each_with

FREQUENT = 0.006
"""From this share of all cases on, words are looked for case by case: a page of them is soon full.

Above the 0.005 that PostgreSQL supposes of a word it never counted (DEFAULT_TS_MATCH_SEL in its ts_selfuncs.c): such a
word is rare, and looking for it case by case would walk the whole register.
"""
_REFERENCE = re.compile(r"EXC-[\d-]*\Z")


def searched(text: str) -> Q:
    """Cases with every one of the words, that reference, or a control that answers to a framework item of that code."""
    text = text.strip()
    if not text:
        return Q()
    if _REFERENCE.match(text.upper()):
        return Q(reference__startswith=text.upper())
    words = words_of(text)
    found = _worded(words) if words else Q(pk__in=())
    answering = _answering(text)
    return found | Q(control__in=answering) if answering else found


def _worded(words: Sequence[str]) -> Q:
    """Cases with these words: frequent ones are met on the way, few are named by their keys, the others joined.

    Left to itself PostgreSQL sorts a third of the register for one page, or walks all of it to meet a handful.
    """
    rows = Wording.objects.filter(Holds(F("words"), words))
    if connection.vendor == "postgresql":
        if _share(words) >= FREQUENT:
            return each_with(rows)
        keys = list(rows.values_list("case", flat=True)[: MANY + 1])
        if len(keys) <= MANY:
            return among(keys)
    return Q(pk__in=rows.values("case"))


def _share(words: Sequence[str]) -> float:
    """Which part of the cases has the words as whole words, by the planner's statistics."""
    some = Wording.objects.filter(Holds(F("words"), words, begun=False))
    plans = json.loads(Wording.objects.values("case").union(some.values("case"), all=True).explain(format="json"))
    every, wanted = (plan["Plan Rows"] for plan in plans[0]["Plan"]["Plans"])
    return float(wanted / max(1, every))


def _answering(text: str) -> list[int]:
    """Keys of the controls that answer to the framework item that goes by this text, where it is a code at all."""
    if not any(map(str.isdigit, text)) or not key_of(text):
        return []
    called = FrameworkItem.objects.called(text).values("pk").order_by()
    return list(Control.objects.filter(mappings__item__in=called).order_by().distinct().values_list("pk", flat=True))
