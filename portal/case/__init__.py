"""The case page and the acts on it: decisions, endings, safeguards, removal."""
