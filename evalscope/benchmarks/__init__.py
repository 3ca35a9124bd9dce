"""The shelf: one file, one benchmark; the file's name is the name that users type."""
