"""What is left for people to read: table, files, page."""
