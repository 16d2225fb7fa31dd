"""Waivers: imported drafts to claim, and the files they come from."""
