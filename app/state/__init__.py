"""State of the page, permalinks and the tour."""
