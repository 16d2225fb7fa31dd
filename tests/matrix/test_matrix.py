"""Every address × method × role answers as `table.py` declares, and what is refused changes no row (bar 5)."""

import re

import pytest
from django.core.cache import cache
from django.db import transaction

from tests.matrix import addresses, table
from tests.matrix.company import ROLES, TOKEN, Company

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
OTHERS = ("PUT", "DELETE")
HOW = """Declare it in tests/matrix/table.py. It answers at present:
{line}
Check each word: is it what this role should get?"""


@pytest.fixture(scope="module")
def company(standing):
    """One for all groups: what a knock changes does not last."""
    return Company()


@pytest.fixture(autouse=True)
def no_attempts_counted():
    cache.clear()
    yield
    cache.clear()


@pytest.mark.parametrize("group", table.GROUPS.values())
def test_every_address_answers_every_role_as_declared(group, company):
    wrong = []
    for address in _of(group):
        row = table.declared(address)
        if row is None:
            wrong.append(
                f"{address.name or address.route} is not declared.\n" + HOW.format(line=_line(company, address))
            )
        else:
            wrong += _differences(company, address, row)

    assert not wrong, "\n\n".join(wrong)


def test_nothing_is_declared_that_does_not_exist():
    names = {address.name for address in addresses.every()}

    assert set(table.ROWS) - names == set()


def test_every_address_belongs_to_a_group():
    grouped = [address for group in table.GROUPS.values() for address in _of(group)]

    assert len(grouped) == len(addresses.every())


def _of(group):
    return [address for address in addresses.every() if table.group_of(address) == group]


def _differences(company, address, row):
    found = []
    for method, words in (("GET", row.get), ("POST", row.post)):
        for role, expected in zip(ROLES, words.split(), strict=True):
            actual, moved = _knock(company, address, row.state, method, role)
            if actual != expected:
                found.append(f"{method} {address.name} as {role}: {actual}, declared {expected}.")
            if moved and (method == "GET" or expected != "302"):
                found.append(
                    f"{method} {address.name} as {role} changed {', '.join(moved)} though it answered {actual}."
                )
    return found + _never_let_in(company, address, row)


def _never_let_in(company, address, row):
    """A POST from another site, and methods no page knows, for every role; none gets as far as changing a row."""
    found = []
    for role in ROLES:
        for method, token, known in [("POST", False, row.forged), *((method, True, row.others) for method in OTHERS)]:
            actual = _word(_request(company, address, row.state, method, role, token=token))
            if actual not in known.split():
                found.append(f"{method} {address.name} as {role}, token {token}: {actual}, declared {known}.")
    moved = company.moved()
    return [*found, f"{address.name} changed {', '.join(moved)}."] if moved else found


def _knock(company, address, state, method, role):
    """What a request with a token gets, in a word, and which tables it changed. Nothing of it lasts."""
    with transaction.atomic():
        answer = _request(company, address, state, method, role)
        moved = company.moved()
        transaction.set_rollback(True)
    return _word(answer), moved


def _request(company, address, state, method, role, *, token=True):
    headers = {"X-CSRFToken": TOKEN} if token else {}
    form = "application/x-www-form-urlencoded"
    with company.watched():
        answer = company.client(role).generic(method, company.path(address, state), headers=headers, content_type=form)
        if answer.streaming:
            b"".join(answer)
    return answer


def _word(answer):
    if answer.status_code != 302:
        return str(answer.status_code)
    place = answer.headers["Location"]
    return next((word for start, word in table.PLACES.items() if re.match(start, place)), "302")


def _line(company, address):
    words = {}
    for method in ("GET", "POST", *OTHERS):
        words[method] = [_knock(company, address, "requested", method, role)[0] for role in ROLES]
    others = sorted({word for method in OTHERS for word in words[method]})
    get, post = " ".join(words["GET"]), " ".join(words["POST"])
    return f'    "{address.name}": Row(get="{get}", post="{post}", others="{" ".join(others)}"),'
