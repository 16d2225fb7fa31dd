"""Words with which the catalog classifies."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tier(models.IntegerChoices):
    LOW = 1, _("low")
    MODERATE = 2, _("moderate")
    HIGH = 3, _("high")
    CRITICAL = 4, _("critical")


class Environment(models.TextChoices):
    PRODUCTION = "production", _("production")
    STAGING = "staging", _("staging")
    DEVELOPMENT = "development", _("development")
    SHARED = "shared", _("shared")


class IdentityKind(models.TextChoices):
    SERVICE_ACCOUNT = "service_account", _("service account")
    API_KEY = "api_key", _("API key")
    CERTIFICATE = "certificate", _("certificate")
    OAUTH_APP = "oauth_app", _("OAuth app")
    CI_PIPELINE = "ci_pipeline", _("CI pipeline")
    WORKLOAD = "workload", _("workload")
    AI_AGENT = "ai_agent", _("AI agent")
    PERSON = "person", _("person")


class CredentialForm(models.TextChoices):
    LONG_LIVED_SECRET = "long_lived_secret", _("long-lived secret")
    JIT_CREDENTIAL = "jit_credential", _("just-in-time credential")
    WORKLOAD_IDENTITY_TOKEN = "workload_identity_token", _("workload identity token")
    CERTIFICATE = "certificate", _("certificate")
    NONE = "none", _("none")


class SafeguardKind(models.TextChoices):
    NETWORK = "network", _("Network restriction")
    MONITORING = "monitoring", _("Monitoring or alerting")
    LEAST_PRIVILEGE = "least_privilege", _("Read-only or reduced scope")
    ROTATION = "rotation", _("Shorter credential lifetime or rotation")
    APPROVAL = "approval", _("Human approval for each use")
    TWO_PERSON = "two_person", _("Two people together")
    RATE_LIMIT = "rate_limit", _("Rate or spend limit")
    ATTESTATION = "attestation", _("Vendor attestation")
    ISOLATION = "isolation", _("Isolation or segmentation")
    LOGGING = "logging", _("Detailed logging")
    TIME_WINDOW = "time_window", _("Limited time window")
    MANUAL_REVIEW = "manual_review", _("Manual review")
    OTHER = "other", _("Other")
