"""The exceptions of the engine.

LandscapeError
├── SpecError       a value that was asked for is not allowed (names the field)
├── BudgetError     the work would need more memory or time than is allowed
├── ProblemError    a model, a loss or data of one's own that the engine cannot use; says all that is wrong with it
└── NumericalError  a number that everything depends on is not finite, or a direction has no length
"""

from __future__ import annotations


class LandscapeError(Exception):
    """Base of everything the engine raises on purpose; its text is fit for a reader."""


class SpecError(LandscapeError):
    """A field of a description holds a value that is not allowed.

    Args:
        field: Name of the field, as in `landscape_core.study.spec.StudySpec`.
        value: What came.
        allowed: What would have been accepted, as a phrase.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        self.field = field
        self.value = value
        self.allowed = allowed
        super().__init__(f"{_name(field)}: got {_short(value)}; allowed: {allowed}")

    def __reduce__(self) -> tuple[type[SpecError], tuple[str, object, str]]:
        """Pickled by what it was made from, as an exception that crosses a process is."""
        return type(self), (self.field, self.value, self.allowed)


class BudgetError(LandscapeError):
    """The work was refused before anything was allocated.

    Args:
        needed: How much the description needs, in `unit`.
        limit: How much is allowed, in `unit`.
        unit: What is counted, for example "bytes of sample table".
        remedy: What to lower.
    """

    def __init__(self, needed: int, limit: int, unit: str, remedy: str) -> None:
        self.needed = needed
        self.limit = limit
        self.unit = unit
        self.remedy = remedy
        super().__init__(f"needs {needed:,} {unit}; the limit is {limit:,}. {remedy}")

    def __reduce__(self) -> tuple[type[BudgetError], tuple[int, int, str, str]]:
        """As for `SpecError`."""
        return type(self), (self.needed, self.limit, self.unit, self.remedy)


def check_budget(needed: int, limit: int, unit: str, remedy: str) -> None:
    """Refuse work that needs more than is allowed; the arguments are those of `BudgetError`.

    Raises:
        BudgetError: It needs more.
    """
    if needed > limit:
        raise BudgetError(needed, limit, unit, remedy)


class ProblemError(LandscapeError):
    """A model, a loss, data or a file of one's own cannot be used as it is; the text says why, and what to do."""


class NumericalError(LandscapeError):
    """A number that the whole study rests on is not usable."""


def _short(value: object, limit: int = 80) -> str:
    """`repr` of a value, cut so that a hostile one cannot flood a log or a page."""
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write whole numbers of more than 4,300 digits
        text = "a value too long to show"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _name(field: str) -> str:
    """A field's name as it is if it can be one, else shown like a value: an unknown field may be called anything."""
    return field if field.isidentifier() and len(field) <= 40 else _short(field)
