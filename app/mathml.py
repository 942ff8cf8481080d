"""Formulas as native MathML, from the little LaTeX that docs/theory.md uses: no script, no font, nothing to load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

SYMBOLS = {
    "sigma": "σ", "theta": "θ", "ell": "ℓ", "nabla": "∇", "epsilon": "ϵ", "varphi": "φ", "alpha": "α",
    "partial": "∂", "Delta": "Δ",
}  # fmt: skip
OPERATORS = {
    "sum": "∑", "in": "∈", "le": "≤", "ge": "≥", "cdot": "⋅", "lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|",
    "bigl": "", "bigr": "", "to": "→", "max": "max", "min": "min", "log": "log", "cos": "cos", "sin": "sin",
}  # fmt: skip
SPACES = {",": "0.17em", ";": "0.28em", "quad": "1em", "qquad": "2em"}
SCRIPTS = {"L": "ℒ", "B": "ℬ"}
BIG = {"∑"}

TOKEN = re.compile(r"\\([a-zA-Z]+|[,;])|([a-zA-Z])|([0-9]+(?:\.[0-9]+)?)|([{}^_])|(\s+)|(.)")


def mathml(latex: str) -> str:
    """A formula as a `<math>` element that stands on a line of its own.

    Raises:
        ValueError: The formula uses what is not known here.
    """
    tokens = [found for found in TOKEN.finditer(latex) if not found[5]]
    parser = _Parser(tokens)
    return f'<math display="block">{parser.row(until_end=True)}</math>'


class _Parser:
    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self._tokens, self._at = tokens, 0

    def row(self, until_end: bool = False) -> str:
        """Atoms with what stands above and below them, up to a closing brace or the end."""
        return f"<mrow>{''.join(self._atoms(until_end))}</mrow>"

    def _atoms(self, until_end: bool) -> Iterator[str]:
        while self._at < len(self._tokens):
            if self._tokens[self._at][4] == "}":
                if until_end:
                    raise ValueError("a brace is closed that was not opened")
                self._at += 1
                return
            yield self._scripts(self._atom())
        if not until_end:
            raise ValueError("a brace is not closed")

    def _scripts(self, base: str) -> str:
        below = above = ""
        while self._at < len(self._tokens) and self._tokens[self._at][4] in ("^", "_"):
            sign = self._tokens[self._at][4]
            self._at += 1
            if sign == "_":
                below = self._atom()
            else:
                above = self._atom()
        limits = any(f">{one}<" in base for one in BIG)
        kind = {(True, True): "msubsup", (True, False): "msub", (False, True): "msup"}.get((bool(below), bool(above)))
        if kind is None:
            return base
        if limits:
            kind = {"msubsup": "munderover", "msub": "munder", "msup": "mover"}[kind]
        return f"<{kind}>{base}{below}{above}</{kind}>"

    def _atom(self) -> str:
        if self._at >= len(self._tokens):
            raise ValueError("something is missing at the end")
        command, letter, number, brace, _, other = self._tokens[self._at].groups()
        self._at += 1
        if command:
            return self._command(command)
        if letter:
            return f"<mi>{letter}</mi>"
        if number:
            return f"<mn>{number}</mn>"
        if brace == "{":
            return self.row()
        if brace:
            raise ValueError(f"{brace} stands where something was expected")
        return f"<mo>{escape({'-': '−'}.get(other, other))}</mo>"

    def _command(self, name: str) -> str:
        if name in SPACES:
            found = f'<mspace width="{SPACES[name]}"></mspace>'
        elif name in SYMBOLS:
            found = f"<mi>{SYMBOLS[name]}</mi>"
        elif name in OPERATORS:
            found = f"<mo>{OPERATORS[name]}</mo>" if OPERATORS[name] else ""
        elif name in ("frac", "tfrac"):
            found = f"<mfrac>{self._part()}{self._part()}</mfrac>"
        elif name == "sqrt":
            found = f"<msqrt>{self._atom()}</msqrt>"
        elif name == "bar":
            found = f'<mover accent="true">{self._atom()}<mo stretchy="false">¯</mo></mover>'
        elif name == "mathcal":
            found = f"<mi>{SCRIPTS[self._word()]}</mi>"
        elif name == "mathrm":
            found = f'<mi mathvariant="normal">{escape(self._word())}</mi>'
        elif name == "text":
            found = f"<mtext>&nbsp;{escape(self._word())}&nbsp;</mtext>"
        else:
            raise ValueError(f"\\{name} is not known")
        return found

    def _part(self) -> str:
        """One part of a fraction: an atom, or a single digit, since LaTeX reads 12 after it as 1 and 2."""
        here = self._tokens[self._at]
        if not here[3] or len(here[3]) == 1:
            return self._atom()
        digits = here[3]
        self._tokens[self._at : self._at + 1] = list(TOKEN.finditer(" ".join(digits)))[::2]
        return self._atom()

    def _word(self) -> str:
        """The characters of an argument."""
        first = self._tokens[self._at]
        self._at += 1
        if first[4] != "{":
            return first[0]
        words = []
        while self._tokens[self._at][4] != "}":
            words.append(self._tokens[self._at][0])
            self._at += 1
        self._at += 1
        return "".join(words)
