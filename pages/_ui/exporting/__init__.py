"""Taking data away: what is asked for, how large it is, and how it becomes a file or a stream."""
