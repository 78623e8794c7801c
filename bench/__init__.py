"""Measures what the README promises. `make bench` runs everything; each module also runs alone."""
