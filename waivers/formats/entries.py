"""What all formats do alike: an entry, its reason and its end become a Waiver."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from django.utils.translation import gettext_lazy as _

from waivers.formats import ends
from waivers.formats.finding import Findings, Problem, ReasonFrom, Waiver
from waivers.formats.tree import BadEntry, Document, Node

LONGEST_KEY = 200
LONGEST_REASON, LONGEST_NAME, LONGEST_TITLE = 9_000, 1_000, 300
"""An alias or a comment above a long list would else multiply one long text by thousands."""
_NOTHING_EXCEPTED = _("This entry does not say what it excepts.")
_UNWRITABLE = _("This entry holds a character that cannot be stored: a NUL, or half of one.")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SAYS_NOTHING = re.compile(
    r"[\W_]*(none( given| provided)?|no reason( given)?|todo( .{0,20})?|tbd|fixme|n/?a|xxx+|reason|placeholder)?[\W_]*",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """One entry as a format finds it: `node` covers its lines, `key` is unique enough within the file."""

    node: Node
    key: str
    verb: str
    excepted: Sequence[str]
    places: Sequence[str] = ()
    title: str = ""
    end: Node | None = None
    milliseconds: bool = False
    reason: Node | None = None
    other_reason: Node | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    commented: Node | None = None  # whose lines the comments are looked for at, where not the entry's own


Reader = Callable[[Document], Iterable["Found | BadEntry"]]


def read_entries(findings: Findings, document: Document, reader: Reader) -> None:
    """Add what the reader finds to the findings; an entry that cannot be read is a problem of its own."""
    keys: set[str] = set()
    numbers: dict[str, Iterator[int]] = defaultdict(lambda: count(2))
    for found in reader(document):
        try:
            if isinstance(found, BadEntry):
                raise found
            waiver = _waiver(findings, document, found)
        except BadEntry as error:
            findings.problems.append(Problem(error.line, error.sentence, error.is_end))
            continue
        key = waiver.key
        while key in keys:  # entries alike in all that names them are told apart by their order
            key = f"{waiver.key}#{next(numbers[waiver.key])}"
        keys.add(key)
        findings.waivers.append(replace(waiver, key=key))


def each(nodes: Iterable[Node], entry: Callable[[Node], Found | None]) -> Iterator[Found | BadEntry]:
    """The entry of each node; one that cannot be read is handed on, so that the others still are."""
    for node in nodes:
        try:
            found = entry(node)
        except BadEntry as error:
            yield error
            continue
        if found is not None:
            yield found


def says_nothing(text: str) -> bool:
    """Whether a reason is a placeholder: "None given", "TODO"."""
    return bool(text.strip()) and bool(_SAYS_NOTHING.fullmatch(text.strip()))


def key_of(*parts: str) -> str:
    """A key of these parts, shortened where it is long so that it stays unlike others."""
    key = "/".join(part.strip() for part in parts if part.strip())
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[: LONGEST_KEY - 17]}~{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _waiver(findings: Findings, document: Document, found: Found) -> Waiver:
    _demand_text(found)
    excepted = _names(found.excepted)
    spans = found.commented or found.node
    comment = _cut(document.comments.beside(spans.line, spans.last_line), LONGEST_REASON)
    reason, reason_from = _reason(found, comment)
    if not excepted:
        raise BadEntry(str(_NOTHING_EXCEPTED), found.node.line)
    end = ends.read(found.end, milliseconds=found.milliseconds)
    written = found.reason.text if found.reason is not None else ""
    return Waiver(
        file=findings.file,
        line=found.node.line,
        format=findings.format,
        key=key_of(found.key) or key_of(*excepted),
        title=_cut(found.title.strip(), LONGEST_TITLE),
        verb=found.verb,
        excepted=excepted,
        places=tuple(dict.fromkeys(_names(found.places))),
        ends=end,
        end_as_written=_cut(found.end.as_written or found.end.text, LONGEST_NAME) if end and found.end else "",
        reason=_cut(reason, LONGEST_REASON),
        reason_from=reason_from,
        reason_as_written=_cut(written, LONGEST_REASON),
        comment=comment,
        facts=tuple((name, _cut(text, LONGEST_NAME)) for name, text in found.facts.items() if text),
    )


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(_cut(text, LONGEST_NAME) for one in texts if (text := one.strip()))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _demand_text(found: Found) -> None:
    """An escape can smuggle in what no database stores: a NUL, half a character."""
    reasons = [node.text for node in (found.reason, found.other_reason) if node is not None]
    for text in [found.key, found.title, *found.excepted, *found.places, *found.facts.values(), *reasons]:
        if _UNSTORABLE.search(text):
            raise BadEntry(str(_UNWRITABLE), found.node.line)


def _reason(found: Found, comment: str) -> tuple[str, ReasonFrom]:
    """The reason and where it stands: its field, another, else the comment beside the entry."""
    given = found.reason.text if found.reason is not None else ""
    if given and not says_nothing(given):
        return given, ReasonFrom.FIELD
    other = found.other_reason.text if found.other_reason is not None else ""
    if other and not says_nothing(other):
        return other, ReasonFrom.OTHER_FIELD
    if comment and not says_nothing(comment):
        return comment, ReasonFrom.COMMENT
    return "", ReasonFrom.PLACEHOLDER if given else ReasonFrom.NOWHERE
