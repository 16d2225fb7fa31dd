"""Waivers: exceptions that already lie about in scanners' and policy engines' files, brought in as unclaimed drafts."""
