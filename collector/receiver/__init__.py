"""The HTTP side of the collector: what other programs, senders of webhooks and people tell it."""
