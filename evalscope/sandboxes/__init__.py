"""Where untrusted code runs: an operating-system sandbox, kept warm."""
