"""What the axes of a plane count: lengths in parameter space, or the unit of its domain."""

from __future__ import annotations

from landscape_core import DOMAINS, StudySpec


def name_unit(spec: StudySpec) -> str:
    """The unit of a plane's axes; empty where they count lengths in parameter space."""
    return DOMAINS[spec.domain].unit


def title_positions(spec: StudySpec, line: str = "the line") -> str:
    """The title of an axis of positions along a line of the plane.

    >>> title_positions(StudySpec()), title_positions(StudySpec(domain="filter"), "d1")
    ('position along the line', 'position along d1, in weight norms')
    """
    unit = name_unit(spec)
    return f"position along {line}" + (f", in {unit}" if unit else "")
