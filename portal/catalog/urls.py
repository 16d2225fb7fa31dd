"""Every address of the catalog."""

from portal.catalog import controls, frameworks, identities, systems

urlpatterns = [*controls.urlpatterns, *frameworks.urlpatterns, *identities.urlpatterns, *systems.urlpatterns]
