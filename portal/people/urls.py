"""Every address of people, teams and approver groups."""

from portal.people import groups, people, teams

urlpatterns = [*people.urlpatterns, *teams.urlpatterns, *groups.urlpatterns]
