"""What the starter controls require and tell requesters: safeguards by risk, end conditions, advice, prefilled texts.

The kinds follow the credential: a long-lived secret needs eyes on its use, an agent a person who confirms.
"""

from typing import TypedDict

from catalog.models import Tier


class Teaching(TypedDict, total=False):
    required_safeguards: dict[str, int]
    end_conditions: list[str]
    guidance: dict[str, str]
    prefills: dict[str, str]


def of(code: str) -> Teaching:
    """What a starter control brings; nothing for most."""
    return _TEACHING.get(code, {})


_TEACHING: dict[str, Teaching] = {
    "NHI-ROT-01": {
        "required_safeguards": {"monitoring": Tier.CRITICAL.value},
        "end_conditions": [
            "If the secret is used from an unknown network or hour: rotate it at once and revoke this.",
            "If the vendor's release slips past the end date: revoke this and stop the integration.",
        ],
        "guidance": {
            "": "Ask first whether rotating it twice as often would do: then no exception is needed.",
            "api_key": "Say which scope the key has, and who can read it.",
        },
        "prefills": {
            "exit_plan": "The new secret is issued by …, the old one is refused from … on; … checks with a sign-in.",
        },
    },
    "NHI-COD-01": {
        "end_conditions": ["If more people can read the repository: rotate the secret the same day."],
        "guidance": {
            "": "A committed secret counts as known: rotate it, and ask only for what cannot be rotated.",
            "ci_pipeline": "Most pipelines can use a short-lived token today. Say what keeps yours from it.",
        },
        "prefills": {"exit_plan": "The secret moves to the vault by …, and the committed one is refused from then on."},
    },
    "NHI-LPR-01": {
        "end_conditions": [
            "If it is used for anything but this: revoke it at once.",
            "If the cause is mended earlier: end it the same day.",
        ],
        "guidance": {"": "Name the paths and actions that are needed. “Everything below” is rarely approved."},
    },
    "NHI-AGT-01": {
        "end_conditions": ["If the agent calls a tool that is not named here: stop it, and revoke this."],
        "guidance": {
            "": "Name each tool and what it may change. What an agent says it will do is not a safeguard.",
            "ai_agent": "Say who watches it, and how it is stopped within a minute.",
        },
    },
    "NHI-AGT-02": {
        "required_safeguards": {"approval": Tier.CRITICAL.value},
        "end_conditions": ["If one action could not be undone: back to confirmation by a person, the same hour."],
    },
    "NHI-OAU-01": {
        "end_conditions": ["If the vendor reports an incident or wants another scope: withdraw consent at once."],
        "guidance": {"": "Give the onboarding record, and the exact scopes as the consent page shows them."},
    },
    "NHI-NET-01": {
        "required_safeguards": {"monitoring": Tier.CRITICAL.value},
        "guidance": {"": "Name the networks that remain. “From anywhere” needs an alert on every use."},
    },
}
