"""Training problems: data, model and loss as one function of a flat parameter vector."""
