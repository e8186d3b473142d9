"""The HTML of the page."""
