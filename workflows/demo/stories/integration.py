"""What the integration team asked for: customs, carriers and their keys."""

from datetime import timedelta

from workflows.demo.scene import Ask, Guard, Opens
from workflows.demo.script import (
    Story,
    accept_backup,
    ago,
    approve,
    hours_ago,
    resume,
    submit,
    suspend,
    verify,
)

STORIES = [
    Story(
        "customs-network",
        "farid",
        ago(43, "10:05"),
        Ask(
            title="Customs broker calls from changing addresses",
            control="NHI-NET-01",
            identity="customs-edi",
            blocked="The gateway refuses the broker's calls: since it moved to another cloud its "
            "addresses change daily.",
            normal_path="A fixed address costs the broker a contract change, agreed for January.",
            why="Each hour without declarations holds 30 trucks at Svinesund.",
            if_changed="On any declaration we did not order: close the gateway to the broker and file by hand.",
            exit_plan="The broker's fixed addresses go into the gateway; the wide range goes out.",
            mended_in=75,
            opens=(
                Opens(
                    "customs",
                    "submit query",
                    "declarations/no/*",
                    "20.50.0.0/16",
                    "Only the broker's client certificate.",
                ),
            ),
            guards=(
                Guard(
                    "monitoring",
                    "Every declaration is matched with an order within five minutes, else on-call is paged.",
                ),
                Guard(
                    "rotation",
                    "The key is rotated weekly instead of quarterly.",
                    required=False,
                    details={"every": 7, "unit": "days"},
                ),
            ),
            likelihood=3,
            impact=3,
            days=90,
        ),
        backup="nadia",
        acts=(
            accept_backup(ago(43, "13:00"), "nadia"),
            submit(ago(42, "09:15")),
            approve(
                ago(41, "10:10"),
                "bob",
                "A /16 is 65,000 addresses that are not ours. The certificate narrows it, the "
                "matching catches the rest.",
                "Head of platform security",
            ),
            verify(
                ago(40, "14:45"),
                "jonas",
                0,
                "Sent a declaration without an order in the lab: paged after three minutes.",
            ),
            verify(hours_ago(738), "jonas", 0, "The same drill again: paged after four minutes."),
            verify(hours_ago(737.5), "bob", 1, "Read the dates of the last four keys: weekly, as agreed."),
            suspend(
                ago(13, "16:20"),
                "bob",
                "Two declarations without an order this afternoon. Closed until the broker explains them.",
            ),
            resume(
                ago(12, "11:30"),
                "jonas",
                "They were the broker's own tests, sent to production by mistake; its test account is now blocked. "
                "Matching worked within five minutes both times.",
            ),
        ),
    ),
    Story(
        "customs-key-end",
        "farid",
        ago(51, "09:30"),
        Ask(
            title="Second customs key without an end date",
            control="NHI-API-01",
            identity="customs-edi",
            blocked="Our key service issues no key without an end; the broker's form has no field for one.",
            normal_path="The broker adds the field with its next form, four weeks away.",
            why="Norwegian customs split import and export; export needs a key of its own from the first of the month.",
            if_changed="If the key is used for anything but export declarations, revoke it.",
            exit_plan="Re-issue the key with an end once the form has the field.",
            mended_in=-15,
            opens=(Opens("customs", "submit", "declarations/no/export/*", "20.50.0.0/16"),),
            guards=(Guard("manual_review", "The key's uses are read every Friday and signed off.", required=False),),
            likelihood=2,
            impact=3,
            days=30,
        ),
        acts=(
            submit(ago(51, "09:50")),
            approve(
                ago(49, "10:00"),
                "jonas",
                "One key for one operation, four weeks, read weekly. The end lives in Stopgap instead of in the key.",
                "Cloud security architect",
            ),
        ),
    ),
    Story(
        "carrier-rates",
        "farid",
        hours_ago(116),
        Ask(
            title="One rates key for three carriers on staging",
            control="NHI-API-01",
            identity="carrier-rates",
            blocked="Keys name one consumer; the rates job asks three carriers through one broker "
            "and needs one key for all.",
            normal_path="Three keys, once the broker's client can hold more than one (its version 7, in six weeks).",
            why="Price lists for the spring tender have to be compared by the end of the month.",
            if_changed="If one of the carriers leaves the broker, the key is replaced by two.",
            exit_plan="Version 7 of the client, then three keys with an end each.",
            mended_in=50,
            opens=(Opens("staging", "read", "rates/carriers/*", "10.20.0.0/24"),),
            guards=(Guard("least_privilege", "The key reads price lists and nothing else; booking is refused."),),
            likelihood=2,
            impact=3,
            days=45,
        ),
        owner="elin",
        acts=(submit(hours_ago(115)),),
    ),
    Story(
        "forecast-wildcard",
        "ines",
        hours_ago(80),
        Ask(
            title="Forecast export reads all of the shipment area",
            control="NHI-LPR-01",
            identity="svc-datalake-export",
            blocked="The lake grants by table; the new forecast joins 64 tables whose names change "
            "with each model run.",
            normal_path="Grants by tag, which the lake's next release brings.",
            why="The December plan needs the new forecast; the old one misses by 18 percent in peak weeks.",
            if_changed="If a table with personal data appears in the area, this ends the same day.",
            exit_plan="Tag the 64 tables, grant by tag, drop the wildcard.",
            mended_in=70,
            opens=(
                Opens("lake", "read", "lake/shipments/*", "", "Jobs of the forecast project only."),
                Opens("lake", "write", "lake/forecasts/daily"),
            ),
            guards=(
                Guard("monitoring", "A daily job lists new tables in the area and their classification."),
                Guard(
                    "time_window",
                    "The identity is disabled outside these hours.",
                    details={"days": "all", "from": "02:00", "until": "05:00", "zone": "Europe/Stockholm"},
                ),
            ),
            likelihood=3,
            impact=3,
            days=60,
        ),
        backup="alice",
        acts=(submit(hours_ago(71)),),
    ),
    Story(
        "lake-migration",
        "ines",
        ago(4, "08:40"),
        Ask(
            title="Administrator on the lake for the migration weekend",
            control="NHI-JIT-01",
            identity="svc-datalake-export",
            blocked="Elevation lasts eight hours; copying 40 terabytes takes about 50.",
            normal_path="Elevating seven times by hand through the weekend, with a gap in the copy each time.",
            why="The old storage is switched off on Monday by its vendor.",
            if_changed="If the copy has not reached half by Saturday noon, stop and give the role back.",
            exit_plan="The role ends with the copy; its removal is the last line of the runbook.",
            mended_in=9,
            opens=(Opens("lake", "admin", "lake/storage/*", "10.30.4.0/28", "Runbook MIG-7 only."),),
            guards=(
                Guard("logging", "Every administrative call is recorded outside the lake's own account."),
                Guard("approval", "An engineer is present and confirms each phase of the runbook.", required=False),
            ),
            likelihood=2,
            impact=4,
            days=3,
        ),
        acts=(
            submit(ago(4, "09:00")),
            verify(
                ago(3, "10:20"), "bob", 0, "Made a harmless change: it was in the other account's log within a minute."
            ),
            approve(
                ago(2, "09:30"),
                "jonas",
                "Fifty hours of administrator on pseudonymised data, watched and on rails. Better than seven gaps.",
                "Cloud security architect",
            ),
        ),
        extra={"planned_start_at": lambda now: now + timedelta(days=4), "change_ref": "CHG-10482"},
    ),
]
