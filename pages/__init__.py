"""The pages of the dashboard, one file a page; `_ui` holds what they share."""
