"""Tells people: one file a channel, and one policy of when to try again."""
