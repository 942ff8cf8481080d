"""Cancellation of a computation."""


class JobCancelled(Exception):  # noqa: N818  a wish, not an error
    """Raised in a computation by the function that it reports to, when its result is wanted no more.

    An ordinary Exception, so that a body's own clean-up treats it like any other reason to stop. A body that swallows
    it meets it again at its next report, and what it returns is thrown away.
    """
