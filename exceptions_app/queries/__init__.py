"""Reads that span models; one module a page or question."""
