"""One's own pages: time zone, signing in, mails, out of office."""
