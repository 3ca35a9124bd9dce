"""Mathematical expressions compared: a fast path of our own, and math-verify in worker processes for the rest."""
