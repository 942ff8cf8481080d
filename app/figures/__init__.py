"""Figures: numbers in, Plotly figures out. No server, no network, no arithmetic beyond ranges and bins."""
