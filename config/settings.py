"""Django's settings, all of them; what differs between places comes from config.place."""

import sys
from typing import Any

import django_stubs_ext
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.env import BASE_DIR, Misconfigured, reader
from config.place import read_place

django_stubs_ext.monkeypatch()  # lets admin classes and forms name their model: ModelAdmin[User]

try:
    here = read_place(reader())
except Misconfigured as wrong:
    sys.exit(f"stopgap: {wrong}")

# The place

LOCAL_RUN = here.local_run
DEMO = here.demo
BASE_URL = here.base_url
BIND_HOST = here.host
BIND_PORT = here.port
VAR_DIR = here.var_dir
CLOCK_OFFSET_FILE = here.clock_offset_file
SWEEP_SECONDS = here.sweep_seconds
EFFECT_SECONDS = here.effect_seconds
SECRET_KEY = here.secret_key
DEBUG = here.debug
ALLOWED_HOSTS = here.allowed_hosts

# The house

INSTALLED_APPS = [
    "accounts",  # before Django's auth, so that its createsuperuser is the recorded one
    "accounts.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_fsm",
    "django_htmx",
    "rules.apps.AutodiscoverRulesConfig",
    "simple_history",
    "config",
    "catalog",
    "audit",
    "exceptions_app",
    "intake",
    "waivers",
    "workflows",
    "portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads at random against BREACH; tokens are masked anew in each page
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "portal.middleware.without_nul",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.for_its_reader",
    "portal.middleware.in_own_time",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.look",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Data

DATABASES = {"default": here.database}
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True  # a reason is a sentence; 100 characters are not enough
SIMPLE_HISTORY_REVERT_DISABLED = True  # history is read, never written back

# Attempts are counted in the cache, so every web process must share it. The embedded default runs one web
# process, whose memory its threads share; anything larger has Redis.
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": here.redis_url}
    if here.redis_url
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

MEDIA_ROOT = here.evidence_dir  # served by a view that checks who asks, never by address
FILE_UPLOAD_PERMISSIONS = 0o640

# The queue: Redis, or SQLAlchemy's tables in a file of their own

CELERY_BROKER_URL = here.redis_url or f"sqla+sqlite:///{VAR_DIR}/queue.sqlite3?timeout=30"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # tasks are idempotent sweeps: twice is harmless, never is not
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    name: {
        "task": f"workflows.tasks.{name}",
        "schedule": float(seconds),
        "options": {"expires": max(seconds, 60)},  # seconds; sweeps missed while no worker ran do not pile up
    }
    for name, seconds in {
        "sweep_clock": SWEEP_SECONDS,
        "sweep_reminders": SWEEP_SECONDS,
        "dispatch": EFFECT_SECONDS,
        "run_effects": EFFECT_SECONDS,
        "run_imports": EFFECT_SECONDS,
        "run_probes": SWEEP_SECONDS,
    }.items()
}

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are opened by administrators; nobody signs up
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Stopgap] "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = BASE_URL.partition(":")[0]
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # seconds
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "reset_password": "20/m/ip,5/m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "calendar": "120/m/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = here.trusted_proxies
ACCOUNT_FORMS = {"login": "accounts.entering.EntranceForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey stands for its person, so it asks for a PIN or a finger
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL_RUN
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}  # as many as sign-ins with a password
MFA_ADAPTER = "accounts.passkeys.PasskeyAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.passkeys.ActivateAppForm",
    "add_webauthn": "accounts.passkeys.AddPasskeyForm",
    "edit_webauthn": "accounts.passkeys.NamePasskeyForm",
    "login_webauthn": "accounts.passkeys.SignInForm",
    "authenticate_webauthn": "accounts.passkeys.SecondFactorForm",
    "reauthenticate_webauthn": "accounts.passkeys.ConfirmForm",
}
MFA_TOTP_ISSUER = "Stopgap"
MFA_TOTP_TOLERANCE = 1  # step of 30 s: a code may change between being read and being sent (RFC 6238, section 5.2)
MFA_ALLOW_UNVERIFIED_EMAIL = True  # whoever opened the account answers for its address

# Signing in elsewhere: one issuer, where the environment names one

SOCIALACCOUNT_ADAPTER = "accounts.oidc.admitting.HouseSocialAdapter"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5  # seconds
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {
    "openid_connect": {"provider_class": "accounts.oidc.provider.HouseProvider", "OAUTH_PKCE_ENABLED": True, "APPS": []}
}
if here.issuer:
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"].append(
        {
            "provider_id": "sso",
            "name": here.issuer.name,
            "client_id": here.issuer.client_id,
            "secret": here.issuer.secret,
            "settings": {"server_url": here.issuer.url},
        }
    )
OIDC_SIGN_UP = here.oidc_sign_up

# Mail

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
if here.email:
    EMAIL_HOST = here.email["EMAIL_HOST"]
    EMAIL_PORT = here.email["EMAIL_PORT"] or 25
    EMAIL_HOST_USER = here.email["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD = here.email["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS = here.email["EMAIL_USE_TLS"]
    EMAIL_USE_SSL = here.email["EMAIL_USE_SSL"]
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = here.mail_from
SERVER_EMAIL = here.mail_from

# The outside

OUTGOING_ALLOWED = here.outgoing_allowed

# Words and times

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = here.time_zone

# Static files

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Safety

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # the QR code of a new authenticator is a data: image
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds: a long working day
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not LOCAL_RUN
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # a load balancer asks in plain HTTP
SECURE_HSTS_SECONDS = 0 if LOCAL_RUN else 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOCAL_RUN
if here.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_secrets": {"()": "config.logs.WithoutSecrets"}},
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"django.request": {"filters": ["without_secrets"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
