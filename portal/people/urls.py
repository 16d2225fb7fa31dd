"""Every address of people, teams and approver groups."""

from portal.people import channels, groups, leaving, people, teams

urlpatterns = [
    *people.urlpatterns,
    *leaving.urlpatterns,
    *teams.urlpatterns,
    *groups.urlpatterns,
    *channels.urlpatterns,
]
