"""A study: its specification, its computation, its result."""
