"""Disaster recovery for contact centres: runbooks, their engine, and the record of what happened."""

__version__ = "0.1.0"
