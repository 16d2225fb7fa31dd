"""The catalog's pages: controls, identities and systems. Everyone reads, programme managers change."""
