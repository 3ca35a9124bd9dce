"""Answers of one or several spans of text, each right in part: DROP's F1 and exact match."""
