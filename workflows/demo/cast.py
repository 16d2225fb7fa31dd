"""Who works at Norrsken Freight, and what runs there. The company is invented; a forwarder in Luleå."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from accounts.services.people import Roles
from catalog.services.vendors import VendorDetails

NAME = "Norrsken Freight"
DOMAIN = "norrsken.example"
SIGN_IN = "norrsken-freight"
"""The one password of all of them."""
FOUNDED = timedelta(days=1130)
"""How long before now the company began to use Stopgap."""


class Person(NamedTuple):
    handle: str
    name: str
    team: str
    manager: str
    does: str
    roles: Roles = {}


PEOPLE = (
    Person("petra", "Petra Nyström", "Security", "", "runs the programme", {"is_programme_manager": True}),
    Person(
        "pia",
        "Pia Strand",
        "Security",
        "",
        "accepts changes of limits",
        {"is_programme_manager": True},
    ),
    Person("henrik", "Henrik Dahl", "Security", "", "approves (AI safety, fallback); security chief"),
    Person("audrey", "Audrey Okafor", "Internal audit", "", "audits: reads all, changes nothing", {"is_auditor": True}),
    Person("bob", "Bob Lindqvist", "Security", "henrik", "approves (Platform security, AI safety)"),
    Person("jonas", "Jonas Ek", "Security", "henrik", "approves (Platform security, Identity governance)"),
    Person("karin", "Karin Wallin", "Security", "henrik", "approves (Identity governance, fallback)"),
    Person("elin", "Elin Sjöberg", "Platform", "", "leads the platform team, owns systems and identities"),
    Person("alice", "Alice Berg", "Platform", "elin", "asks: platform engineer"),
    Person("lars", "Lars Norén", "Platform", "elin", "owns the vault, payments and the build platform"),
    Person("farid", "Farid Haddad", "Integration", "elin", "asks: customs and carrier integrations"),
    Person("greta", "Greta Holm", "Finance systems", "", "owns the ERP"),
    Person("nadia", "Nadia Rahimi", "Warehouse systems", "", "asks: scanners, labels, conveyor"),
    Person("ines", "Ines Costa", "Data and AI", "", "asks: agents and the data lake"),
    Person("oskar", "Oskar Blom", "Warehouse systems", "", "has left; cannot sign in"),
    Person("mallory", "Mallory Falk", "Customer service", "", "has nothing to do with any of it"),
)

LEADS = {"Platform": "elin"}

GROUPS = {
    "platform": ("Platform security", "Secrets, networks, pipelines and workloads.", ("bob", "jonas")),
    "identity": ("Identity governance", "Who owns what, third-party access, strong sign-in.", ("karin", "jonas")),
    "ai": ("AI safety board", "What agents may do alone.", ("bob", "henrik")),
    "fallback": ("Security office", "Decides when nobody in the asked group may.", ("henrik", "karin")),
}
GROUP_OF = {"AGT": "ai", "OWN": "identity", "OFF": "identity", "OAU": "identity", "MFA": "identity", "STL": "identity"}
OWNER_OF_GROUP = {"platform": "jonas", "identity": "karin", "ai": "henrik"}

SYSTEMS = {
    "erp": ("ERP", "production", 4, "greta", "Orders, invoices, general ledger; hosted by its vendor."),
    "payments": ("Payments hub", "production", 4, "lars", "Collects and pays freight charges; in scope for PCI DSS."),
    "vault": ("Key vault", "production", 4, "lars", "Every secret a workload reads at run time."),
    "wcs": ("Warehouse control system", "production", 3, "nadia", "Conveyors, label printers and handheld scanners."),
    "track": ("Track and trace API", "production", 3, "elin", "What customers and carriers ask where a shipment is."),
    "customs": ("Customs gateway", "production", 3, "farid", "Declarations to Swedish and Norwegian customs."),
    "build": ("Build platform", "shared", 3, "lars", "Repositories, pipelines, package registry, clusters."),
    "office": ("Office tenant", "shared", 3, "karin", "Mail, calendars, files and the directory."),
    "lake": ("Data lake", "production", 2, "ines", "Shipments, telemetry and forecasts; pseudonymised."),
    "staging": ("Customer portal, staging", "staging", 1, "elin", "The portal with invented shipments."),
    "lab": ("Integration lab", "development", 1, "farid", "Simulators of carriers and customs."),
}

VENDORS: tuple[VendorDetails, ...] = (
    {
        "name": "Skanna Industri",
        "onboarding_ref": "TPRM-2024-031",
        "review_on": date(2027, 3, 31),
        "contact_name": "Skanna service desk",
        "contact_email": "service@skanna.example",
        "description": "Handheld scanners and the gateway they speak to.",
    },
    {
        "name": "Tullbryggan AB",
        "onboarding_ref": "TPRM-2023-114",
        "review_on": date(2027, 1, 15),
        "contact_name": "Maj Lind",
        "contact_email": "maj.lind@tullbryggan.example",
        "description": "Carries our customs declarations to two countries' authorities.",
    },
    {
        "name": "Hansa Linehaul",
        "onboarding_ref": "TPRM-2025-007",
        "review_on": date(2026, 9, 30),
        "contact_name": "Hansa partner desk",
        "contact_email": "partner@hansa-linehaul.example",
        "description": "Carrier: rates and bookings by API.",
    },
    {
        "name": "Betala Nordic",
        "onboarding_ref": "TPRM-2024-002",
        "review_on": date(2027, 2, 28),
        "contact_name": "Betala security",
        "contact_email": "security@betala.example",
        "description": "Payment service provider; in scope for PCI DSS.",
    },
    {
        "name": "Nordvakt Konsult",
        "onboarding_ref": "TPRM-2025-041",
        "review_on": date(2027, 5, 31),
        "contact_name": "Sten Krok",
        "contact_email": "sten.krok@nordvakt.example",
        "description": "Consultants for the vault; work on our machines only.",
    },
    {
        "name": "RoutePlan GmbH",
        "onboarding_ref": "TPRM-2026-018",
        "review_on": date(2027, 4, 30),
        "contact_name": "RoutePlan support",
        "contact_email": "support@routeplan.example",
        "description": "Reads planners' calendars to plan rooms and routes.",
    },
)

IDENTITIES = {
    "svc-erp-sync": (
        "ERP sync",
        "service_account",
        "greta",
        "production",
        "long_lived_secret",
        "",
        "Moves orders and invoices every night.",
    ),
    "svc-wms-labels": (
        "Label printing",
        "service_account",
        "nadia",
        "production",
        "long_lived_secret",
        "",
        "Lets 40 label printers fetch their jobs.",
    ),
    "svc-legacy-scan": (
        "Handheld scanners",
        "workload",
        "nadia",
        "production",
        "certificate",
        "Skanna Industri",
        "Scanners of 2014 whose firmware knows no tokens.",
    ),
    "svc-datalake-export": (
        "Data lake export",
        "service_account",
        "ines",
        "production",
        "jit_credential",
        "",
        "Writes forecasts back to planning.",
    ),
    "deploy-bot": (
        "Deployment pipeline",
        "ci_pipeline",
        "lars",
        "production",
        "workload_identity_token",
        "",
        "Rolls out everything that runs in our clusters.",
    ),
    "nightly-build": (
        "Nightly build",
        "ci_pipeline",
        "lars",
        "shared",
        "long_lived_secret",
        "",
        "Builds and tests all repositories at 01:00.",
    ),
    "customs-edi": (
        "Customs EDI",
        "api_key",
        "farid",
        "production",
        "long_lived_secret",
        "Tullbryggan AB",
        "The broker's key for declarations.",
    ),
    "carrier-rates": (
        "Carrier rates",
        "api_key",
        "farid",
        "staging",
        "long_lived_secret",
        "Hansa Linehaul",
        "Fetches price lists of partner carriers.",
    ),
    "partner-sandbox": (
        "Partner sandbox",
        "api_key",
        "farid",
        "development",
        "long_lived_secret",
        "",
        "What new carriers test against.",
    ),
    "trackhub-tls": (
        "Track and trace certificate",
        "certificate",
        "elin",
        "production",
        "certificate",
        "",
        "Mutual TLS towards 11 carriers.",
    ),
    "payments-webhook": (
        "Payment notifications",
        "workload",
        "lars",
        "production",
        "long_lived_secret",
        "Betala Nordic",
        "Receives the provider's webhooks.",
    ),
    "backup-runner": (
        "Backup runner",
        "workload",
        "lars",
        "production",
        "workload_identity_token",
        "",
        "Copies databases to the second site.",
    ),
    "dispatch-copilot": (
        "Dispatch copilot",
        "ai_agent",
        "ines",
        "production",
        "jit_credential",
        "",
        "Plans loads and drafts notices to customers.",
    ),
    "triage-agent": (
        "Ticket triage agent",
        "ai_agent",
        "ines",
        "staging",
        "jit_credential",
        "",
        "Sorts support tickets and proposes answers.",
    ),
    "oauth-routeplan": (
        "RoutePlan add-in",
        "oauth_app",
        "greta",
        "shared",
        "long_lived_secret",
        "RoutePlan GmbH",
        "Calendar add-in of the transport planners.",
    ),
    "oauth-roomfinder": (
        "Roomfinder",
        "oauth_app",
        "greta",
        "shared",
        "long_lived_secret",
        "Roomfinder Inc.",
        "Books meeting rooms from the calendar.",
    ),
    "vault-consultants": (
        "Vault consultants",
        "person",
        "lars",
        "production",
        "none",
        "Nordvakt Konsult",
        "Three consultants who move the vault to new hardware.",
    ),
    "release-signer": (
        "Release signer",
        "ci_pipeline",
        "lars",
        "shared",
        "long_lived_secret",
        "",
        "Signs the scanner app for release.",
    ),
}

OLD_SHEET = (Path(__file__).parent / "old-sheet.csv").read_bytes()
"""What the programme began from: a table that is imported."""
