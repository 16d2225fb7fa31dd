"""What a case does when something changes, in a few sentences."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exceptions_app import triggers
from exceptions_app.models import ExceptionCase, Response, Trigger

_FIRST = (Response.END, Response.SUSPEND, Response.NOTHING)
_WHEN = {
    Trigger.OWNER_CHANGED: gettext_lazy("its owner or backup owner changes or leaves"),
    Trigger.IDENTITY_OWNER_CHANGED: gettext_lazy("the identity gets another owner"),
    Trigger.VENDOR_CHANGED: gettext_lazy("the vendor changes, or its own review lapses"),
    Trigger.CONTROL_TIGHTENED: gettext_lazy("the control is tightened"),
    Trigger.CODE_CHANGED: gettext_lazy("the code it stands for changes"),
    Trigger.CREDENTIAL_ROTATED: gettext_lazy("the credential is rotated"),
    Trigger.INCIDENT_LINKED: gettext_lazy("it is linked to an incident"),
    Trigger.TICKET_CLOSED: gettext_lazy("its ticket is closed"),
    Trigger.FIX_AVAILABLE: gettext_lazy("a fix is available"),
}
_SAID = {
    Response.END: gettext_lazy("Ended if %(when)s."),
    Response.SUSPEND: gettext_lazy("Suspended if %(when)s."),
    Response.NOTHING: gettext_lazy("Nothing is done if %(when)s."),
    Response.REVIEW: gettext_lazy("Reviewed if %(when)s."),
}


def told(case: ExceptionCase) -> list[str]:
    """A sentence for each response; what most changes lead to is said of the rest."""
    return told_of(triggers.responses(case))


def told_of(responses: Mapping[Trigger, Response]) -> list[str]:
    """The same of responses in hand."""
    found = [_sentence(does, _those(responses, does)) for does in _FIRST]
    rest = _those(responses, Response.REVIEW)
    if len(rest) > len(_WHEN) // 2:
        found.append(_("Reviewed at any other change."))
    else:
        found.append(_sentence(Response.REVIEW, rest))
    return [sentence for sentence in found if sentence]


def _those(responses: Mapping[Trigger, Response], wanted: Response) -> list[Trigger]:
    return [trigger for trigger, does in responses.items() if does == wanted]


def _sentence(does: Response, those: list[Trigger]) -> str:
    if not those:
        return ""
    joined = _(", or if ").join(str(_WHEN[trigger]) for trigger in those)
    return str(_SAID[does] % {"when": joined})
