"""The daily health summary and the weekly trend report: what they say, how they look, when they are made."""
