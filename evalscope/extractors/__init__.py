"""The answer in the prose."""
