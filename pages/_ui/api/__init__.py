"""The read API on the dashboard's own port: what programs ask, answered from the pages' own cache."""
