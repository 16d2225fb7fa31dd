"""What was asked in the three years before: the everyday of the programme, ended long ago and confirmed gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, product

from workflows.demo.cast import IDENTITIES
from workflows.demo.scene import Ask, Guard, Opens
from workflows.demo.script import (
    Act,
    Story,
    ago,
    attest_all,
    close_out,
    complete,
    decide,
    decline,
    revoke,
    submit,
    withdraw,
)

FIRST, YEAR, STEP = 1105, 345, 7
"""Days before now: the first request, between two of the same kind, between two neighbours."""
TERM, RENEWED = 14, 10


@dataclass(frozen=True)
class Theme:
    """A kind of request that comes back: for several identities, year after year, each time on another occasion."""

    control: str
    system: str
    identities: tuple[str, ...]
    title: str
    blocked: str
    normal: str
    actions: str
    resource: str
    guard: tuple[str, str]
    seen: str
    exit_plan: str
    likelihood: int = 2
    impact: int = 2


OCCASIONS = (
    ("the spring close", "Finance closes the quarter with it."),
    ("the move to hall 3", "Hall 3 opens on a fixed day; without it the belts stand still."),
    ("the carriers' cut-over", "Four carriers change their systems in one week."),
    ("the winter peak", "The three weeks before Christmas carry a fifth of the year."),
    ("the data centre's maintenance", "The second site is down for maintenance."),
    ("the customs release", "Customs changes its interface on a date nobody here can move."),
)

THEMES = (
    Theme(
        "NHI-ROT-01",
        "vault",
        ("svc-wms-labels", "partner-sandbox", "oauth-roomfinder"),
        "{name} keeps its secret through {occasion}",
        "Rotation stopped at {name}: the receiving side takes new secrets only in its monthly window.",
        "The window is on the first Sunday; before that nobody there can take a new value.",
        "read",
        "kv/prod/{slug}/*",
        ("monitoring", "Any use of the secret from elsewhere pages the on-call within five minutes."),
        "Used it from my own machine: the page came after two minutes.",
        "In the next window the secret is replaced, and the old one refused.",
    ),
    Theme(
        "NHI-LPR-01",
        "lake",
        ("svc-datalake-export", "svc-wms-labels", "customs-edi"),
        "{name} reads one table more during {occasion}",
        "The export failed: permission denied for table shipments_raw.",
        "The narrower view is being written; its review takes a fortnight.",
        "read",
        "lake/shipments/raw/*",
        ("logging", "Every query is logged with its text and read the next morning."),
        "Ran one query and found it in the log.",
        "The view is delivered, and the grant on the table is taken away.",
    ),
    Theme(
        "NHI-NET-01",
        "wcs",
        ("svc-legacy-scan", "deploy-bot", "payments-webhook"),
        "{name} signs in from the relocation network for {occasion}",
        "The gateway refused {name}: 10.77.0.0/16 is not among its networks.",
        "The permanent network is cabled, but not yet commissioned.",
        "connect",
        "wcs/gateway",
        ("network", "Only 10.77.0.0/16 is added, and it reaches nothing but the gateway."),
        "From 10.78.0.0/16 the gateway refuses; from 10.77.0.0/16 it answers.",
        "The permanent network is commissioned; the temporary one is removed from the list.",
    ),
    Theme(
        "NHI-CRT-01",
        "track",
        ("trackhub-tls", "backup-runner", "svc-legacy-scan"),
        "{name} runs on a certificate of a year for {occasion}",
        "The issuer refuses 365 days; the device takes a certificate by hand only.",
        "Automatic renewal needs the device's next release.",
        "present",
        "track/listener",
        ("monitoring", "A probe checks the certificate's end daily and pages thirty days before."),
        "The probe's page shows the certificate and its end.",
        "The release is installed, and renewal runs by itself.",
    ),
    Theme(
        "NHI-CHG-01",
        "payments",
        ("deploy-bot", "payments-webhook", "svc-erp-sync"),
        "{name} changes production outside the window for {occasion}",
        "The pipeline stopped: no change window is open.",
        "The next window is after the date on which it has to work.",
        "deploy",
        "payments/config/*",
        ("approval", "Each run waits for a person of the platform team."),
        "A run stood still until I released it.",
        "After the date, changes go into the window again; the step is removed.",
    ),
    Theme(
        "NHI-CIP-01",
        "build",
        ("nightly-build", "release-signer", "deploy-bot"),
        "{name} holds a token of the old registry during {occasion}",
        "Publishing failed: the registry knows no workload identity.",
        "The new registry is filled in two steps; the second is a month away.",
        "push",
        "registry/releases/*",
        ("rotation", "The token is replaced every night by the pipeline itself."),
        "Yesterday's token is refused.",
        "The second step ends the old registry, and the token with it.",
    ),
    Theme(
        "NHI-API-01",
        "customs",
        ("customs-edi", "carrier-rates", "partner-sandbox"),
        "{name} keeps a key without an end for {occasion}",
        "The partner's portal issues keys without an end only.",
        "Their release with expiring keys is announced for the quarter after.",
        "read write",
        "customs/declarations/*",
        ("network", "The partner accepts the key from our two addresses only."),
        "From a third address the partner answers 403.",
        "With their release the key is replaced by one of ninety days.",
    ),
    Theme(
        "NHI-WID-01",
        "lab",
        ("partner-sandbox", "triage-agent", "backup-runner"),
        "{name} uses a static key in place of its identity for {occasion}",
        "The simulator's token service is down; only a static key gets through.",
        "The token service is rebuilt after the occasion.",
        "read",
        "lab/sim/*",
        ("isolation", "The simulator reaches nothing but itself."),
        "A call from it to the vault is refused.",
        "The token service is back, and the key is deleted.",
    ),
    Theme(
        "NHI-AGT-01",
        "staging",
        ("triage-agent", "dispatch-copilot"),
        "{name} tries one tool more during {occasion}",
        "The gateway refused the tool “close_ticket”: it is not on the agent's list.",
        "The tool's review is due in three weeks.",
        "call",
        "tools/close-ticket",
        ("approval", "A person confirms each call in the chat."),
        "The call waited until I confirmed it.",
        "After its review the tool is on the list, or the agent goes without it.",
    ),
    Theme(
        "NHI-OAU-01",
        "office",
        ("oauth-roomfinder", "oauth-routeplan"),
        "{name} reads shared calendars during {occasion}",
        "Consent was refused: the scope Calendars.Read.Shared is not reviewed.",
        "The vendor's review needs its new audit report.",
        "read",
        "calendars/shared/*",
        ("monitoring", "Each calendar read is reported weekly to the identity team."),
        "The weekly report lists the calendars it read.",
        "The review is done, or consent is withdrawn.",
    ),
    Theme(
        "NHI-STL-01",
        "staging",
        ("carrier-rates", "svc-datalake-export", "triage-agent"),
        "{name} stays although unused until {occasion}",
        "The clean-up would remove it: no use in ninety days.",
        "It is needed again on a fixed day, and setting it up anew takes the partner a month.",
        "sign-in",
        "staging/partner",
        ("logging", "A sign-in before that day is reported the same hour."),
        "A test sign-in was reported within the hour.",
        "It is used on the day, or removed the week after.",
    ),
    Theme(
        "NHI-LOG-01",
        "erp",
        ("svc-erp-sync", "payments-webhook", "oauth-routeplan"),
        "{name} runs without call records during {occasion}",
        "Call records fill the disk; the vendor's fix is not here yet.",
        "The records go to the new store once its disks are delivered.",
        "read write",
        "erp/orders/*",
        ("manual_review", "Two people read the vendor's own journal every morning."),
        "The journal of today bears two initials.",
        "The disks are in; records are on again and the gap is noted.",
    ),
)


def _stories() -> Iterator[Story]:
    number = count()
    for year, (position, theme) in product(range(3), enumerate(THEMES)):
        for place, slug in enumerate(theme.identities):
            days = FIRST - year * YEAR - (position * 3 + place) * STEP
            turn = next(number)
            occasion = OCCASIONS[(turn + year) % len(OCCASIONS)]
            yield from _told(f"archive-{turn}", theme, slug, occasion, days, turn)


def _told(key: str, theme: Theme, slug: str, occasion: tuple[str, str], days: int, turn: int) -> Iterator[Story]:
    name, owner = IDENTITIES[slug][0], IDENTITIES[slug][2]
    ask = _ask(theme, slug, name, occasion, days, TERM)
    outcome = turn % 11
    yield Story(
        key, owner, ago(days, f"{8 + turn % 8:02}:{turn * 7 % 60:02}"), ask, (*_acts(theme, owner, days, outcome),)
    )
    if outcome == 3:
        yield _renewal(key, theme, slug, occasion, days)


def _acts(theme: Theme, owner: str, days: int, outcome: int) -> Iterator[Act]:
    yield submit(ago(days - 1, "09:10"))  # what is decided the same day is so on any weekday
    if outcome == 0:
        yield decline(ago(days - 1, "14:20"), "The normal way is open again before this could start.")
        return
    if outcome == 1:
        yield withdraw(ago(days - 1, "11:05"), owner, "Solved without it.")
        return
    if outcome == 2:
        return  # nobody answers, and it lapses
    yield attest_all(ago(days - 1, "13:40"), theme.seen)
    yield decide(ago(days - 1, "15:15"), "Short, narrow and watched: I accept it for the term asked.")
    if outcome == 4:
        yield revoke(ago(days - 7, "16:30"), owner, "Used from a place nobody knew: taken back the same hour.")
    elif outcome in {5, 6}:
        yield complete(ago(days - 9, "14:00"), owner, "Done earlier than planned.")
    if outcome != 3:
        yield close_out(ago(days - 2 - TERM - 3, "10:30"), "The old way is refused.")


def _renewal(key: str, theme: Theme, slug: str, occasion: tuple[str, str], days: int) -> Story:
    """It took longer: asked again before the end, handed over without a gap, closed out at its own end."""
    name, owner = IDENTITIES[slug][0], IDENTITIES[slug][2]
    return Story(
        f"{key}-again",
        owner,
        ago(days - 9, "09:30"),
        _ask(theme, slug, name, occasion, days, RENEWED),
        (
            submit(ago(days - 9, "10:30")),
            attest_all(ago(days - 9, "13:20"), theme.seen),
            decide(ago(days - 9, "15:45"), "Ten days more, because the date moved. Not a third time."),
            close_out(ago(days - 2 - TERM - RENEWED - 3, "10:30"), "The old way is refused."),
        ),
        renews=key,
        extra={
            "what_changed": "The date moved, nothing else: same use, same safeguard.",
            "exit_progress": "What replaces it is built and tested; its release was put off by ten days.",
            "why_still": "Until that release there is no other way.",
        },
    )


def _ask(theme: Theme, slug: str, name: str, occasion: tuple[str, str], days: int, term: int) -> Ask:
    words = {"name": name, "slug": slug, "occasion": occasion[0]}
    kind, description = theme.guard
    return Ask(
        title=theme.title.format(**words),
        control=theme.control,
        identity=slug,
        blocked=theme.blocked.format(**words),
        normal_path=theme.normal,
        why=occasion[1],
        if_changed="If the safeguard fails, or the date moves, it is taken back and asked anew.",
        exit_plan=theme.exit_plan,
        mended_in=60 - days,
        opens=(Opens(theme.system, theme.actions, theme.resource.format(**words)),),
        guards=(Guard(kind, description),),
        likelihood=theme.likelihood,
        impact=theme.impact,
        days=term,
    )


STORIES = list(_stories())
