"""Rows added and removed by submit buttons, for a browser that runs no script."""

from django.http import QueryDict

from portal.http import number


def pressed(posted: QueryDict, *prefixes: str) -> QueryDict | None:
    """The posted form with the wanted row added or struck out; None when no row button was pressed.

    `add` carries a formset's prefix, `remove` a row's (`grants-0`). Show the form again with the answer, unvalidated.
    """
    add, remove = posted.get("add"), posted.get("remove") or ""
    data = posted.copy()
    if add in prefixes:
        data[f"{add}-TOTAL_FORMS"] = str(_rows(data, str(add)) + 1)
        return data
    prefix, _, row = remove.rpartition("-")
    if prefix in prefixes and row.isdecimal():
        data[f"{remove}-DELETE"] = "on"
        return data
    return None


def _rows(data: QueryDict, prefix: str) -> int:
    return number(data.get(f"{prefix}-TOTAL_FORMS") or "") or 0
