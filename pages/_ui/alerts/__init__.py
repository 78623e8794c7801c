"""The page of alerts: rules and what they do, channels, maintenance, and changing a rule."""
