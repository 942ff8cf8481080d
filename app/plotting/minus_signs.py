"""Minus signs: numbers and lines to be read have −, those in files a hyphen."""

from __future__ import annotations

import re

HYPHEN = re.compile(r"(?<![\w)=])-(?=\.?\d)|(?<=\de)-(?=\d)|(?<=\bd1)-(?=d2\b)")
MINUS = re.compile(r"−(?=\.?\d|d2\b)")


def typeset(words: str) -> str:
    """Write a minus sign for each hyphen before a number or its exponent, and in the name of a line.

    >>> typeset("4-10-3, at d1-d2 = -0.5: -1e-06")
    '4-10-3, at d1−d2 = −0.5: −1e−06'
    """
    return HYPHEN.sub("−", words)


def write_plain(words: str) -> str:
    """Write numbers as programs read them.

    >>> write_plain("d1−d2 = −0.5")
    'd1-d2 = -0.5'
    """
    return MINUS.sub("-", words)
