"""Every address of people, teams and approver groups."""

from portal.people import channels, groups, people, teams

urlpatterns = [*people.urlpatterns, *teams.urlpatterns, *groups.urlpatterns, *channels.urlpatterns]
