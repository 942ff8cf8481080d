"""Minus signs: numbers to be read have −, numbers in files a hyphen."""

from __future__ import annotations

import re

HYPHEN = re.compile(r"(?<![\w)=])-(?=\.?\d)|(?<=\de)-(?=\d)")
MINUS = re.compile(r"−(?=\.?\d)")


def typeset(words: str) -> str:
    """Write a minus sign for each hyphen before a number or its exponent.

    >>> typeset("4-10-3, at d1 = -0.5: -1e-06")
    '4-10-3, at d1 = −0.5: −1e−06'
    """
    return HYPHEN.sub("−", words)


def write_plain(words: str) -> str:
    """Write numbers as programs read them.

    >>> write_plain("−0.5")
    '-0.5'
    """
    return MINUS.sub("-", words)
