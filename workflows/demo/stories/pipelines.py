"""What the platform team asked for its pipelines and tests."""

from workflows.demo.scene import Ask, Guard, Opens
from workflows.demo.script import (
    Story,
    ago,
    amend,
    approve,
    complete,
    confirm,
    hours_ago,
    submit,
    verify,
)

STORIES = [
    Story(
        "peak-deploys",
        "lars",
        ago(23, "08:30"),
        Ask(
            title="Hotfixes outside the change window during peak season",
            control="NHI-CHG-01",
            identity="deploy-bot",
            blocked="The platform refuses writes outside Tuesday and Thursday 05:00-07:00.",
            normal_path="The emergency procedure exists, but takes 90 minutes and wakes two "
            "managers; in peak season we used "
            "it nine times in a fortnight.",
            why="A broken label run at noon stops 14 gates. The fix is usually one line and ready in ten minutes.",
            if_changed="Two failed rollouts in a week, or any rollout without a second reviewer: suspend this.",
            exit_plan="Progressive delivery makes a window unnecessary; it goes live for the first "
            "three services in January.",
            mended_in=45,
            opens=(Opens("track", "deploy rollback", "cluster/prod/track/*", "", "Changes of at most one service."),),
            guards=(
                Guard("approval", "Each rollout needs a second engineer's approval in the pipeline."),
                Guard("logging", "Every rollout is posted to #releases with its diff.", required=False),
            ),
            likelihood=2,
            impact=3,
            days=45,
        ),
        acts=(
            submit(ago(23, "08:55")),
            approve(
                ago(22, "10:40"),
                "bob",
                "More changes at busy hours, each small and seen by two. I accept some downtime.",
                "Head of platform security",
            ),
            verify(ago(21, "09:30"), "jonas", 0, "Tried a rollout with one approval: the pipeline stopped it."),
        ),
    ),
    Story(
        "cluster-upgrade",
        "lars",
        ago(35, "09:00"),
        Ask(
            title="Cluster administrator for the deployment pipeline during the upgrade",
            control="NHI-LPR-01",
            identity="deploy-bot",
            blocked="The upgrade to 1.34 replaces admission policies, which the pipeline's own role may not touch.",
            normal_path="Doing it by hand with break-glass accounts: 11 clusters, two people, and no "
            "record of each step.",
            why="The old version leaves support on the 30th; two of its open faults are rated 8 and above.",
            if_changed="If a cluster fails to come back, take the role away and restore by hand.",
            exit_plan="The role binding is removed by the last step of the upgrade itself.",
            mended_in=-20,
            opens=(
                Opens(
                    "build",
                    "admin",
                    "cluster/prod/*",
                    "10.8.0.0/24",
                    "Only the upgrade pipeline, only its main branch.",
                ),
            ),
            guards=(
                Guard("approval", "Each cluster is started by a person."),
                Guard("logging", "Audit log level RequestResponse."),
            ),
            likelihood=3,
            impact=4,
            days=7,
        ),
        acts=(
            submit(ago(35, "10:40")),
            approve(
                ago(34, "09:10"),
                "jonas",
                "For a week a changed pipeline file could own every cluster. Branch rules hold it.",
                "Cloud security architect",
            ),
            verify(ago(33, "08:20"), "jonas", 0, "Watched the first start: waits for a person, and names them."),
            verify(ago(33, "08:40"), "jonas", 1, "Read back the audit policy of all 11 clusters."),
            complete(ago(29, "16:05"), "lars", "All clusters run 1.34, two days early."),
            confirm(
                ago(28, "09:15"),
                "jonas",
                0,
                "ClusterRoleBinding upgrade-admin is gone from all 11; a test call was refused.",
            ),
        ),
    ),
    Story(
        "portal-load",
        "alice",
        ago(73, "13:00"),
        Ask(
            title="Load test writes with the export identity on staging",
            control="NHI-ENV-01",
            identity="svc-datalake-export",
            credential="workload_identity_token",
            blocked="Staging refuses the production identity, and the load test replays real traffic shapes with it.",
            normal_path="An identity of its own for the load test; the generator could not take a "
            "second one until its next release.",
            why="The portal has to carry three times the traffic of last year before the Christmas weeks.",
            if_changed="Any real shipment seen on staging: stop, wipe staging, remove the trust.",
            exit_plan="The generator's next release brings identities per environment.",
            mended_in=-50,
            opens=(Opens("staging", "write", "portal/staging/shipments/*"),),
            guards=(Guard("isolation", "Staging has no route to production; the test data is invented."),),
            likelihood=2,
            impact=2,
            days=14,
        ),
        acts=(
            submit(ago(73, "13:30")),
            verify(
                ago(72, "10:00"), "bob", 0, "No route from the staging network to 10.4.0.0/14: traced from two hosts."
            ),
            approve(
                ago(71, "11:10"),
                "bob",
                "Little to lose on staging; the trust must go afterwards.",
                "Head of platform security",
            ),
            confirm(
                ago(52, "09:40"), "jonas", 0, "Trust policy removed; the token of the last run expired an hour later."
            ),
        ),
    ),
    Story(
        "portal-load-again",
        "alice",
        hours_ago(27),
        duplicates="portal-load",
    ),
    Story(
        "scan-history",
        "alice",
        ago(2, "09:10"),
        Ask(
            title="Old test keys stay in the history of the nightly build",
            control="NHI-COD-01",
            identity="nightly-build",
            blocked="The weekly scan blocks the build: 31 keys in commits of 2019, all revoked then.",
            normal_path="Rewriting history breaks 240 forks and the signatures of 80 releases.",
            why="The build is blocked every week until someone presses on; that teaches everybody to press on.",
            if_changed="If the scan finds a key that still works, this ends and the key is revoked within four hours.",
            exit_plan="The scanner's next version keeps an allow list by digest; then the 31 are listed and this ends.",
            mended_in=40,
            opens=(Opens("build", "read", "repos/platform/*"),),
            guards=(
                Guard(
                    "manual_review", "Each of the 31 was tried against its service and refused; the list is attached."
                ),
                Guard("monitoring", "The scan still fails for any digest that is not among the 31."),
            ),
            likelihood=2,
            impact=2,
            days=60,
        ),
        backup="farid",
        acts=(
            submit(ago(2, "09:35")),
            amend(hours_ago(4), term_days=45),
        ),
    ),
    Story(
        "sandbox-draft",
        "alice",
        hours_ago(6),
        Ask(
            title="Sandbox key for a carrier's trial",
            control="NHI-API-01",
            identity="partner-sandbox",
            blocked="Keys without an end cannot be issued, and the carrier's trial has no end date yet.",
            likelihood=1,
        ),
    ),
]
