"""What a runbook can do: one family of actions a file, one table in catalogue.py."""
