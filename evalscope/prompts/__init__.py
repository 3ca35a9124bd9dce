"""How a question is asked, in words."""
