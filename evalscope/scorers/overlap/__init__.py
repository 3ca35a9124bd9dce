"""How much of a reference an answer repeats, in words and runs of words."""
