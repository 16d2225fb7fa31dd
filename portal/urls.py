"""Every address of the portal: those of its pages, one after the other."""

from django.urls import URLPattern, URLResolver

from portal import calendar_feed, effects, figures, heartbeats, history, home, inbox, orphans, reviews, safeguards
from portal.case import urls as case
from portal.catalog import urls as catalog
from portal.exception_form import urls as exception_form
from portal.people import urls as people
from portal.profile import urls as profile
from portal.queue import urls as queue
from portal.register import urls as register
from portal.rules import urls as rules
from portal.waivers import urls as waivers

urlpatterns: list[URLPattern | URLResolver] = [
    *register.urlpatterns,
    *exception_form.urlpatterns,
    *case.urlpatterns,
    *queue.urlpatterns,
    *safeguards.urlpatterns,
    *reviews.urlpatterns,
    *orphans.urlpatterns,
    *waivers.urlpatterns,
    *effects.urlpatterns,
    *figures.urlpatterns,
    *heartbeats.urlpatterns,
    *calendar_feed.urlpatterns,
    *home.urlpatterns,
    *inbox.urlpatterns,
    *history.urlpatterns,
    *catalog.urlpatterns,
    *people.urlpatterns,
    *rules.urlpatterns,
    *profile.urlpatterns,
]
