"""The page of incidents: what went on when, who was on it, how fast, and one incident in full."""
