"""First-run data: a small invented company whose history is made by the same services as everyone's."""
