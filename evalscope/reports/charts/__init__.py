"""Charts as SVG that the server draws: they need no script, and are files as they stand."""
