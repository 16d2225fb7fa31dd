"""The addresses of one's own pages."""

from django.urls import URLPattern

from portal.profile import away, calendar, mails, page, signing_in

urlpatterns: list[URLPattern] = [
    *page.urlpatterns,
    *signing_in.urlpatterns,
    *mails.urlpatterns,
    *calendar.urlpatterns,
    *away.urlpatterns,
]
