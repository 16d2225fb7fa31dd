"""People, teams and approver groups: for programme managers to govern, for auditors to read."""
