"""Reads OSCAL catalogs, JSON and XML, as NIST publishes them (OSCAL 1.x, catalog model). Nothing is written here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from catalog.codes import LONGEST_CODE, LONGEST_KEY, key_of
from catalog.shipped import Entry

NAMESPACE = "{http://csrc.nist.gov/ns/oscal/1.0}"
DEEPEST = 20
INSERT = re.compile(r"\{\{\s*insert:\s*param,\s*([^\s}]+)\s*\}\}")
LINK = re.compile(r"\[([^\]]*)\]\(#[^)]*\)")
TIGHT = re.compile(r"\s+([,;.\]])")
_BROKEN = re.compile(r"[\0\ud800-\udfff]")
Node = Mapping[str, Any]


class Unreadable(Exception):
    """The file is no OSCAL catalog; the message says where it stops being one."""


@dataclass(frozen=True)
class Catalog:
    title: str
    edition: str
    entries: tuple[Entry, ...]


def read(content: bytes) -> Catalog:
    """The catalog in a file's bytes. Raises Unreadable."""
    root = _from_xml(content) if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" else _from_json(content)
    metadata = root.get("metadata")
    if not isinstance(metadata, Mapping) or not _line(str(metadata.get("title") or "")):
        raise Unreadable(_("The catalog has no metadata with a title."))
    try:
        entries = tuple(_groups(root, parent="", depth=0))
    except (TypeError, AttributeError, KeyError) as error:
        raise Unreadable(_("A group or control of the catalog is not built as OSCAL says.")) from error
    if not entries:
        raise Unreadable(_("The catalog holds no groups and no controls."))
    found = Catalog(_line(str(metadata["title"])), _line(str(metadata.get("version", ""))), entries)
    _demand_kept(found.title, found.edition)
    for entry in entries:
        _demand_entry(entry)
    return found


def _demand_entry(entry: Entry) -> None:
    _demand_kept(entry.code, entry.title, entry.level, entry.text)
    key = key_of(entry.code)
    if not key:
        raise Unreadable(
            _("The identifier “%(code)s” has no Latin letter or digit.") % {"code": entry.code[:LONGEST_CODE]}
        )
    if len(entry.code) > LONGEST_CODE or len(key) > LONGEST_KEY:
        message = _(
            "An identifier has 1 to %(most)d letters, and fewer where letters and numbers take turns: %(code)s…"
        )
        raise Unreadable(message % {"most": LONGEST_CODE, "code": entry.code[:LONGEST_CODE]})


def _demand_kept(*texts: str) -> None:
    """Raises Unreadable for what is no text: halves of characters, and NUL."""
    for text in texts:
        if _BROKEN.search(text):
            shown = _BROKEN.sub("\N{REPLACEMENT CHARACTER}", text)[:LONGEST_CODE]
            raise Unreadable(_("“%(text)s” holds a character that cannot be kept.") % {"text": shown})


def _from_json(content: bytes) -> Node:
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Unreadable(_("The file is neither UTF-8 nor XML.")) from error
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "what": error.msg}
        raise Unreadable(_("Line %(line)s is not JSON: %(what)s.") % place) from error
    except RecursionError as error:
        raise Unreadable(_("The file is nested too deeply.")) from error
    except ValueError as error:
        raise Unreadable(_("The file holds a number without end.")) from error
    catalog = document.get("catalog") if isinstance(document, dict) else None
    if not isinstance(catalog, dict):
        raise Unreadable(_("The file is JSON but holds no OSCAL catalog."))
    return catalog


def _from_xml(content: bytes) -> Node:
    try:
        root = fromstring(content, forbid_dtd=True)
    except ParseError as error:
        line, _column = error.position
        raise Unreadable(_("Line %(line)s is not XML.") % {"line": line}) from error
    except LookupError as error:
        raise Unreadable(_("The file's encoding is not known.")) from error
    except (DefusedXmlException, ValueError) as error:
        raise Unreadable(_("The file declares a document type or entities, which are not read.")) from error
    if root.tag != f"{NAMESPACE}catalog":
        raise Unreadable(_("The file is XML but no OSCAL catalog."))
    return _container(root, depth=0)


def _container(element: Element, depth: int) -> Node:
    """A catalog, group, control or part of the XML form, shaped like the JSON form."""
    if depth > DEEPEST:
        raise Unreadable(_("The file is nested too deeply."))
    found = dict[str, Any](element.attrib)
    for child in element:
        name = child.tag.removeprefix(NAMESPACE)
        if name in {"group", "control", "part", "param"}:
            found.setdefault(f"{name}s", []).append(_container(child, depth + 1))
        elif name == "metadata":
            found[name] = _container(child, depth + 1)
        elif name == "prop":
            found.setdefault("props", []).append(dict(child.attrib))
        elif name in {"title", "version", "label"}:
            found[name] = _words(child)
        elif name == "select":
            found[name] = {"choice": [_words(choice) for choice in child]}
        elif name in {"p", "ul", "ol"}:
            found["prose"] = "\n".join(filter(None, (found.get("prose"), *_paragraphs(child))))
    return found


def _paragraphs(element: Element) -> Iterator[str]:
    if element.tag == f"{NAMESPACE}p":
        yield _words(element)
        return
    for item in element:
        yield f"- {_words(item)}"


def _words(element: Element) -> str:
    """Its text, parameters written as the JSON form writes them."""
    told = [element.text or ""]
    for child in element:
        is_param = child.tag == f"{NAMESPACE}insert"
        told.append(f"{{{{ insert: param, {child.get('id-ref', '')} }}}}" if is_param else _words(child))
        told.append(child.tail or "")
    return _line("".join(told))


def _groups(node: Node, parent: str, depth: int) -> Iterator[Entry]:
    if depth > DEEPEST:
        raise Unreadable(_("The file is nested too deeply."))
    for group in node.get("groups", ()):
        code = _code(group)
        yield Entry(code=code, title=_title(group, code), parent=parent, level=_text(group.get("class", "group")))
        yield from _groups(group, code, depth + 1)
    for control in node.get("controls", ()):
        code = _code(control)
        yield _entry(control, code, parent)
        yield from _groups(control, code, depth + 1)


def _entry(control: Node, code: str, parent: str) -> Entry:
    labels = {param.get("id"): _parameter(param) for param in control.get("params", ())}
    is_withdrawn = any(
        prop.get("name") == "status" and str(prop.get("value")).lower() == "withdrawn"
        for prop in control.get("props", ())
    )
    text = "\n".join(_statement(part, labels) for part in control.get("parts", ()) if part.get("name") == "statement")
    level = _text(control.get("class", ""))
    return Entry(
        code=code, title=_title(control, code), parent=parent, level=level, text=text.strip(), is_withdrawn=is_withdrawn
    )


def _parameter(param: Node) -> str:
    """What stands for a parameter that each organisation sets: its label, or what it is chosen from."""
    return str(param.get("label") or " / ".join(param.get("select", {}).get("choice", ())))


def _statement(part: Node, labels: Mapping[Any, Any], depth: int = 0) -> str:
    """The prose of a part and of the parts in it, each with its label; parameters by theirs."""
    if depth > DEEPEST:
        raise Unreadable(_("The file is nested too deeply."))
    label = next((prop["value"] for prop in part.get("props", ()) if prop.get("name") == "label"), "")
    own = "\n".join(_line(_filled(line, labels)) for line in part.get("prose", "").splitlines())
    own = " ".join(filter(None, (label if depth else "", own)))
    within = (_statement(one, labels, depth + 1) for one in part.get("parts", ()))
    return "\n".join(filter(None, (own, *within)))


def _filled(prose: str, labels: Mapping[Any, str], depth: int = 0) -> str:
    """The prose with its parameters named; the choices of one may hold others."""

    def named(found: re.Match[str]) -> str:
        label = labels.get(found[1]) or found[1]
        return f"[{label if depth > 1 else _filled(label, labels, depth + 1).strip()}]"

    return TIGHT.sub(r"\1", INSERT.sub(named, LINK.sub(r"\1", prose)))


def _code(node: Node) -> str:
    """The label people use (AC-2(1)) where it is another spelling of the identifier, else that in capitals."""
    identifier = _line(str(node["id"]))
    labels = [prop for prop in node.get("props", ()) if prop.get("name") == "label"]
    spelled = (str(prop["value"]) for prop in sorted(labels, key=lambda prop: "class" in prop))
    return next((label for label in spelled if key_of(label) == key_of(identifier)), identifier.upper())


def _title(node: Node, code: str) -> str:
    return _line(str(node.get("title") or "")) or code


def _text(value: Any) -> str:
    """Raises TypeError for what is none."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _line(text: str) -> str:
    return " ".join(text.split())
