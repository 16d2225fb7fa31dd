"""What was asked for AI agents, and what was not given."""

from workflows.demo.scene import Ask, Guard, Opens
from workflows.demo.script import Story, ago, approve, reject, submit, suspend, verify

STORIES = [
    Story(
        "copilot-notices",
        "ines",
        ago(13, "09:10"),
        Ask(
            title="Dispatch copilot sends arrival notices without a click",
            control="NHI-AGT-02",
            identity="dispatch-copilot",
            blocked="The gateway holds every notice until a dispatcher confirms it; at peak 300 "
            "wait, most of them too late.",
            normal_path="Confirming by hand works up to about 60 an hour.",
            why="Customers plan their docks by these notices. A late one costs an hour of waiting, a wrong one a call.",
            if_changed="More than three wrong notices in a day, or any text that is not from the template: suspend.",
            exit_plan="After 30 days of samples the board decides whether templates need a person at all.",
            mended_in=30,
            opens=(
                Opens(
                    "office",
                    "send",
                    "mail/templates/arrival-notice",
                    "",
                    "To the consignee on file; times and dock filled in.",
                ),
            ),
            guards=(
                Guard("least_privilege", "The gateway sends only template arrival-notice; free text is refused."),
                Guard("manual_review", "A dispatcher reads 20 notices a day and records wrong ones."),
            ),
            likelihood=3,
            impact=2,
            days=30,
        ),
        acts=(
            submit(ago(13, "09:40")),
            approve(
                ago(12, "13:30"),
                "henrik",
                "A wrong time is an annoyance, not a loss. Nothing but the template can leave.",
                "Chief information security officer",
            ),
            verify(
                ago(11, "10:10"),
                "bob",
                0,
                "Asked the agent for a free text and for another template: refused by the gateway.",
            ),
            verify(ago(11, "10:40"), "bob", 1, "Saw two days of samples in the dispatch log; 40 read, none wrong."),
        ),
    ),
    Story(
        "copilot-refunds",
        "ines",
        ago(38, "10:00"),
        Ask(
            title="Dispatch copilot refunds up to 500 kronor by itself",
            control="NHI-AGT-02",
            identity="dispatch-copilot",
            blocked="Refunds wait for a clerk; small ones wait longest.",
            normal_path="A clerk confirms about 80 a day, in the order they come.",
            why="Most complaints end with a small refund anyway.",
            if_changed="Refunds above 5,000 kronor a day in total: stop.",
            exit_plan="A fixed rule in the ERP replaces the agent.",
            mended_in=60,
            opens=(Opens("payments", "refund", "refunds/small/*"),),
            guards=(Guard("monitoring", "A daily list of refunds to the head of finance."),),
            likelihood=4,
            impact=4,
            days=30,
        ),
        acts=(
            submit(ago(38, "10:20")),
            reject(
                ago(37, "08:45"),
                "henrik",
                "An agent that reads customers' messages can be talked into money by customers' "
                "messages. A daily list finds "
                "it after it is gone. Build the fixed rule first; a rule cannot be persuaded.",
            ),
        ),
    ),
    Story(
        "triage-tools",
        "ines",
        ago(24, "13:00"),
        Ask(
            title="Triage agent looks up shipments while sorting tickets",
            control="NHI-AGT-01",
            identity="triage-agent",
            blocked="The tool gateway refuses shipment lookups: they are not on the agent's list.",
            normal_path="Adding the tool takes a review of its arguments, which the vendor has not documented.",
            why="Half of all tickets ask where a shipment is; without the lookup they all go to a person.",
            if_changed="Any call with a shipment that is not named in the ticket: suspend and read its log.",
            exit_plan="The vendor documents the arguments, the tool is reviewed and goes on the list.",
            mended_in=50,
            opens=(Opens("staging", "read", "track/shipments/*", "", "One lookup a ticket."),),
            guards=(
                Guard("least_privilege", "Lookups return status and place; no names, no addresses."),
                Guard("logging", "Ticket, argument and answer of each call are kept.", required=False),
            ),
            likelihood=3,
            impact=3,
            days=60,
        ),
        owner="elin",
        acts=(
            submit(ago(24, "13:25")),
            verify(ago(22, "09:30"), "bob", 0, "Read 50 answers from the gateway: status and place only."),
            approve(
                ago(21, "10:50"),
                "bob",
                "An agent that asks too much learns where boxes are. Watched, on staging data.",
                "Head of platform security",
            ),
            suspend(
                ago(4, "17:10"),
                "bob",
                "Two lookups for shipments no ticket named, after a ticket that contained "
                "instructions. Out until understood.",
            ),
        ),
    ),
]
