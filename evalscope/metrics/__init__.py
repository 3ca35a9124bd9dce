"""Many scores, one number with its error."""
