"""The page that stands when nothing else does."""

from django.template.loader import render_to_string
from django.test import override_settings

HASHED = "tests.portal.test_errors.Hashed"


class Hashed:
    """Names files as the deployed portal does."""

    def url(self, name):
        return f"/static/{name}?digest"


@override_settings(STORAGES={"staticfiles": {"BACKEND": HASHED}, "default": {"BACKEND": HASHED}})
def test_a_broken_page_names_the_files_that_are_served():
    page = render_to_string("500.html")

    assert "/static/css/stopgap.css?digest" in page
    assert "/static/icons.svg?digest" in page
