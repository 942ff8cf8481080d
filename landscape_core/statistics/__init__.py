"""Sample tables, and what follows from them: moments, probabilities, minima and NN-GPPs."""
