"""The register: every exception a person may see, to filter, search, sort, page and export."""
