"""The first page: how everything is, right now."""
