"""Models, losses and data of one's own: as torch modules, as functions, from a Python file or from a table."""
