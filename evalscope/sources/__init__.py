"""Where records come from: hubs and local files, found, read and understood as samples."""
