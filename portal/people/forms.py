"""The forms of people, teams and groups. A form of what exists sends on only what was changed in it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import ApproverGroup, Team, User, default_time_zone
from accounts.services.groups import SLUG_LENGTH
from portal.catalog.listing import FilterForm
from portal.exception_form.choosing import Named
from portal.exception_form.fields import Zone
from portal.inputs import Words
from portal.people.choosing import ZONES, named, offer, take_people

RESERVED = "new"  # stands in the address of the form itself
ROLES = {
    "is_programme_manager": _(
        "Runs the catalog, people and groups. Decides on nothing by virtue of it. Accepts no change proposed by "
        "whoever made them one."
    ),
    "is_auditor": _("Reads every exception and the whole history. Changes nothing."),
}


class DetailsForm(forms.ModelForm[Any]):
    """A row's details, people by name."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        naming = [name for name, field in self.fields.items() if isinstance(field, Named)]
        people = {name: getattr(self.instance, name) for name in naming}
        self.initial.update(people)
        if naming:
            self.offered = offer(*people.values())
            take_people(self, self.offered)
        for field in self.fields.values():
            field.show_hidden_initial = bool(self.instance.pk)
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = _("None")

    @property
    def details(self) -> dict[str, Any]:
        """Everything for a new row, else what differs from what the page showed; call after `is_valid`."""
        names = self.changed_data if self.instance.pk else list(self.cleaned_data)
        return {name: self.cleaned_data[name] for name in names}


class PersonForm(DetailsForm):
    zones = ZONES

    manager = named(_("Manager"), _("Answers in their place when they leave."))
    time_zone = Zone(label=_("Time zone"), help_text=_("Such as Europe/Stockholm."), initial=default_time_zone)

    class Meta:
        model = User
        fields = ("email", "name", "team", "manager", "time_zone", *ROLES)
        help_texts = {
            "email": _("They sign in with it."),
            "name": _("As others read it."),
            "team": _("Where they work."),
            **ROLES,
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].required = True
        self.fields["time_zone"].widget.attrs |= {"list": "offered-zones", "autocomplete": "off"}
        self.fields["email"].widget.attrs |= {"autocomplete": "off"}


class ProfileForm(forms.ModelForm[User]):
    zones = ZONES

    time_zone = Zone(label=_("Time zone"), help_text=_("Every time you read here is told in it."))

    class Meta:
        model = User
        fields = ("time_zone",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["time_zone"].widget.attrs |= {"list": "offered-zones", "autocomplete": "off"}


class TeamForm(DetailsForm):
    lead = named(_("Lead"))

    class Meta:
        model = Team
        fields = ("name", "lead")


class GroupForm(DetailsForm):
    class Meta:
        model = ApproverGroup
        fields = ("name", "description")
        widgets = {"description": Words()}
        help_texts = {"description": _("What it decides about, in a line.")}

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        slug = slugify(name)[:SLUG_LENGTH]
        if not self.instance.pk and slug in ("", RESERVED):
            raise forms.ValidationError(_("Give it a name that tells it apart, in Latin letters or digits."))
        if not self.instance.pk and ApproverGroup.objects.filter(slug=slug).exists():
            raise forms.ValidationError(_("Another group has this name but for its capitals, spaces or signs."))
        return name


class MemberForm(forms.Form):
    member = named(_("Person"), required=True)

    def __init__(self, *args: Any, without_people: list[User], **options: Any) -> None:
        super().__init__(*args, **options)
        self.offered = offer(absent=without_people)
        take_people(self, self.offered)


class LeadForm(forms.Form):
    lead = named(
        _("Person"), _("Decides as well where too few of the members may, or where their time runs out. Empty: nobody.")
    )

    def __init__(self, data: Any = None, *, group: ApproverGroup, without: User) -> None:
        super().__init__(data, initial={"lead": group.lead})
        self.offered = offer(group.lead, absent=[without])
        take_people(self, self.offered)


class PeopleFilter(FilterForm):
    team = forms.ModelChoiceField(Team.objects.all(), label=_("Team"), required=False, empty_label=_("Any team"))
    role = forms.ChoiceField(
        label=_("Role"),
        required=False,
        choices=[
            ("", _("Any role")),
            ("approver", _("Approver")),
            ("auditor", _("Auditor")),
            ("programme_manager", _("Programme manager")),
        ],
    )
    status = forms.ChoiceField(
        label=_("Account"),
        required=False,
        choices=[("", _("Active")), ("closed", _("Closed")), ("all", _("All"))],
    )
