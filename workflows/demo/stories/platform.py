"""What the platform team asked for: keys the ERP and the payment provider cannot give up, certificates."""

from dataclasses import replace

from exceptions_app.models import Trigger
from workflows.demo.scene import Ask, Guard, Opens
from workflows.demo.script import (
    Story,
    accept_backup,
    ago,
    approve,
    ask_for_changes,
    changed,
    hours_ago,
    link,
    submit,
    verify,
)

ERP_KEY = Ask(
    title="ERP sync keeps its static key until the vendor's patch",
    control="NHI-ROT-01",
    identity="svc-erp-sync",
    blocked="The quarterly rotation on the vault stopped the nightly sync: the ERP connector reads "
    "its key once, when the "
    "vendor's service starts, and the vendor restarts it only in the monthly window.",
    normal_path="Rotation needs the connector to read the key at run time. That comes with connector "
    "5.2, which the vendor "
    "has promised for its November window.",
    why="Without the sync 1,400 orders a night are typed by hand, and invoices leave two days late.",
    if_changed="If the key is seen outside 10.4.0.0/16, or the vendor moves the patch, rotate at "
    "once and run the sync by hand.",
    exit_plan="Install connector 5.2, switch it to workload identity, delete the key, remove the vault path.",
    mended_in=20,
    opens=(Opens("erp", "read", "kv/prod/erp/sync", "10.4.0.0/16", "Only the connector's two hosts read it."),),
    guards=(
        Guard(
            "network",
            "The vault answers for this path to nobody else.",
            details={"networks": ["10.4.12.21/32", "10.4.12.22/32"]},
        ),
        Guard("monitoring", "An alert to the on-call engineer for every read outside 01:00-04:00.", required=False),
    ),
    likelihood=2,
    impact=4,
    days=30,
)

TRACK_TLS = Ask(
    title="Carrier certificate renewed by hand",
    control="NHI-CRT-01",
    identity="trackhub-tls",
    blocked="Automatic renewal of the mutual TLS certificate: two of eleven carriers pin the "
    "certificate itself, not the "
    "authority, and refuse a new one until their own change board has met.",
    normal_path="Pinning the authority instead. Nine carriers have switched; Hansa Linehaul and Bottnia Rail have not.",
    why="A refused certificate stops tracking for a third of all shipments, with penalties from the second hour.",
    if_changed="If the private key may have been exposed, revoke at once; the two carriers fall back "
    "to the hourly file.",
    exit_plan="Both carriers pin the authority by contract change; then the renewal job takes this certificate in.",
    mended_in=60,
    opens=(Opens("track", "present renew", "tls/carriers/track-and-trace"),),
    guards=(
        Guard("monitoring", "A probe from outside checks the end date every hour and pages 21 days before it."),
        Guard("isolation", "The private key stays in the load balancer's hardware module and cannot be exported."),
    ),
    likelihood=2,
    impact=3,
    days=90,
)

STORIES = [
    Story(
        "erp-key",
        "alice",
        ago(48, "09:20"),
        ERP_KEY,
        owner="greta",
        acts=(
            link(ago(48, "09:40"), "Vendor case 88412: key is read at start only", "https://support.example.com/88412"),
            submit(ago(48, "09:55")),
            approve(
                ago(47, "08:30"),
                "bob",
                "A stolen key could read orders and prices until the next rotation. Two hosts only, "
                "and we would see it.",
                "Head of platform security",
            ),
            verify(
                ago(46, "14:10"), "jonas", 0, "Read from 10.4.12.30 refused (403), from .21 and .22 allowed. Rule 2207."
            ),
        ),
    ),
    Story(
        "erp-key-renewed",
        "alice",
        ago(22, "13:05"),
        replace(ERP_KEY, title="ERP sync keeps its static key, second month"),
        renews="erp-key",
        owner="greta",
        extra={
            "what_changed": "Nothing in its use: the sync reads the same key from the same two hosts.",
            "exit_progress": "Connector 5.2 slipped past the end of last month; the vendor names a date now.",
            "why_still": "Orders stop flowing within the hour if the sync cannot read its key.",
        },
        acts=(
            submit(ago(20, "14:00")),
            verify(
                ago(20, "15:30"),
                "jonas",
                0,
                "Same rule 2207, tried again from .30 and from the office: refused both times.",
            ),
            approve(
                ago(19, "11:05"),
                "bob",
                "Same risk as last month, and the patch has a date. I will not accept a third month without it.",
                "Head of platform security",
            ),
            changed(
                hours_ago(15),
                "greta",
                Trigger.FIX_AVAILABLE,
                "Connector 5.2 is out since yesterday; whether it runs beside our month-end is tested this week.",
            ),
        ),
    ),
    Story(
        "track-tls",
        "alice",
        ago(86, "10:15"),
        TRACK_TLS,
        owner="elin",
        backup="lars",
        acts=(
            accept_backup(ago(86, "11:00"), "lars"),
            submit(ago(86, "11:30")),
            verify(
                ago(85, "09:10"), "jonas", 0, "Saw the probe fire against a test certificate 20 days before its end."
            ),
            verify(ago(85, "09:25"), "jonas", 1, "Export refused by the module; attestation filed with the change."),
            approve(
                ago(84, "13:00"),
                "jonas",
                "A missed renewal stops tracking for some hours. The probe gives us three weeks to act.",
                "Cloud security architect",
            ),
        ),
    ),
    Story(
        "track-tls-renewed",
        "alice",
        ago(10, "09:45"),
        replace(
            TRACK_TLS,
            title="Carrier certificate renewed by hand: Bottnia Rail only",
            blocked="Automatic renewal: Hansa Linehaul has switched, Bottnia Rail still pins the certificate itself.",
            days=60,
        ),
        renews="track-tls",
        owner="elin",
        extra={
            "what_changed": "One carrier instead of two: Hansa Linehaul has switched to automatic renewal.",
            "exit_progress": "Hansa is done. Bottnia Rail has the change in its contract from next quarter on.",
            "why_still": "Bottnia's gateway refuses any certificate it has not pinned by hand.",
        },
        acts=(
            submit(ago(10, "10:10")),
            verify(
                ago(9, "10:00"), "bob", 0, "Probe's last alarm test ran on Monday; the page reached the on-call phone."
            ),
            verify(ago(9, "10:20"), "bob", 1, "Same module, same key; nothing exported since (module log, 90 days)."),
            approve(
                ago(8, "14:20"),
                "bob",
                "One carrier left, and it shrinks. Accepted to the end of their contract change.",
                "Head of platform security",
            ),
        ),
    ),
    Story(
        "payments-token",
        "alice",
        ago(5, "10:00"),
        Ask(
            title="Payment notifications sign in with a static key",
            control="NHI-WID-01",
            identity="payments-webhook",
            blocked="The payment provider's new endpoint cannot exchange our workload token; it "
            "wants a key in a header.",
            normal_path="Federation with the provider is on their list for the second quarter.",
            why="The old endpoint is switched off at the end of the month. Without notifications, "
            "paid freight is not released.",
            if_changed="If the provider reports misuse, or the header appears in any log of ours: "
            "rotate and tell the acquirer.",
            exit_plan="Move to the provider's federation as soon as it is offered; ticket PAY-2231 holds the work.",
            mended_in=100,
            opens=(Opens("payments", "receive acknowledge", "webhooks/betala/notifications", "193.45.6.0/26"),),
            guards=(
                Guard("network", "The gateway accepts these calls only from the provider's published range."),
                Guard(
                    "rotation",
                    "The vault does it, with an overlap of one hour.",
                    details={"every": 14, "unit": "days"},
                ),
            ),
            likelihood=2,
            impact=4,
            days=30,
        ),
        backup="farid",
        acts=(
            link(
                ago(5, "10:20"), "PAY-2231 Federation with Betala Nordic", "https://tickets.norrsken.example/PAY-2231"
            ),
            accept_backup(ago(5, "11:15"), "farid"),
            submit(ago(5, "11:40")),
            verify(
                ago(4, "09:30"), "bob", 0, "Gateway rule 881 holds the /26; a call from our own test host was refused."
            ),
            approve(
                ago(4, "10:20"),
                "bob",
                "A copied key could fake 'paid' from inside the provider's range only. Accepted.",
                "Head of platform security",
            ),
        ),
    ),
    Story(
        "payment-signatures",
        "alice",
        ago(4, "14:00"),
        Ask(
            title="Payment notifications accepted without a time in the signature",
            control="NHI-WHK-01",
            identity="payments-webhook",
            blocked="Our gateway refuses the provider's notifications: they sign the body, but not the time.",
            normal_path="The provider adds the time to its signature with version 3 of its API.",
            why="Until then every notification is refused, and paid freight stays at the gate.",
            if_changed="If a replayed notification is ever seen, refuse them all and release freight by hand.",
            exit_plan="Version 3 in the spring.",
            mended_in=120,
            opens=(Opens("payments", "receive", "webhooks/betala/*"),),
            guards=(
                Guard("manual_review", "Finance compares payments with notifications every morning.", required=False),
            ),
            likelihood=2,
            impact=3,
            days=30,
        ),
        acts=(
            submit(ago(4, "14:25")),
            ask_for_changes(
                ago(3, "09:50"),
                "bob",
                "A morning check does not stop a replay at noon. Keep the identifiers of "
                "what was received and refuse a second one; then ask again, for one path instead of the wildcard.",
            ),
        ),
    ),
]
