"""The run folder: paths, append-only rows, locks."""
