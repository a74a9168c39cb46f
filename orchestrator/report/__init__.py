"""Folds of the journal for people and machines. Everything here is derived from the journal alone."""
