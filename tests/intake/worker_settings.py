"""The test's settings, in another process, on the very database the test has."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["STOPGAP_IMPORT_DATABASE"]
MEDIA_ROOT = os.environ["STOPGAP_IMPORT_MEDIA"]
