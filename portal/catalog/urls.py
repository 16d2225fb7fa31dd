"""Every address of the catalog."""

from portal.catalog import controls, exports, frameworks, identities, imports, proposals, systems, vendors

urlpatterns = [
    *controls.urlpatterns,
    *exports.urlpatterns,
    *frameworks.urlpatterns,
    *identities.urlpatterns,
    *imports.urlpatterns,
    *proposals.urlpatterns,
    *systems.urlpatterns,
    *vendors.urlpatterns,
]
