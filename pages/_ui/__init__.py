"""What the pages share: the one cache, the words and formats, the HTML, the theme, the read API."""
