"""The clock of a running portal, in the hands of the test."""

from datetime import timedelta


class MovableClock:
    """A file that holds by how much the portal's clock is ahead (CLOCK_OFFSET_FILE)."""

    def __init__(self, file):
        self.file = file
        self.ahead = timedelta()

    def move(self, **by):
        """Forward, by a timedelta's words. The file is replaced whole: nobody reads half of it."""
        self.ahead += timedelta(**by)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(self.ahead.total_seconds()))
        fresh.replace(self.file)
