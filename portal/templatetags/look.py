"""Small pieces that repeat on every page: icon, state, risk, time left, person, digest, sortable heading."""

from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exceptions_app.freshness import Freshness
from exceptions_app.freshness import freshness as freshness_of
from exceptions_app.models import ExceptionCase, Safeguard
from portal import words

register = template.Library()
register.filter(words.grouped)
register.filter(words.roughly)

STATES = {  # state: tone, icon, word; the same everywhere
    "draft": ("grey", "pencil", gettext_lazy("Draft")),
    "requested": ("blue", "inbox", gettext_lazy("Requested")),
    "approved": ("violet", "seal", gettext_lazy("Approved")),
    "active": ("green", "dot", gettext_lazy("Active")),
    "expiring": ("amber", "hourglass", gettext_lazy("Expiring")),
    "suspended": ("orange", "pause", gettext_lazy("Suspended")),
    "closed": ("slate", "check", gettext_lazy("Closed")),
    "revoked": ("red", "cut", gettext_lazy("Revoked")),
    "rejected": ("rose", "cross", gettext_lazy("Rejected")),
    "withdrawn": ("outline", "back", gettext_lazy("Withdrawn")),
}
END_REASONS = {
    "expired": gettext_lazy("expired"),
    "completed": gettext_lazy("completed"),
    "superseded": gettext_lazy("superseded"),
    "lapsed": gettext_lazy("lapsed"),
}
TIERS = {
    1: ("slate", gettext_lazy("Low")),
    2: ("amber", gettext_lazy("Moderate")),
    3: ("orange", gettext_lazy("High")),
    4: ("red", gettext_lazy("Critical")),
}
ACTORS = {
    "clock": ("clock", gettext_lazy("The clock")),
    "system": ("server", gettext_lazy("Stopgap")),
    "token": ("key", gettext_lazy("A token")),
}
FRESHNESS = {
    Freshness.FRESH: ("green", "check", gettext_lazy("Verified")),
    Freshness.DUE: ("amber", "clock", gettext_lazy("Verify again soon")),
    Freshness.STALE: ("red", "hourglass", gettext_lazy("Stale")),
    Freshness.FAILED: ("red", "warn", gettext_lazy("Failed")),
    Freshness.UNVERIFIED: ("grey", "hourglass", gettext_lazy("Not verified")),
}
PATH = ("draft", "requested", "approved", "active", "expiring", "closed")
LEAVES_PATH_AFTER = {"rejected": 2, "withdrawn": 2, "revoked": 4, "suspended": 4}  # steps of PATH behind it


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One of static/icons.svg. Decorative beside a word; give a label where it stands alone."""
    name_it = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html('<svg class="icon" {}><use href="{}#{}"/></svg>', SafeString(name_it), static("icons.svg"), name)


@register.simple_tag
def state(value: str, end_reason: str = "") -> SafeString:
    """State as hue, icon and word; a closed case also says why it closed."""
    tone, symbol, word = STATES[value]
    text = f"{word}, {END_REASONS[end_reason]}" if end_reason else str(word)
    return format_html('<span class="badge tone-{}">{}{}</span>', tone, icon(symbol), text)


@register.simple_tag(takes_context=True)
def standing(context: Context, case: ExceptionCase) -> SafeString:
    """The state a case is in by the clock. Needs `at` in the context."""
    return state(*case.standing_at(context["at"]))


@register.simple_tag(takes_context=True)
def freshness(context: Context, safeguard: Safeguard) -> SafeString:
    """How it stands with a safeguard, as hue, icon and word. Needs `at` in the context."""
    found = freshness_of(safeguard, context["at"])
    tone, symbol, word = FRESHNESS[found]
    if found == Freshness.UNVERIFIED and safeguard.required:
        tone, word = "amber", gettext_lazy("Required, not verified")
    return format_html('<span class="badge tone-{}">{}{}</span>', tone, icon(symbol), word)


@register.simple_tag
def risk(tier: int | None) -> SafeString:
    """Four steps of one bar and the word; None is a case not rated yet."""
    if not tier:
        return format_html('<span class="muted">{}</span>', _("Not rated"))
    tone, word = TIERS[tier]
    steps = SafeString("".join(_step(number, on=number < tier) for number in range(4)))
    bar = format_html('<svg viewBox="0 0 26 10" aria-hidden="true">{}</svg>', steps)
    return format_html('<span class="risk tone-{}">{}{}</span>', tone, bar, word)


@register.simple_tag(takes_context=True)
def days_left(context: Context, start: datetime, end: datetime, warns_at: datetime | None = None) -> SafeString:
    """Bar that empties from start to end; coloured only from `warns_at` on. Needs `at` in the context."""
    at: datetime = context["at"]
    if at >= end:
        kind, text = "over", _("Ended %(when)s") % {"when": words.relative(end, at)}
    else:
        kind = "warning tone-amber" if warns_at and at >= warns_at else "calm tone-slate"
        text = _("%(duration)s left") % {"duration": words.left(end - at)}
    share = max(0.0, min(1.0, (end - at) / (end - start))) if end > start else 0.0
    return format_html(
        '<span class="left {}" title="{}"><span class="words">{}</span>'
        '<svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="trough" width="100" '
        'height="4"/><rect class="rest" width="{}" height="4"/></svg></span>',
        kind,
        words.exact(end),
        text,
        round(share * 100),
    )


@register.inclusion_tag("components/lifecycle.html")
def lifecycle(now: str, reached: dict[str, datetime] | None = None) -> dict[str, Any]:
    """The stepper. `reached` maps states to the instants they were entered; without it the usual path is drawn."""
    return {"steps": _steps(now, reached or {})}


@register.simple_tag
def away_note(who: Any, away: Any) -> SafeString | str:
    """Until when the person is away and who stands in; `away` holds the running absences by key of their person."""
    absence = (away or {}).get(getattr(who, "pk", None))
    if absence is None:
        return ""
    until = date_format(localtime(absence.until_at), "j M")
    words = _("%(name)s is away until %(day)s, %(delegate)s stands in") % {
        "name": absence.person.short_name,
        "day": until,
        "delegate": absence.delegate,
    }
    return format_html('<span class="small muted">{}{}</span>', icon("calendar"), words)


@register.simple_tag
def person(who: Any, note: str = "") -> SafeString:
    """A person (anything with a name and an e-mail), "clock", "system", "token", a bare name, or None for no one."""
    if who is None or who == "":
        return format_html('<span class="muted">{}</span>', _("No one"))
    email, name = getattr(who, "email", ""), str(getattr(who, "name", "") or who)
    mark: str = _initials(name)
    if isinstance(who, str) and who in ACTORS:
        symbol, word = ACTORS[who]
        mark, name = icon(symbol), str(word)
    after = format_html(' <span class="muted">{}</span>', note) if note else ""
    return format_html(
        '<span class="person" title="{}"><span class="avatar" aria-hidden="true">{}</span>'
        '<span class="name">{}{}</span></span>',
        email or name,
        mark,
        name,
        after,
    )


@register.simple_tag
def digest(value: str | None) -> SafeString:
    """Long digest in little room: whole in the page and when copied, shortened to the eye."""
    if not value:
        return SafeString("–")
    button = format_html(
        '<button type="button" data-copy="{}" class="js-only">{}</button>', value, icon("copy", _("Copy"))
    )
    return format_html('<span class="digest"><code title="{}">{}</code>{}</span>', value, value, button)


@register.inclusion_tag("components/act.html")
def act(label: str, why_not: str | None = None, tone: str = "", icon: str = "", **attrs: str) -> dict[str, Any]:
    """Submit button that says what will happen or, refused, stays and says why. Attrs: name, value, href, form, key."""
    why_id = slugify(f"why {label} {attrs.get('value', '')}")
    return {"label": label, "why_not": why_not, "tone": tone, "icon": icon, "why_id": why_id, **attrs}


@register.simple_tag(takes_context=True)
def sort(context: Context, key: str, label: str, css: str = "") -> SafeString:
    """Heading cell that sorts by `?sort=key`, then `-key`; a new order starts at the first page."""
    request: HttpRequest = context["request"]
    query, current = request.GET.copy(), request.GET.get("sort", "")
    query["sort"] = f"-{key}" if current == key else key
    for page in ("after", "before"):
        query.pop(page, None)
    order = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    mark = icon("up-arrow" if order == "ascending" else "down-arrow") if order else ""
    aria = format_html('aria-sort="{}"', order) if order else ""
    return format_html(
        '<th scope="col" class="{}" {}><a href="?{}">{}{}</a></th>', css, aria, query.urlencode(), label, mark
    )


def _step(number: int, *, on: bool) -> str:
    return f'<rect x="{number * 7}" width="5" height="10" rx="1" class="{"on" if on else "off"}"/>'


def _initials(name: str) -> str:
    parts = name.replace(".", " ").replace("@", " ").split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


def _path(now: str, reached: dict[str, datetime]) -> list[str]:
    here = PATH.index(now) if now in PATH else LEAVES_PATH_AFTER[now]
    behind = [name for name in PATH[:here] if not reached or name in reached]
    ahead = PATH[here + 1 :] if now in PATH else PATH[-1:] if now == "suspended" else ()
    return [*behind, now, *ahead]


def _steps(now: str, reached: dict[str, datetime]) -> list[dict[str, Any]]:
    path = _path(now, reached)
    here = path.index(now)
    kinds = ["done" if position < here else "now" if position == here else "ahead" for position in range(len(path))]
    return [_lifecycle_step(name, kind, reached.get(name)) for name, kind in zip(path, kinds, strict=True)]


def _lifecycle_step(name: str, kind: str, at: datetime | None) -> dict[str, Any]:
    tone, symbol, word = STATES[name]
    return {"kind": kind, "tone": tone, "icon": symbol, "word": word, "at": at}
