"""What changed between two texts, word by word."""

import re
from difflib import SequenceMatcher
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

MOST_WORDS = 3_000  # past this the two texts stand one after the other: matching takes quadratic time


@register.simple_tag
def diff(before: Any, after: Any) -> SafeString:
    """Both texts in one, with what went in `<del>` and what came in `<ins>`. None is an empty text.

    Who hears it hears "from … to …" where one stands for the other.
    """
    old, new = _words(before), _words(after)
    if len(old) + len(new) > MOST_WORDS:
        return _instead(old, new)
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    parts = [_part(tag, old[i:j], new[k:m]) for tag, i, j, k, m in matcher.get_opcodes()]
    return format_html_join("", "{}", ((part,) for part in parts))


def _words(value: Any) -> list[str]:
    return re.findall(r"\s+|[^\s]+", "" if value is None else str(value))


def _part(tag: str, old: list[str], new: list[str]) -> SafeString | str:
    return "".join(old) if tag == "equal" else _instead(old, new)


def _instead(old: list[str], new: list[str]) -> SafeString:
    if not old or not new:
        return _marked("del", old) + _marked("ins", new)
    return _heard(_("from")) + _marked("del", old) + _heard(_("to")) + _marked("ins", new)


def _heard(word: str) -> SafeString:
    return format_html('<span class="vh"> {} </span>', word)


def _marked(tag: str, text: list[str]) -> SafeString:
    return format_html("<{0}>{1}</{0}>", SafeString(tag), "".join(text)) if text else SafeString("")
