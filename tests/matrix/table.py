"""What every address answers to every role, by method. The columns are `company.ROLES`: anonymous, requester of the
case, other requester, approver with a seat, auditor, programme manager, deactivated, administrator.

A word is a status, or where a redirect leads: `in` to the sign-in, `re` to proving oneself anew, 302 any other place.
POST is sent with a token and no fields. `others` are the words PUT and DELETE may get, `forged` those of a POST without
a token.
"""

from dataclasses import dataclass

PLACES = {r"/accounts/login/|/admin/login/": "in", r"/accounts/reauthenticate/": "re"}
GROUPS = {
    "admin/accounts": "administration of people",
    "admin/catalog": "administration of the catalog",
    "admin/exceptions_app/": "administration of exceptions",
    "admin/": "administration",
    "accounts/": "account",
    "catalog/": "catalog",
    "people/": "people",
    "exceptions/<": "case",
    "": "portal",
}
"""Addresses by how they begin; each group is one test."""


@dataclass(frozen=True)
class Row:
    get: str
    post: str
    others: str = "405 in"
    forged: str = "403"
    state: str = "requested"


EVERYONE = Row(get="200 200 200 200 200 200 200 200", post="405 405 405 405 405 405 405 405", others="405")
PAGE = Row(get="in 200 200 200 200 200 in 200", post="in 405 405 405 405 405 in 405")
OVERSEERS = Row(get="in 403 403 403 200 200 in 403", post="in 405 405 405 405 405 in 405")
CATALOG_FORM = Row(get="in 403 403 403 403 200 in 403", post="in 403 403 403 403 200 in 403")
CATALOG_ACT = Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 409 in 403")
PEOPLE_PAGE = Row(get="in 403 403 403 200 200 in 200", post="in 405 405 405 405 405 in 405")
RULE_PAGE = Row(get="in 403 403 403 200 200 in 403", post="in 405 405 405 405 405 in 405")
PEOPLE_FORM = Row(get="in 403 403 403 403 200 in 200", post="in 403 403 403 403 200 in 200")
PEOPLE_ACT = Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 302 in 302")
GROUP_ACT = Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 302 in 409")
DECIDING = Row(get="in 403 404 200 403 403 in 404", post="in 403 404 200 403 403 in 404")
ADMIN_READ = Row(get="in in in in in in in 200", post="in in in in in in in 200", others="200 in")
ADMIN_CHANGE = Row(get="in in in in in in in 200", post="in in in in in in in 403", others="200 in")
ADMIN_NEVER = Row(get="in in in in in in in 403", post="in in in in in in in 403", others="403 in")
ADMIN_ON = Row(get="in in in in in in in 302", post="in in in in in in in 302", others="302 in")
SIGNED_IN_ACCOUNT = Row(get="in 200 200 200 200 200 in 200", post="in 200 200 200 200 200 in 200", others="200 405 in")
PROVED_ANEW = Row(get="in re re re re re in re", post="in re re re re re in re", others="405 in re")
KEY_PROVED_ANEW = Row(get="in re re re re re in re", post="in re re re re re in re", others="in re")
ELSEWHERE = Row(get="302 302 302 302 302 302 302 302", post="302 302 302 302 302 302 302 302", others="302")
NO_CODES_YET = Row(get="in 404 404 404 404 404 in 404", post="in 404 404 404 404 404 in 404", others="404 405 in")
CLOSED = Row(get="404 404 404 404 404 404 404 404", post="404 404 404 404 404 404 404 404", others="404")
NEVER_HERE = Row(get="in 302 302 302 302 302 in 302", post="in 302 302 302 302 302 in 302", others="302 405 429 in")
"""One that this house does not use, or that has nothing to ask now: it leads elsewhere."""

ROWS = {
    "healthz": EVERYONE,
    "home": PAGE,
    "inbox": PAGE,
    # What Alice was told is nobody else's to open
    "inbox_reading": Row(get="in 405 405 405 405 405 in 405", post="in 302 404 404 404 404 in 404"),
    "inbox_reading_all": Row(get="in 405 405 405 405 405 in 405", post="in 302 302 302 302 302 in 302"),
    "queue": PAGE,
    "queue_approval": Row(get="in 200 200 200 200 200 in 200", post="in 200 200 200 200 200 in 200"),
    "register": PAGE,
    "register_csv": PAGE,
    # Imported drafts: everyone reads, auditors change nothing. What somebody sent exists for them alone.
    "waivers": PAGE,
    "waivers_claim": Row(get="in 200 200 200 403 200 in 200", post="in 200 200 200 403 200 in 200"),
    "waivers_import": Row(get="in 200 200 200 403 200 in 200", post="in 200 200 200 403 200 in 200"),
    "waivers_preview": Row(get="in 200 404 404 404 404 in 404", post="in 200 404 404 404 404 in 404"),
    "waivers_columns": Row(get="in 200 404 404 404 404 in 404", post="in 200 404 404 404 404 in 404"),
    "waivers_run": PAGE,
    "case_claim": Row(get="in 302 404 404 302 302 in 404", post="in 405 405 405 405 405 in 405", state="draft"),
    "register_xlsx": PAGE,
    "register_calendar": PAGE,
    "register_bulk": Row(get="in 200 200 200 200 200 in 200", post="in 200 200 200 200 200 in 200"),
    # A view is anybody's to save; only its owner removes it, though it is shared with everybody.
    "register_views": Row(get="in 405 405 405 405 405 in 405", post="in 409 409 409 409 409 in 409"),
    "register_view_removal": Row(get="in 405 405 405 405 405 in 405", post="in 302 403 403 403 403 in 403"),
    "profile": Row(get="in 200 200 200 200 200 in 200", post="in 200 200 200 200 200 in 200"),
    "profile_signing_in": PAGE,
    "profile_mails": Row(get="in 200 200 200 200 200 in 200", post="in 200 200 200 200 200 in 200"),
    "profile_calendar": Row(get="in 200 200 200 200 200 in 200", post="in 200 200 200 200 200 in 200"),
    # Its secret is all it asks for; nobody has this one
    "calendar_feed": Row(
        get="404 404 404 404 404 404 404 404",
        post="405 405 405 405 405 405 405 405",
        others="405",
        forged="405",
    ),
    "profile_away": Row(get="in 200 200 200 200 200 in 200", post="in 200 200 200 200 200 in 200"),
    # Alice is away and asked Mallory; for everybody else that absence does not exist
    "absence_answer": Row(get="in 405 405 405 405 405 in 405", post="in 403 302 404 404 404 in 404"),
    "absence_end": Row(get="in 405 405 405 405 405 in 405", post="in 302 302 404 404 404 in 404"),
    "profile_elsewhere": Row(get="in 405 405 405 405 405 in 405", post="in 302 302 302 302 302 in 302"),
    "profile_link": Row(get="in 405 405 405 405 405 in 405", post="in 409 409 409 409 409 in 409"),
    "effects": OVERSEERS,
    "figures": OVERSEERS,
    "effect_retry": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 302 in 403"),
    "history": OVERSEERS,
    "history_verification": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 200 200 in 403"),
    # Filing: everyone but auditors, who change nothing. An empty form is saved as a draft.
    "exception_new": Row(get="in 200 200 200 403 200 in 200", post="in 302 302 302 403 302 in 302"),
    "exception_new_hints": Row(get="405 405 405 405 405 405 405 405", post="in 200 200 200 403 200 in 200"),
    # A draft exists for those who write it and for overseers; a request for its approvers too. Mallory and Sue: 404.
    "draft": Row(get="in 200 404 404 403 403 in 404", post="in 409 404 404 403 403 in 404", state="draft"),
    "draft_hints": Row(get="405 405 405 405 405 405 405 405", post="in 200 404 404 403 403 in 404", state="draft"),
    "evidence": Row(get="in 200 404 404 200 200 in 404", post="405 405 405 405 405 405 405 405", state="draft"),
    "amendment": Row(get="in 200 404 403 403 403 in 404", post="in 302 404 403 403 403 in 404"),
    "case": Row(get="in 200 404 200 200 200 in 404", post="in 405 405 405 405 405 in 405"),
    "case_duplicate": Row(get="405 405 405 405 405 405 405 405", post="in 302 404 302 403 302 in 404"),
    "case_withdrawal": Row(get="405 405 405 405 405 405 405 405", post="in 302 404 403 403 403 in 404"),
    "case_sharing": Row(get="405 405 405 405 405 405 405 405", post="in 302 404 404 403 403 in 404", state="draft"),
    "case_backup_acceptance": Row(get="405 405 405 405 405 405 405 405", post="in 400 404 400 400 400 in 404"),
    "case_approval": DECIDING,
    "case_rejection": DECIDING,
    "case_changes": DECIDING,
    "case_recusal": DECIDING,
    "case_taking": Row(get="in 405 405 405 405 405 in 405", post="in 403 404 302 403 403 in 404"),
    "case_release": Row(get="in 405 405 405 405 405 in 405", post="in 403 404 403 403 403 in 404"),
    "case_nudge": Row(get="in 405 405 405 405 405 in 405", post="in 302 404 403 403 403 in 404"),
    "case_risk": Row(get="in 403 404 200 403 200 in 404", post="in 403 404 200 403 200 in 404"),
    "case_comments": Row(get="in 200 404 200 403 200 in 404", post="in 200 404 200 403 200 in 404"),
    "case_completion": Row(get="in 200 404 403 403 403 in 404", post="in 200 404 403 403 403 in 404", state="active"),
    "case_revocation": Row(get="in 403 404 200 403 200 in 404", post="in 403 404 200 403 200 in 404", state="active"),
    "case_review": Row(get="in 403 404 200 403 403 in 404", post="in 403 404 200 403 403 in 404", state="looked_at"),
    "case_renewal": Row(get="in 200 404 403 403 403 in 404", post="in 200 404 403 403 403 in 404", state="active"),
    "case_let_end": Row(get="in 405 405 405 405 405 in 405", post="in 302 404 403 403 403 in 404", state="active"),
    "case_use": Row(get="in 200 404 403 403 403 in 404", post="in 200 404 403 403 403 in 404", state="active"),
    "case_shortening": Row(get="in 200 404 200 403 200 in 404", post="in 200 404 200 403 200 in 404", state="active"),
    "case_change": Row(get="in 200 404 200 403 200 in 404", post="in 200 404 200 403 200 in 404", state="active"),
    "case_suspension": Row(get="in 403 404 200 403 200 in 404", post="in 403 404 200 403 200 in 404", state="active"),
    "case_resumption": Row(
        get="in 403 404 200 403 403 in 404", post="in 403 404 200 403 403 in 404", state="suspended"
    ),
    "case_ownership_offer": Row(get="in 403 404 403 403 200 in 404", post="in 403 404 403 403 200 in 404"),
    "case_ownership_acceptance": Row(get="in 405 405 405 405 405 in 405", post="in 400 404 400 400 400 in 404"),
    "removal": Row(get="in 403 404 200 403 200 in 404", post="in 403 404 200 403 200 in 404", state="owed"),
    "safeguard_verification": Row(
        get="in 403 404 200 403 403 in 404", post="in 403 404 200 403 403 in 404", state="approved"
    ),
    "safeguard_failure": Row(
        get="in 200 404 200 403 200 in 404", post="in 200 404 200 403 200 in 404", state="approved"
    ),
    "safeguard_watch": Row(get="in 403 404 200 403 403 in 404", post="in 403 404 409 403 403 in 404", state="approved"),
    "heartbeat": Row(
        get="405 405 405 405 405 405 405 405",
        post="401 401 401 401 401 401 401 401",
        others="405",
        forged="401",
    ),
    "reviews": PAGE,
    "orphans": OVERSEERS,
    "safeguards": PAGE,
    "controls": PAGE,
    "control": PAGE,
    "control_new": CATALOG_FORM,
    "control_edit": CATALOG_FORM,
    "control_retirement": CATALOG_ACT,
    "control_reinstatement": CATALOG_ACT,
    "frameworks": PAGE,
    "framework": PAGE,
    "framework_item": PAGE,
    "identities": PAGE,
    "identity": PAGE,
    "identity_new": CATALOG_FORM,
    "identity_edit": CATALOG_FORM,
    "identity_retirement": CATALOG_ACT,
    "identity_reinstatement": CATALOG_ACT,
    "systems": PAGE,
    "system": PAGE,
    "system_new": CATALOG_FORM,
    "system_edit": CATALOG_FORM,
    "system_retirement": CATALOG_ACT,
    "system_reinstatement": CATALOG_ACT,
    "vendors": PAGE,
    "vendor": PAGE,
    "vendor_new": CATALOG_FORM,
    "vendor_edit": CATALOG_FORM,
    "vendor_retirement": CATALOG_ACT,
    "vendor_reinstatement": CATALOG_ACT,
    "catalog_export": PAGE,
    "imports": CATALOG_FORM,
    "import": Row(get="in 403 403 403 403 200 in 403", post="in 405 405 405 405 405 in 405"),
    "import_check": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 422 in 403"),
    "import_confirmation": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 409 in 403"),
    "import_discard": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 302 in 403"),
    # A second person answers a proposed change; who was asked to own an identity answers for themselves
    "proposal_acceptance": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 403 in 403"),
    "proposal_refusal": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 302 in 403"),
    "identity_ownership": Row(get="in 405 405 405 405 405 in 405", post="in 302 403 403 403 403 in 403"),
    "identities_ownership": Row(get="in 405 405 405 405 405 in 405", post="in 302 302 302 302 302 in 302"),
    "people": PEOPLE_PAGE,
    "person": PEOPLE_PAGE,
    # Mallory reads her own
    "person_leaving": Row(get="in 403 200 403 200 200 in 200", post="in 405 405 405 405 405 in 405"),
    "person_new": PEOPLE_FORM,
    "person_edit": PEOPLE_FORM,
    "person_deactivation": PEOPLE_ACT,
    "person_reactivation": PEOPLE_ACT,
    "teams": PEOPLE_PAGE,
    "team_new": PEOPLE_FORM,
    "team_edit": PEOPLE_FORM,
    "rules": RULE_PAGE,
    "rule": RULE_PAGE,
    "rule_new": Row(get="in 403 403 403 403 200 in 403", post="in 403 403 403 403 200 in 403"),
    "rule_edit": Row(get="in 403 403 403 403 200 in 403", post="in 403 403 403 403 200 in 403"),
    "rule_acceptance": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 403 in 403"),
    "rule_refusal": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 302 in 403"),
    "approver_groups": PEOPLE_PAGE,
    "approver_group": PEOPLE_PAGE,
    "approver_group_new": PEOPLE_FORM,
    "approver_group_edit": PEOPLE_FORM,
    "approver_group_members": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 200 in 200"),
    "approver_group_removal": GROUP_ACT,
    "approver_group_fallback": GROUP_ACT,
    "approver_group_lead": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 302 in 200"),
    "approver_group_channel": Row(get="in 403 403 403 403 200 in 403", post="in 403 403 403 403 200 in 403"),
    "approver_group_channel_test": CATALOG_ACT,
    "approver_group_channel_removal": CATALOG_ACT,
    "approver_group_acceptance": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 403 in 409"),
    "approver_group_refusal": Row(get="in 405 405 405 405 405 in 405", post="in 403 403 403 403 302 in 409"),
    # allauth: sign-in and one's own password and codes; sign-up is closed, addresses are changed by programme managers
    "account_login": Row(
        get="200 302 302 302 302 302 200 302", post="200 302 302 302 302 302 200 302", others="200 302 405"
    ),
    "account_logout": Row(
        get="302 200 200 200 200 200 302 200", post="302 302 302 302 302 302 302 302", others="302 405"
    ),
    "account_inactive": EVERYONE,
    "account_signup": Row(
        get="200 302 302 302 302 302 200 302", post="200 302 302 302 302 302 200 302", others="200 302 405 429"
    ),
    "account_reauthenticate": SIGNED_IN_ACCOUNT,
    "account_email": CLOSED,
    "account_email_verification_sent": EVERYONE,
    "account_change_password": SIGNED_IN_ACCOUNT,
    "account_set_password": NEVER_HERE,
    "account_reset_password": Row(
        get="200 200 200 200 200 200 200 200", post="200 200 200 200 200 200 200 200", others="200 405"
    ),
    "account_confirm_login_code": NEVER_HERE,
    "account_confirm_email": Row(
        get="200 200 200 200 200 200 200 200", post="404 404 404 404 404 404 404 404", others="405"
    ),
    "account_reset_password_from_key": Row(
        get="200 200 200 200 200 200 200 200", post="200 200 200 200 200 200 200 200", others="200 405 429"
    ),
    "account_reset_password_from_key_done": EVERYONE,
    "account_reset_password_done": EVERYONE,
    "mfa_index": Row(get="in 200 200 200 200 200 in 200", post="in 405 405 405 405 405 in 405"),
    "mfa_authenticate": NEVER_HERE,
    "mfa_reauthenticate": PROVED_ANEW,
    "mfa_activate_totp": PROVED_ANEW,
    "mfa_deactivate_totp": NO_CODES_YET,
    "mfa_view_recovery_codes": Row(get="in 404 404 404 404 404 in 404", post="in 405 405 405 405 405 in 405"),
    "mfa_generate_recovery_codes": PROVED_ANEW,
    "mfa_download_recovery_codes": NO_CODES_YET,
    "mfa_list_webauthn": ELSEWHERE,
    "mfa_add_webauthn": KEY_PROVED_ANEW,
    "mfa_reauthenticate_webauthn": KEY_PROVED_ANEW,
    "mfa_remove_webauthn": KEY_PROVED_ANEW,
    "mfa_edit_webauthn": KEY_PROVED_ANEW,
    "mfa_login_webauthn": Row(
        get="in 302 302 302 302 302 in 302", post="in 302 302 302 302 302 in 302", others="302 405 429 in"
    ),
    "usersessions_list": ELSEWHERE,
    "openid_connect_login": CLOSED,
    "openid_connect_callback": CLOSED,
    "socialaccount_connections": CLOSED,
    "socialaccount_closed": CLOSED,
    "socialaccount_legacy_closed": CLOSED,
    "socialaccount_login_cancelled": CLOSED,
    "socialaccount_login_error": CLOSED,
    "socialaccount_signup": CLOSED,
    "admin:index": ADMIN_READ,
    "admin:login": Row(
        get="in 403 403 403 403 403 in 302", post="in 403 403 403 403 403 in 200", others="200 403 405 in"
    ),
    "admin:logout": Row(
        get="302 302 302 302 302 302 302 405", post="302 302 302 302 302 302 302 200", others="302 405"
    ),
    "admin:password_change": Row(get="in in in in in in in 200", post="in in in in in in in 200", others="200 405 in"),
    "admin:password_change_done": Row(get="in in in in in in in 200", post="in in in in in in in 405"),
    "admin:autocomplete": Row(get="in in in in in in in 403", post="in in in in in in in 405"),
    "admin:jsi18n": Row(get="in in in in in in in 200", post="in in in in in in in 405"),
    "admin:view_on_site": Row(get="in in in in in in in 404", post="in in in in in in in 404", others="404 in"),
    "admin:app_list": ADMIN_READ,
}
ADMIN_KINDS = {
    "changelist": ADMIN_READ,
    "history": ADMIN_READ,
    "change": ADMIN_CHANGE,
    "add": ADMIN_NEVER,
    "delete": ADMIN_NEVER,
}
"""What every model of the administration pages offers: to be read. It changes nothing, even for a superuser."""
UNNAMED = {
    "accounts/social/login/cancelled/": CLOSED,
    "accounts/social/login/error/": CLOSED,
    "accounts/social/signup/": CLOSED,
    "accounts/social/connections/": CLOSED,
    "admin/(?P<url>.*)$": Row(get="in in in in in in in 404", post="in in in in in in in 404", others="404 in"),
}


def declared(address):
    """The row of this address; None means that nobody has decided yet."""
    if address.name in ROWS:
        return ROWS[address.name]
    if address.route in UNNAMED:
        return UNNAMED[address.route]
    if address.route.startswith("admin/") and address.name.endswith("(unnamed)"):
        return ADMIN_ON
    if address.name.startswith("admin:"):
        return ADMIN_KINDS.get(address.name.rpartition("_")[2])
    return None


def group_of(address):
    route = address.route
    for start, group in GROUPS.items():
        if route.startswith(start):
            return group
    return "portal"
