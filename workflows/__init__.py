"""How work moves: rules become a route, the clock sweeps, reminders fall due, events have effects."""
