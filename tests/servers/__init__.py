"""Servers of our own that tests and measurements ask instead of real ones."""
