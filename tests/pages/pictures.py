"""`make screenshots`: every page of the demo at 1280 and 360 px, light and dark, in var/screenshots.

`make screenshots ARGS=--readme` makes the pictures of docs/pictures anew as well. They look like what stands behind
them: the demo is built by the services, and the portal runs on the embedded default.
"""

import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from config.env import BASE_DIR

SHOTS = BASE_DIR / "var" / "screenshots"
PICTURES = BASE_DIR / "docs" / "pictures"
MOST_BYTES = 200_000
SIZE = {"width": 1280, "height": 860}
SIGHTS = [(width, theme) for width in (1280, 360) for theme in ("light", "dark")]


@dataclass(frozen=True)
class Picture:
    """One picture of the documentation: what is seen, and by whom."""

    name: str
    person: str
    page: str
    kind: str = ""


DOCUMENTED = (
    Picture("case", "nadia", "case", "Expiring"),
    Picture("queue", "bob", "queue"),
    Picture("history", "audrey", "history"),
    Picture("register", "audrey", "register"),
    Picture("new-exception", "alice", "draft"),
    Picture("home", "nadia", "home"),
    Picture("control", "petra", "control"),
    Picture("identity", "petra", "identity"),
    Picture("vendor", "petra", "vendor"),
    Picture("imports", "petra", "imports"),
    Picture("waivers", "alice", "waivers"),
    Picture("calendar", "audrey", "register_calendar"),
    Picture("profile", "bob", "profile"),
)


def main(arguments):
    from playwright.sync_api import sync_playwright

    from tests.pages.test_pages import PEOPLE, SIGNED_OUT
    from tests.plugins import chromium
    from tests.plugins.portal import Portal

    found = chromium.obtain()
    with tempfile.TemporaryDirectory(prefix="stopgap-pictures-") as var_dir, Portal(var_dir, demo=1) as portal:
        people = _walk(portal.url, [*PEOPLE, *(picture.person for picture in DOCUMENTED)], SIGNED_OUT)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(found.program),
                args=chromium.ARGUMENTS,
                env={**os.environ, **found.environment},
            )
            _shoot_all(browser, portal.url, people)
            if "--readme" in arguments:
                _shoot_documented(browser, portal.url, people)
    return 0


def _walk(url, handles, signed_out):
    """Every place within reach of each person, and their session."""
    from tests.pages.walk import Walker
    from workflows.demo.cast import DOMAIN, SIGN_IN

    people = {handle: Walker(url, f"{handle}@{DOMAIN}", SIGN_IN) for handle in dict.fromkeys(handles)}
    people[""] = Walker(url)
    return {name: (who.session, who.places(*(["/"] if name else signed_out))) for name, who in people.items()}


def _shoot_all(browser, url, people):
    shutil.rmtree(SHOTS, ignore_errors=True)
    SHOTS.mkdir(parents=True)
    for width, theme in SIGHTS:
        taken = set()
        for person, (session, places) in people.items():
            page = _page(browser, url, session, {"width": width, "height": 900}, theme)
            for place in places.values():
                if (place.name, place.kind) in taken and place.name not in {"home", "queue", "case"}:
                    continue
                taken.add((place.name, place.kind))
                _shoot(page, url + place.path, SHOTS / _name(place, person, width, theme), full_page=True)
            page.context.close()
    print(f"{len(list(SHOTS.iterdir()))} pictures in {SHOTS}")


def _shoot_documented(browser, url, people):
    for picture in DOCUMENTED:
        session, places = people[picture.person]
        page = _page(browser, url, session, SIZE, "light")
        to = PICTURES / f"{picture.name}.png"
        _shoot(page, url + places[picture.page, picture.kind].path, to)
        page.context.close()
        if to.stat().st_size > MOST_BYTES:
            raise SystemExit(f"{to} takes {to.stat().st_size:,} bytes: show less.")
        print(f"{to} {to.stat().st_size:,} bytes")


def _page(browser, url, session, size, theme):
    context = browser.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    return context.new_page()


def _shoot(page, address, to, **options):
    page.goto(address, wait_until="networkidle")
    page.screenshot(path=to, **options)


def _name(place, person, width, theme):
    words = [place.name, place.kind, person or "nobody", str(width), theme]
    return Path("-".join(re.sub(r"\W+", "-", word.lower()) for word in words if word) + ".png")


if __name__ == "__main__":
    os.environ |= {"LOCAL_RUN": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    with tempfile.TemporaryDirectory(prefix="stopgap-pictures-") as own:
        os.environ["VAR_DIR"] = own
        import django

        django.setup()
        sys.exit(main(sys.argv[1:]))
