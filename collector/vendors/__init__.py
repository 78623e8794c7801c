"""What vendors say of themselves on their status pages: context for people, never a verdict."""
