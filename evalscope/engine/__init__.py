"""The walk: from a plan of what is asked to the numbers at the end."""
