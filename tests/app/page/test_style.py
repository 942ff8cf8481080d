"""The page's style: its sources in frontend/style, and assets/page.css, which is built of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import pytest

from app.page import ids
from app.views import VIEWS

ROOT = Path(__file__).parents[3]
SHEETS = sorted((ROOT / "frontend" / "style").rglob("*.css"))
NO_RULES = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.DOTALL)
"""Comments and strings."""

RULES = {sheet.name: NO_RULES.sub('""', sheet.read_text(encoding="utf-8")) for sheet in SHEETS}
BUNDLE = NO_RULES.sub('""', (ROOT / "assets" / "page.css").read_text(encoding="utf-8"))

CLASS, NAME = re.compile(r"\.([a-z][\w-]*)"), re.compile(r"#([a-z][\w-]*)(?=[^;{}]*\{)")
PROPERTY, USED = re.compile(r"(--[\w-]+):"), re.compile(r"var\((--[\w-]+)")
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(|\b(?:black|white|gr[ae]y|red)\b")

PLOTLY = {"barlayer", "js-line", "js-plotly-plot", "point", "textpoint"}
"""Classes that plotly.js gives to what it draws."""


SCRIPTS = [*(ROOT / "frontend" / "src").rglob("*.ts"), *(ROOT / "assets").rglob("*.js")]
SCRIPTS = [path for path in SCRIPTS if path.name != "plotly.min.js"]


def texts() -> Iterator[str]:
    """The strings of the page's modules, its templates and its scripts."""
    for path in (ROOT / "app").rglob("*.py"):
        tree = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        docstrings = {id(node.value) for node in tree if isinstance(node, ast.Expr)}
        for node in tree:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield node.value
    for path in [*(ROOT / "app" / "templates").glob("*.html"), *SCRIPTS]:
        yield path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def known() -> set[str]:
    views = {f"view-{view}" for view in VIEWS}
    panels = {ids.panel(view.name, panel) for view in VIEWS.values() for panel in view.panels}
    words = {word for text in texts() for word in re.findall(r"[A-Za-z][\w-]*", text)}
    return words | views | panels | PLOTLY


@pytest.mark.parametrize("sheet", RULES)
def test_every_brace_is_closed(sheet: str) -> None:
    depths = list(accumulate((brace == "{") - (brace == "}") for brace in re.findall("[{}]", RULES[sheet])))
    assert min([0, *depths]) == [0, *depths][-1] == 0
    assert max([0, *depths]) <= 3  # a rule within a rule within a rule: one more is a rule that was never closed


@pytest.mark.parametrize("sheet", RULES)
def test_every_class_and_name_is_one_of_the_page(sheet: str, known: set[str]) -> None:
    body = re.sub(r"(?<=:)[^;{}]*;", ";", RULES[sheet])  # selectors; numbers and colours are values
    classes = {name for name in CLASS.findall(body) if not name.startswith("mantine-") and name != "css"}
    assert classes <= known
    assert set(NAME.findall(body)) <= known


def test_every_part_has_its_place_in_the_cascade() -> None:
    index = (ROOT / "frontend" / "style" / "index.css").read_text(encoding="utf-8")
    imported = re.findall(r'^@import "(?:windows/)?([\w.]+)"', index, re.MULTILINE)
    assert sorted([*imported, "index.css"]) == sorted(RULES)
    assert imported[0] == "tokens.css"
    assert imported[-1] == "print.css"


def test_conditions_on_the_width_stand_in_one_file_and_once() -> None:
    conditions = {name: re.findall(r"\((?:min-|max-)?(?:device-)?width\b[^)]*\)", text) for name, text in RULES.items()}
    held = {name: found for name, found in conditions.items() if found}
    assert set(held) == {"index.css"}
    assert len(held["index.css"]) == len(set(held["index.css"]))
    by_scripts = {
        found
        for path in SCRIPTS
        for found in re.findall(r"\((?:min|max)-width: ?\d+px\)", path.read_text(encoding="utf-8"))
    }
    assert {found.replace(":", ": ").replace("  ", " ") for found in by_scripts} <= set(held["index.css"])


@pytest.mark.parametrize("sheet", RULES)
def test_colours_have_names(sheet: str) -> None:
    """Tokens hold every colour; paper has its own."""
    for name, value in re.findall(r"([\w-]+):([^;{}]*);", RULES[sheet]):
        if COLOUR.search(value):
            assert name.startswith("--"), f"{name}:{value}"
            assert sheet in {"tokens.css", "print.css"}, f"{name}:{value}"


def test_every_custom_property_is_set_and_used() -> None:
    everything = "\n".join(RULES.values())
    by_scripts = {name for path in SCRIPTS for name in re.findall(r"--[a-z][\w-]*", path.read_text(encoding="utf-8"))}
    made, used = set(PROPERTY.findall(everything)), set(USED.findall(everything))
    assert used - made - by_scripts == set()
    assert {name for name in made - used - by_scripts if not name.startswith("--mantine-")} == set()


def test_the_sheet_that_is_served_is_built_of_these() -> None:
    for pattern in (CLASS, PROPERTY):
        assert set(pattern.findall(BUNDLE)) == {
            name for text in RULES.values() for name in pattern.findall(text) if name != "css"
        }, "make bundle"
    assert "@import" not in BUNDLE
    assert [path.name for path in (ROOT / "assets").rglob("*.css")] == ["page.css"]
