"""Opens one page in Chromium with nothing cached, and says all that is wrong with it."""

import time
from dataclasses import dataclass

from tests.plugins.browser import AXE_RUN, _places

MOST_BYTES, MOST_REQUESTS = 60_000, 6
MOST_SECONDS = 30
NOTE_POLICY = (
    "document.addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))"
)
BOTH = ((1280, "light"), (360, "dark"))
ALL = (*BOTH, (1280, "dark"), (360, "light"))


@dataclass
class Look:
    """What was seen of a page; `wrong` has a sentence for each thing a page must not do."""

    bytes: int
    requests: int
    wrong: list


def look(browser, axe, url, place, session, sights=BOTH):
    """Look at the page in each width and theme of `sights`."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    try:
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
        return _look(context, axe, url, place, sights)
    finally:
        context.close()


def _look(context, axe, url, place, sights):
    page, wrong = context.new_page(), []
    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.add_init_script(NOTE_POLICY)
    wire = Wire(context.new_cdp_session(page))
    answer = page.goto(url + place.path, wait_until="load")
    wire.settle(page)
    seen = Look(wire.bytes, wire.requests, wrong)
    if answer.status != 200:
        wrong.append(f"answers {answer.status}")
    if wire.bytes > MOST_BYTES or wire.requests > MOST_REQUESTS:
        wrong.append(f"takes {wire.bytes:,} bytes in {wire.requests} requests: {wire.heaviest()}")
    page.evaluate(axe)
    for width, theme in sights:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        wrong += [f"{width} px, {theme}: {found}" for found in _violations(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"is wider than {width} px")
    return seen


def _violations(page):
    return [f"{found['id']}: {found['help']} ({_places(found)})" for found in page.evaluate(AXE_RUN)]


class Wire:
    """What one page took over the wire, headers and compression included."""

    def __init__(self, cdp):
        self._urls, self._sizes = {}, {}
        cdp.on(
            "Network.requestWillBeSent", lambda event: self._urls.update({event["requestId"]: event["request"]["url"]})
        )
        cdp.on("Network.loadingFinished", self._finished)
        cdp.on("Network.loadingFailed", lambda event: self._sizes.setdefault(event["requestId"], 0))
        cdp.send("Network.enable")

    def _finished(self, event):
        self._sizes[event["requestId"]] = event["encodedDataLength"]

    def settle(self, page):
        """Wait until everything asked for has come, and what that asked for in turn."""
        deadline, quiet = time.monotonic() + MOST_SECONDS, 0
        while quiet < 3 and time.monotonic() < deadline:
            page.wait_for_timeout(30)
            quiet = 0 if self._urls.keys() - self._sizes.keys() else quiet + 1
        assert quiet == 3, f"still loading: {[self._urls[key] for key in self._urls.keys() - self._sizes.keys()]}"

    @property
    def bytes(self):
        return int(sum(self._sizes.values()))

    @property
    def requests(self):
        return sum(not url.startswith("data:") for url in self._urls.values())

    def heaviest(self):
        return ", ".join(
            f"{self._urls[key]} {size:,.0f}" for key, size in sorted(self._sizes.items(), key=lambda x: -x[1])
        )
