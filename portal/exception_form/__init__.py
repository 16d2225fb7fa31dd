"""The exception form: new, draft, amendment, and the acts around a draft."""
