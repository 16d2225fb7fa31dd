"""Keeps what cases are found by in step with the rows it follows from: their words, and the groups asked about them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from django.db.models import QuerySet

from exceptions_app.models import AskedGroup, ExceptionCase, Grant, Safeguard, Step, Wording
from exceptions_app.models.governed import Governed

Part = TypeVar("Part", Grant, Safeguard)
BATCH = 1000
LONGEST = 60
MOST = 5000
"""Letters of a word and words of a case that count: more than any ask has, less than an index entry may hold."""
SPOKEN: dict[type[Governed], frozenset[str]] = {
    ExceptionCase: frozenset(
        {
            "title",
            "blocked",
            "normal_path",
            "justification",
            "if_conditions_change",
            "exit_plan",
            "excess",
            "excess_reason",
            "change_ref",
            "incident_ref",
            "ticket_ref",
        }
    ),
    Grant: frozenset({"resource", "conditions"}),
    Safeguard: frozenset({"description"}),
}
"""Fields whose words a case is found by."""
NAMING = {ExceptionCase: frozenset({"control_id", "identity_id"}), Grant: frozenset({"system_id", "actions"})}
"""Columns that name something, whose own words count."""
_WORD = re.compile(r"[^\W_]+")


def words_of(*texts: str) -> list[str]:
    """The words of the texts, each once, in the order they come: runs of letters and digits, in small letters."""
    found = (word[:LONGEST] for text in texts for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()))
    return list(dict.fromkeys(found))


def changes_words(row: Governed) -> bool:
    """Whether what changed on the row changes what its case is found by."""
    return speaks(row) and row.differs(SPOKEN[type(row)] | NAMING.get(type(row), frozenset()))


def speaks(row: Governed) -> bool:
    """Whether the row adds to the words of its case."""
    return type(row) in SPOKEN


def follow_words(keys: Iterable[int]) -> None:
    """Write the words of these cases as they stand."""
    for some in _batched(sorted(set(keys))):
        cases = ExceptionCase.objects.filter(pk__in=some).select_related("control", "identity__vendor")
        grants = _by_case(Grant.objects.filter(case__in=some).select_related("system"))
        safeguards = _by_case(Safeguard.objects.filter(case__in=some))
        rows = [wording(case, grants[case.pk], safeguards[case.pk]) for case in cases]
        Wording.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["case"], update_fields=["words"], batch_size=BATCH
        )


def follow_groups(steps: Iterable[Step]) -> None:
    """Note that these steps' groups are asked about their cases."""
    pairs = {(step.route.case_id, step.group_id) for step in steps if step.group_id is not None}
    rows = [AskedGroup(case_id=case, group_id=group) for case, group in sorted(pairs)]
    AskedGroup.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)


def follow_all() -> int:
    """Make both anew for every case: after they were lost, or after the way words are told apart has changed."""
    keys = list(ExceptionCase.objects.order_by().values_list("pk", flat=True))
    follow_words(keys)
    for some in _batched(keys):
        follow_groups(Step.objects.filter(route__case__in=some).select_related("route"))
    return len(keys)


def wording(case: ExceptionCase, grants: Sequence[Grant], safeguards: Sequence[Safeguard]) -> Wording:
    """The words of a case, its grants and safeguards, and of the control, identity and systems they name."""
    texts = [str(getattr(row, name)) for row in (case, *grants, *safeguards) for name in sorted(SPOKEN[type(row)])]
    if case.control is not None:
        texts += [case.control.code, case.control.title]
    if case.identity is not None:
        texts += [case.identity.name, case.identity.slug, case.identity.vendor_shown]
    for grant in grants:
        texts += map(str, grant.actions)
        texts += [grant.system.name, grant.system.slug] if grant.system is not None else []
    return Wording(case=case, words=" ".join(words_of(*texts)[:MOST]))


def _by_case(rows: QuerySet[Part]) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _batched(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
