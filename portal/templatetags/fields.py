"""Forms in the house's look: a field, all fields, the summary of what is wrong."""

from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet, BoundField, CheckboxInput
from django.template import Context

register = template.Library()


@register.inclusion_tag("components/field.html", takes_context=True)
def field(
    context: Context, bound: BoundField, look: str = "", label: str = "", *, bare: bool = False
) -> dict[str, Any]:
    """One field. Look: short, medium, code, cards, inline. Bare leaves out "(optional)", for filters.

    A field that may be `needed_sometimes` is not called optional: its hint says when. Where the page has
    `left_to_say`, the fields still to be filled, one that is not among them and not of a row carries the class “told”.
    """
    left = context.get("left_to_say")
    label = label or str(bound.label)
    _drop_echo(bound, label)
    return {
        "field": bound,
        "look": look,
        "is_told": left is not None and "-" not in bound.html_name and bound.name not in left.fields,
        "label": label,
        "optional": not (bound.field.required or bare or getattr(bound.field, "needed_sometimes", False)),
        "is_checkbox": isinstance(bound.field.widget, CheckboxInput),
        "is_group": bound.use_fieldset and hasattr(bound.field.widget, "choices"),
        "options": _options(bound) if bound.use_fieldset else (),
    }


@register.inclusion_tag("components/fields.html")
def fields(form: BaseForm, look: str = "") -> dict[str, Any]:
    """Every field of a form, in its order."""
    return {"form": form, "look": look}


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: "BaseForm | BaseFormSet[Any]") -> dict[str, Any]:
    """What is wrong in these forms and formsets, each entry a link to its field."""
    return {"errors": [error for form in forms if form for error in _errors(form)]}


def _drop_echo(bound: BoundField, label: str) -> None:
    """A placeholder that repeats the label tells nobody anything."""
    attrs = bound.field.widget.attrs
    if _letters(attrs.get("placeholder", "")).startswith(_letters(label)):
        attrs.pop("placeholder", None)


def _letters(text: object) -> str:
    return "".join(filter(str.isalpha, str(text))).lower()


def _options(bound: BoundField) -> list[dict[str, Any]]:
    hints = getattr(bound.field, "choice_hints", {})
    return [{"widget": option, "hint": hints.get(option.data["value"], "")} for option in bound.subwidgets]


def _errors(form: "BaseForm | BaseFormSet[Any]") -> list[dict[str, str]]:
    if isinstance(form, BaseFormSet):
        whole = [{"text": str(text)} for text in form.non_form_errors()] if form.is_bound else []
        return whole + [error for row in form.forms for error in _errors(row)]
    if not form.is_bound:
        return []
    found = [{"text": str(text)} for text in form.non_field_errors()]
    for bound in form:
        found += [{"href": _target(bound), "label": str(bound.label), "text": str(text)} for text in bound.errors]
    return found


def _target(bound: BoundField) -> str:
    return bound.id_for_label or f"{bound.auto_id}_0"
