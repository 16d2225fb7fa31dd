"""What was asked about third parties, pipelines' tokens, backups, and by the security team itself."""

from datetime import timedelta

from exceptions_app.models import Trigger
from workflows.demo.scene import Ask, Guard, Opens
from workflows.demo.script import (
    Story,
    accept_backup,
    ago,
    approve,
    changed,
    confirm,
    fail,
    hours_ago,
    revoke,
    submit,
    verify,
    withdraw,
)

STORIES = [
    Story(
        "routeplan",
        "greta",
        ago(60, "09:15"),
        Ask(
            title="RoutePlan add-in before its yearly review",
            control="NHI-OAU-01",
            identity="oauth-routeplan",
            blocked="The tenant withdrew the add-in's consent: its yearly review is overdue.",
            normal_path="The review needs the vendor's new audit report, due in seven weeks.",
            why="Planners see lorries and calendars in one place; without it, two screens and double bookings.",
            if_changed="If the vendor reports an incident or asks for another scope, withdraw consent the same hour.",
            exit_plan="Review with the new report, then consent for a year, or the end of the add-in.",
            mended_in=7,
            opens=(Opens("office", "read", "calendars/planners/*", "", "Scope Calendars.Read for 12 named planners."),),
            guards=(
                Guard("least_privilege", "Consent for twelve named calendars instead of the tenant."),
                Guard("monitoring", "The tenant's log of the add-in is read weekly.", required=False),
            ),
            likelihood=2,
            impact=4,
            days=62,
        ),
        backup="nadia",
        acts=(
            accept_backup(ago(60, "10:00"), "nadia"),
            submit(ago(60, "10:30")),
            verify(ago(58, "09:00"), "karin", 0, "Consent lists twelve calendars; a thirteenth was refused."),
            approve(
                ago(58, "14:00"),
                "karin",
                "The vendor could read twelve planners' calendars. No mail, no files, and an old "
                "report that was clean.",
                "Identity governance lead",
            ),
        ),
    ),
    Story(
        "roomfinder",
        "greta",
        ago(67, "13:10"),
        Ask(
            title="Roomfinder reads all calendars until it can read rooms only",
            control="NHI-OAU-01",
            identity="oauth-roomfinder",
            blocked="The app asks for every calendar; the review allows rooms only.",
            normal_path="The vendor's narrower scope is in its test group.",
            why="Meeting rooms in Luleå are booked twice several times a week.",
            if_changed="Any incident at the vendor: withdraw consent at once.",
            exit_plan="Switch to the narrower scope when it leaves the test group.",
            mended_in=20,
            opens=(Opens("office", "read", "calendars/*"),),
            guards=(Guard("monitoring", "Reads outside room calendars raise an alert.", required=False),),
            likelihood=3,
            impact=3,
            days=80,
        ),
        acts=(
            submit(ago(67, "13:40")),
            approve(
                ago(65, "09:20"),
                "jonas",
                "A vendor with every calendar is more than I like; for eighty days and with the alert I accept it.",
                "Cloud security architect",
            ),
            revoke(
                ago(31, "08:05"),
                "karin",
                "The vendor reports stolen refresh tokens of an unknown number of customers. We do "
                "not wait for the number.",
            ),
            confirm(
                ago(30, "10:30"),
                "jonas",
                0,
                "Consent withdrawn, refresh tokens revoked, client secret deleted. A call got 401.",
            ),
        ),
    ),
    Story(
        "nightly-token",
        "lars",
        ago(9, "09:00"),
        Ask(
            title="Personal token found in the nightly build",
            control="NHI-CIP-01",
            identity="nightly-build",
            blocked="Nothing was blocked: a review of pipeline settings found a former colleague's "
            "personal token in use.",
            normal_path="Federation works for the registry; the package mirror cannot accept it before its upgrade.",
            why="Taking the token out today stops the nightly build and with it every release.",
            if_changed="If the token is used from anywhere but the build network, revoke it and live "
            "without the build.",
            exit_plan="The mirror's upgrade on the 12th; then federation, and the token goes.",
            mended_in=25,
            opens=(Opens("build", "read", "packages/mirror/*", "10.8.32.0/24"),),
            guards=(
                Guard("network", "The mirror accepts this token only from the build network."),
                Guard(
                    "rotation", "Replaced now by a token of a service account, and again every week.", required=False
                ),
            ),
            likelihood=3,
            impact=4,
            days=30,
        ),
        extra={
            "kind": "retrospective",
            "exposed_from_at": lambda now: now - timedelta(days=96),
            "incident_ref": "SEC-417",
        },
        acts=(
            submit(ago(8, "10:40")),
            verify(
                ago(8, "11:30"), "jonas", 0, "Used the token from the office: refused. From a build host: accepted."
            ),
            approve(
                ago(7, "09:05"),
                "bob",
                "It was exposed for three months, which this does not undo: SEC-417 looks at that. "
                "From today it is fenced in.",
                "Head of platform security",
            ),
            changed(
                hours_ago(20), "lars", Trigger.TICKET_CLOSED, "SEC-417 is closed: nobody used the token from outside."
            ),
        ),
    ),
    Story(
        "backup-log",
        "oskar",
        ago(38, "08:15"),
        Ask(
            title="Backup runner's log arrives hourly",
            control="NHI-LOG-01",
            identity="backup-runner",
            blocked="The control wants entries within five minutes; the second site's link carries them once an hour.",
            normal_path="The second link is ordered and laid by the end of January.",
            why="Without the second site's backups the insurer's terms are not met.",
            if_changed="If a batch of entries is missing or out of order, someone reads the second site's log by hand.",
            exit_plan="The second link carries logs as they happen.",
            mended_in=80,
            opens=(Opens("build", "copy", "backup/second-site/*", "10.90.0.0/24"),),
            guards=(
                Guard("monitoring", "An hour without a batch pages the on-call."),
                Guard("logging", "Batches are signed."),
            ),
            likelihood=2,
            impact=3,
            days=90,
        ),
        backup="lars",
        acts=(
            accept_backup(ago(38, "09:00"), "lars"),
            submit(ago(38, "09:30")),
            verify(ago(36, "10:00"), "jonas", 0, "Held a batch back: paged after 61 minutes."),
            verify(ago(36, "10:15"), "jonas", 1, "Changed one line of a batch: its signature was refused."),
            approve(
                ago(36, "14:00"),
                "jonas",
                "We would see misuse of the runner up to an hour late. What it can do is write backups.",
                "Cloud security architect",
            ),
            fail(
                hours_ago(15),
                "lars",
                0,
                "Held a batch back as a drill: nobody was paged. The rule was lost when the pager moved house.",
            ),
        ),
    ),
    Story(
        "vault-hardware",
        "jonas",
        hours_ago(9),
        Ask(
            title="Consultants sign in to the vault with one-time codes for two weeks",
            control="NHI-MFA-01",
            identity="vault-consultants",
            blocked="The vault's console demands a security key; the consultants' keys are held at the border.",
            normal_path="Their keys arrive with the next delivery, in about ten days.",
            why="The old hardware modules lose their certification at the end of the month; the move has to begin now.",
            if_changed="If a consultant is replaced, or a sign-in comes from outside the office, "
            "close all three accounts.",
            exit_plan="Hand out the keys when they arrive and switch codes off again.",
            mended_in=14,
            opens=(
                Opens(
                    "vault", "migrate", "hsm/partitions/*", "10.2.0.0/26", "In the office, with one of us beside them."
                ),
            ),
            guards=(
                Guard("network", "The console answers them only from the migration room."),
                Guard("manual_review", "One of the platform team sits beside every session."),
            ),
            likelihood=2,
            impact=5,
            days=12,
        ),
        owner="karin",
        acts=(submit(hours_ago(8)),),
    ),
    Story(
        "signing-copy",
        "lars",
        ago(16, "10:00"),
        Ask(
            title="Copy of the signing key on a build host while the module is repaired",
            control="NHI-SGN-01",
            identity="release-signer",
            blocked="The hardware module is out for repair; nothing can be signed.",
            normal_path="The spare module is at the second site, but its firmware is too old for our key.",
            why="A fix for the scanners waits for its signature.",
            if_changed="Any sign of a visitor on the build host: revoke the certificate and tell the halls.",
            exit_plan="The module comes back in a week.",
            mended_in=5,
            opens=(Opens("build", "sign", "release/scanner-app"),),
            guards=(
                Guard("isolation", "The host has no network but the release store."),
                Guard("approval", "Two people a signature."),
            ),
            likelihood=3,
            impact=5,
            days=7,
        ),
        acts=(
            submit(ago(16, "10:25")),
            withdraw(
                ago(16, "15:30"),
                "lars",
                "The spare's firmware could be raised after all; we sign at the second site.",
            ),
        ),
    ),
]
