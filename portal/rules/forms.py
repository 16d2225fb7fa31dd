"""The form of an approval rule and its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms import BaseFormSet, formset_factory
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import ApproverGroup, User
from catalog.models import Control, CredentialForm, Environment, Framework, IdentityKind, Tier
from exceptions_app.models import Assurance, Kind, Source
from portal.catalog.fields import Several
from portal.exception_form.choosing import Offer
from portal.exception_form.fields import PlainInstant
from portal.inputs import Words
from portal.people.choosing import named, take_people
from workflows.models.rules import MOST_ASKED, MOST_HOURS
from workflows.rule_contents import RuleContent, StepContent

MOST_STEPS = 9
MOST_NUMBER = 9999


def several(
    label: Any, choices: list[tuple[str, Any]] | Callable[[], list[tuple[str, Any]]], help_text: Any = ""
) -> forms.MultipleChoiceField:
    """Check boxes, of which none means any."""
    return forms.MultipleChoiceField(
        label=label, required=False, choices=choices, widget=forms.CheckboxSelectMultiple, help_text=help_text
    )


def words(choices: Iterable[tuple[Any, Any]]) -> list[tuple[str, Any]]:
    return [(value, capfirst(text)) for value, text in choices]


def known_frameworks() -> list[tuple[str, Any]]:
    return list(Framework.objects.order_by("name").values_list("slug", "name"))


def number(label: Any, help_text: Any = "", most: int = MOST_NUMBER) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=most, help_text=help_text)


class RuleForm(forms.Form):
    """When the rule holds. What is left empty holds for any request."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Stands in every route as the reason."))
    is_on = forms.BooleanField(label=_("In use"), required=False, initial=True)
    valid_from_at = PlainInstant(
        label=_("From"), required=False, help_text=_("Empty: from when a second person accepts it.")
    )
    tier_at_least = forms.TypedChoiceField(
        label=_("Risk at least"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("Any risk")), *words(Tier.choices)],
    )
    renewal_at_least = number(_("Renewal at least"), _("1: every renewal; 2: from the second on."))
    longer_than_days = number(_("Longer than (days)"))
    with_vendor = forms.BooleanField(label=_("Only where a vendor is involved"), required=False)
    beyond_reading = forms.BooleanField(label=_("Only where more than reading is asked"), required=False)
    kinds = several(_("Kinds of exception"), words(Kind.choices))
    environments = several(_("Environments"), words(Environment.choices))
    identity_kinds = several(_("Kinds of identity"), words(IdentityKind.choices))
    credential_forms = several(_("Credentials"), words(CredentialForm.choices))
    controls = Several(between=",", label=_("Controls"), help_text=_("Codes, such as NHI-ROT-01, NHI-AGT-02."))
    frameworks = several(
        _("Or controls that answer to"),
        known_frameworks,
        _("With a control named above, it is enough that one of both is so."),
    )
    why = forms.CharField(
        label=_("Why"), required=False, max_length=2000, widget=Words(rows=2), help_text=_("For the second person.")
    )

    def clean_controls(self) -> list[str]:
        wanted = list(self.cleaned_data["controls"])
        known = {code.casefold(): code for code in Control.objects.values_list("code", flat=True)}
        if unknown := [code for code in wanted if code.casefold() not in known]:
            raise forms.ValidationError(_("There is no control %(code)s.") % {"code": ", ".join(unknown)})
        return [known[code.casefold()] for code in wanted]


class StepForm(forms.Form):
    """Whom the rule asks: one step."""

    order = forms.IntegerField(label=_("Order"), min_value=1, max_value=MOST_ASKED, initial=1)
    name = forms.CharField(label=_("Name"), max_length=120)
    source = forms.ChoiceField(label=_("Who"), choices=words(Source.choices))
    group = forms.ModelChoiceField(
        ApproverGroup.objects.all(), label=_("Group"), required=False, empty_label=_("None"), to_field_name="slug"
    )
    person = named(_("Person"))
    count = forms.IntegerField(
        label=_("How many of them"), initial=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_ASKED)]
    )
    decide_within_hours = number(_("Hours to decide"), _("Empty: by the risk."), MOST_HOURS)
    assurance = forms.ChoiceField(label=_("Who approves is"), choices=words(Assurance.choices), initial="session")
    in_bulk = forms.BooleanField(label=_("May be decided among many"), required=False)

    def __init__(self, *args: Any, offered: Offer[User], **options: Any) -> None:
        super().__init__(*args, **options)
        take_people(self, offered)

    @property
    def content(self) -> StepContent:
        found = self.cleaned_data
        return StepContent(
            order=found["order"],
            name=found["name"].strip(),
            source=found["source"],
            group=found["group"].slug if found["group"] else "",
            person=str(found["person"].pseudonym) if found["person"] else "",
            count=found["count"],
            decide_within_hours=found["decide_within_hours"],
            assurance=found["assurance"],
            in_bulk=found["in_bulk"],
        )


StepSet: type[BaseFormSet[StepForm]] = formset_factory(
    StepForm, extra=0, min_num=1, can_delete=True, max_num=MOST_STEPS, absolute_max=MOST_STEPS + 2, validate_max=True
)


def content(form: RuleForm, steps: BaseFormSet[StepForm]) -> RuleContent:
    """What both say; call after `is_valid`."""
    values = {name: form.cleaned_data[name] for name in form.cleaned_data if name != "why"}
    values["name"] = values["name"].strip()
    kept = [row for row in steps.forms if row not in steps.deleted_forms and row.has_changed()]
    return RuleContent(values, [row.content for row in kept])
