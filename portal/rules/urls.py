"""Every address of the approval rules."""

from portal.rules import answering, editing, showing

urlpatterns = [*editing.urlpatterns, *showing.urlpatterns, *answering.urlpatterns]
