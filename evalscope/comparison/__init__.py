"""Two or more runs held against each other, sample by sample."""
