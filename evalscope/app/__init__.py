"""The dashboard: runs, samples and comparisons in a browser, out of the outputs folder that it never writes to."""
