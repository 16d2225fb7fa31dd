"""What the warehouse asked for: printers and scanners that outlive every standard."""

from workflows.demo.scene import Ask, Guard, Opens
from workflows.demo.script import Story, ago, approve, complete, confirm, submit, verify

STORIES = [
    Story(
        "label-printers",
        "nadia",
        ago(29, "07:50"),
        Ask(
            title="Label printers keep their password in a file",
            control="NHI-VLT-01",
            identity="svc-wms-labels",
            blocked="The scanner for secrets found the print server's password in printers.conf and "
            "opened an incident.",
            normal_path="The print server's vendor supports the vault from version 12; we run 9, and "
            "12 needs new printers.",
            why="Without labels no parcel leaves the hall: 14 gates, 22,000 parcels a day.",
            if_changed="If anyone signs in with this account from elsewhere, change the password and print by hand.",
            exit_plan="New printers arrive in two batches; with the second, version 12 and the vault take over.",
            mended_in=25,
            opens=(Opens("wcs", "read", "print/jobs/*", "10.60.8.0/24", "Only from the print servers."),),
            guards=(
                Guard("network", "The account is accepted only from the print servers' /24."),
                Guard("least_privilege", "It reads print jobs and can do nothing else."),
            ),
            likelihood=3,
            impact=4,
            days=30,
        ),
        acts=(
            submit(ago(27, "08:10")),
            verify(ago(27, "09:00"), "bob", 0, "Signing in from the office network is refused and pages the on-call."),
            verify(ago(27, "09:10"), "bob", 1, "Read its role: one permission, print.jobs.read."),
            approve(
                ago(27, "13:15"),
                "bob",
                "Anyone on a print server can read the password; what they gain is print jobs. Accepted for one batch.",
                "Head of platform security",
            ),
        ),
    ),
    Story(
        "old-scanners",
        "nadia",
        ago(53, "08:20"),
        Ask(
            title="Handheld scanners sign in with certificates for five years",
            control="NHI-WID-01",
            identity="svc-legacy-scan",
            blocked="The platform refuses the scanners: their firmware of 2014 cannot fetch a token.",
            normal_path="Replacing 180 scanners, ordered, delivered in three lots until March.",
            why="The night shift in hall 2 works with these scanners only.",
            if_changed="When a scanner is lost, its certificate is revoked the same shift.",
            exit_plan="Each lot of new scanners retires the certificates of the old ones.",
            mended_in=110,
            opens=(Opens("wcs", "read report", "scan/hall-2/*", "10.60.16.0/22"),),
            guards=(
                Guard("isolation", "The scanners' network reaches the warehouse control system and nothing else."),
                Guard("manual_review", "Shift leads count the scanners at every change of shift.", required=False),
            ),
            likelihood=3,
            impact=3,
            days=90,
        ),
        owner="oskar",
        acts=(
            submit(ago(53, "08:45")),
            approve(
                ago(52, "13:20"),
                "jonas",
                "A lost scanner could send false positions until it is missed. The halls count them three times a day.",
                "Cloud security architect",
            ),
            verify(
                ago(51, "10:00"),
                "jonas",
                0,
                "From a scanner's socket only the control system answers; scanned the rest.",
            ),
        ),
    ),
    Story(
        "sync-rights",
        "greta",
        ago(27, "09:00"),
        Ask(
            title="ERP sync may also close stock counts during the inventory",
            control="NHI-LPR-01",
            identity="svc-erp-sync",
            blocked="The sync's role moves orders only; closing counts is a clerk's right.",
            normal_path="Three clerks closing 9,000 counts by hand within two nights.",
            why="The yearly inventory has a date fixed by the auditors.",
            if_changed="If a count is closed twice or with a difference above two percent, stop and "
            "take the right back.",
            exit_plan="The right is taken back when the inventory is signed.",
            mended_in=-3,
            opens=(
                Opens("erp", "close", "stock/counts/*", "10.4.12.0/24"),
                Opens("wcs", "read", "stock/positions/*", "10.4.12.0/24"),
            ),
            guards=(
                Guard("manual_review", "A clerk checks one count in fifty before the books close.", required=False),
            ),
            likelihood=3,
            impact=4,
            days=25,
        ),
        acts=(
            submit(ago(26, "13:00")),
            approve(
                ago(25, "11:00"),
                "bob",
                "Wrong counts would surface in the sample or at the yearly audit. Accepted for the inventory.",
                "Head of platform security",
            ),
            complete(ago(6, "15:30"), "greta", "The inventory is signed, a week early."),
            confirm(ago(5, "10:00"), "bob", 0, "Key rotated; the new one carries no right to close counts."),
        ),
    ),
    Story(
        "yearly-closing",
        "greta",
        ago(32, "10:30"),
        Ask(
            title="ERP closing account stays enabled all year",
            control="NHI-STL-01",
            identity="svc-erp-sync",
            blocked="The job for unused identities disables the account that closes the books once a year.",
            normal_path="Enabling it by request each December.",
            why="Last year the request came a day late.",
            if_changed="If the account signs in outside the closing weeks, disable it.",
            exit_plan="A calendar entry that enables and disables it.",
            mended_in=40,
            opens=(Opens("erp", "post", "ledger/closing/*"),),
            guards=(Guard("monitoring", "A sign-in outside December pages the owner."),),
            likelihood=1,
            impact=3,
            days=30,
        ),
        acts=(submit(ago(32, "10:45")),),
    ),
]
