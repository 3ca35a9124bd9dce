"""Whether a reply follows instructions that a program can check."""
