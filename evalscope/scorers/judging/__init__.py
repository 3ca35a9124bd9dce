"""What a judge is asked about an answer, and what it says."""
