"""The pieces of the look that need a little arithmetic; docs/look.md shows each in use."""
