"""One file a page: what an address shows, and the files that can be saved of it."""
