"""Plan, decide (pure), attempt and run (acting): how a runbook is carried out."""
