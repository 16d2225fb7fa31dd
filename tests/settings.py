"""The product's own settings, with what only tests want: cheap password hashes and static files unhashed."""

from config.settings import *  # noqa: F403
from config.settings import DATABASES, STORAGES, VAR_DIR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "tests.sqlite3"}  # a file, so that threads meet as they do live
DATABASES["default"]["CONN_MAX_AGE"] = 0  # threads of the live server end without closing theirs
