"""Every address of the catalog."""

from portal.catalog import controls, identities, systems

urlpatterns = [*controls.urlpatterns, *identities.urlpatterns, *systems.urlpatterns]
