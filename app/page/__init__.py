"""The components of the page and its words."""
