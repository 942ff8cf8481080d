"""Panels of the line searches: one race, many races on a line, races over start points, and trainings."""
