"""The page about the dashboard itself: what it watches, how it judges, how it is doing."""
