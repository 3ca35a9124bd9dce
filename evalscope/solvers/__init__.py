"""How a question is asked, in calls."""
