"""Every address of the catalog."""

from portal.catalog import controls, frameworks, identities, imports, proposals, systems, vendors

urlpatterns = [
    *controls.urlpatterns,
    *frameworks.urlpatterns,
    *identities.urlpatterns,
    *imports.urlpatterns,
    *proposals.urlpatterns,
    *systems.urlpatterns,
    *vendors.urlpatterns,
]
