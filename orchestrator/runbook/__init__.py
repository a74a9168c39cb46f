"""Runbook documents: load them, check them, tell every fault at once."""
