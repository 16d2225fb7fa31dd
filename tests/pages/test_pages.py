"""Every page, as somebody who can come to it sees it: nothing for axe, the console or the policy; small; narrow."""

import pytest

from tests.matrix import table
from tests.pages.looking import ALL, BOTH, look
from tests.pages.walk import Walker
from workflows.demo.cast import DOMAIN, SIGN_IN

PEOPLE = ("bob", "alice", "petra", "karin", "audrey", "mallory")
SIGNED_IN = ("/", "/exceptions/bulk/")
SIGNED_OUT = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/1-gone/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/gone/",
)
ONE_EACH = {"home", "queue", "register"}
"""Pages that are another page for everyone."""
NOT_HERE = {
    "healthz": "for machines",
    "register_csv": "a download",
    "register_xlsx": "a download",
    "catalog_export": "a download",
    "evidence": "a download",
    "waivers_preview": "shown once files are sent: looked at in test_waivers.py",
    "waivers_columns": "shown once a table is sent: looked at in test_waivers.py",
    "account_logout": "looked at in test_sign_in.py, since it ends the walk",
    "account_reauthenticate": "looked at in test_sign_in.py",
}


@pytest.fixture(scope="module")
def walkers(demo_portal):
    signed_in = [Walker(demo_portal.url, f"{handle}@{DOMAIN}", SIGN_IN) for handle in PEOPLE]
    return {walker.person: walker for walker in [*signed_in, Walker(demo_portal.url)]}


@pytest.fixture(scope="module")
def places(walkers):
    """One page of every name and kind, and the pages that differ by person for each of them."""
    found = {}
    for person, walker in walkers.items():
        known = {place.name for place in found.values() if not place.kind}  # kinds differ by person
        for (name, kind), place in walker.places(*(SIGNED_IN if person else SIGNED_OUT), known=known).items():
            found.setdefault((name, kind, person if name in ONE_EACH else ""), place)
    return list(found.values())


@pytest.mark.long
def test_every_page_can_be_reached_and_is_clean_and_small(demo_portal, walkers, places, browser, axe_source):
    declared = {name for name, row in table.ROWS.items() if "200" in row.get and not name.startswith("admin:")}

    assert declared - {place.name for place in places} - NOT_HERE.keys() == set()
    _look_at_all(demo_portal, walkers, places, browser, axe_source, BOTH)


@pytest.mark.proof
def test_every_page_is_clean_in_every_width_and_theme(demo_portal, walkers, places, browser, axe_source, proof_figure):
    looks = _look_at_all(demo_portal, walkers, places, browser, axe_source, ALL)

    proof_figure("Pages looked at, each at 1280 and 360 px, light and dark: axe finds nothing", len(looks))
    proof_figure("Heaviest page, cold", f"{max(look.bytes for look in looks) / 1000:.1f} kB")
    proof_figure("Most requests of a page, cold", max(look.requests for look in looks))


def _look_at_all(portal, walkers, places, browser, axe_source, sights):
    looks, wrong = [], []
    for place in places:
        seen = look(browser, axe_source, portal.url, place, walkers[place.person].session, sights)
        looks.append(seen)
        wrong += [f"{place.path} as {place.person or 'nobody'}: {sentence}" for sentence in seen.wrong]
    assert not wrong, "\n".join(wrong)
    return looks
