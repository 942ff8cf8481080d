"""Planes and lines through the start point, and the directions that span them."""
