"""What can be asked of the register, as a GET form; whatever cannot be read is left out, never an error page."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from catalog.models import Tier
from exceptions_app.models import State
from exceptions_app.queries.register import ORDERS, Filters

WINDOWS = (("", _("Any time")), ("7", _("In 7 days")), ("30", _("In 30 days")), ("90", _("In 90 days")))
RISKS = [("", _("Any risk")), *((tier.value, capfirst(tier.label)) for tier in Tier)]
VIEWS = (("", _("All")), ("mine", _("Mine")), ("force", _("In force now")), ("owed", _("Removal unconfirmed")))


class RegisterForm(forms.Form):
    """Filters beside the search; the view (a tab) and the order travel hidden."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any state")), *State.choices])
    tier = forms.ChoiceField(label=_("Risk"), required=False, choices=RISKS)
    ending = forms.ChoiceField(label=_("Ends"), required=False, choices=WINDOWS)
    control = forms.CharField(label=_("Control"), required=False, max_length=40)
    identity = forms.CharField(label=_("Identity"), required=False, max_length=120)
    view = forms.ChoiceField(required=False, choices=VIEWS, widget=forms.HiddenInput)
    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in ORDERS], widget=forms.HiddenInput)

    @property
    def filters(self) -> Filters:
        """What was understood; call after `is_valid`."""
        asked = self.cleaned_data
        return Filters(
            search=asked.get("q", ""),
            states=[asked["state"]] if asked.get("state") else [],
            tiers=[int(asked["tier"])] if asked.get("tier") else [],
            control=asked.get("control", ""),
            identity=asked.get("identity", ""),
            mine=asked.get("view") == "mine",
            in_force=asked.get("view") == "force",
            owed=asked.get("view") == "owed",
            ending_days=int(asked["ending"]) if asked.get("ending") else None,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order was asked."""
        return any(value for name, value in self.cleaned_data.items() if name != "sort")
