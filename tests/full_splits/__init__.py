"""Whole splits of real data sets, as a reader of the raw files sees them who knows nothing of the package."""
