"""The glossary: complete, one with the page's texts, one with the theory; and its formulas as MathML."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from latex2mathml.exceptions import MissingSuperScriptOrSubscriptError

from app.page import dialog_content
from app.page.dialog_content import mathml
from app.page.glossary import TERMS, entry
from app.panels import text

THEORY = (Path(__file__).parents[3] / "docs" / "theory.md").read_text(encoding="utf-8")

ASKED = (
    "mini-batch", "oracle", "loss", "gradient", "directional derivative", "slope", "local minimum", "apparent minimum",
    "true minimum", "critical point", "NN-GPP", "full batch", "descent direction", "curvature", "saturation", "sparsity",
    "variance", "SD", "finite-population correction", "resolution", "white-noise expectation", "slice", "line search",
    "start point", "dynamic mini-batches", "static mini-batch",
)  # fmt: skip

MATHML = "http://www.w3.org/1998/Math/MathML"

TECHNICAL = (
    r"mini-batch(?:es)?|NN-GPPs?|full[ -]batch|slopes?|derivative|loss|minim(?:um|a)|optim(?:um|a)|steepest descent|"
    r"start points?|draws?|SD|oracle|line search(?:es)?|variances?|white noise|static|percentile|central 95%|"
    r"with(?:out)? replacement|epochs?|gradient|curvature|resolution|standard deviation|saturat\w+|spars\w+"
)
"""Words of the field that help texts use: a new one is added here and to the glossary."""


@pytest.mark.parametrize("name", ASKED)
def test_every_term_that_is_expected_is_there(name: str) -> None:
    assert entry(name).words


@pytest.mark.parametrize("key", text.GLOSSARY)
def test_terms_of_the_help_texts_are_in_the_glossary(key: str) -> None:
    words = text.GLOSSARY[key]
    for found in re.findall(rf"\b(?:{TECHNICAL})", words, re.IGNORECASE):
        assert entry(found)
    for short in re.findall(r"\b[A-Z]{2,}(?:-[A-Z]+)*s?\b", words):  # abbreviations
        assert entry(short)


def test_terms_are_told_apart_and_short() -> None:
    names = [term.name.lower() for term in TERMS]
    forms = [form for term in TERMS for form in term.forms]
    assert len(set(names)) == len(names)
    assert len(set(forms)) == len(forms)
    for term in TERMS:
        assert all(form == form.lower() for form in term.forms)
        assert term.words.endswith(".")
        assert len(re.findall(r"[.?](?= |$)", term.words)) <= 4
        assert bool(term.where) <= bool(term.formula)
    with pytest.raises(KeyError):
        entry("entropy")


@pytest.mark.parametrize("term", [term for term in TERMS if term.formula], ids=lambda term: term.name)
def test_formulas_are_those_of_the_theory(term) -> None:
    plain = re.sub(r"\s+", " ", THEORY)
    for part in term.formula.split(r" \text{ and } "):
        assert part in plain


@pytest.mark.parametrize("term", [term for term in TERMS if term.formula], ids=lambda term: term.name)
def test_formulas_are_well_formed_and_keep_every_letter(term) -> None:
    made = mathml(term.formula)
    root = ElementTree.fromstring(made)
    assert root.tag == f"{{{MATHML}}}math"
    shown = "".join(root.itertext())
    assert not set(shown) & set("\\{}_^")  # nothing of the LaTeX is left unread
    letters = re.sub(r"\\(?:mathcal|mathrm|text|[a-zA-Z]+)", "", term.formula)
    assert re.findall(r"[a-zA-Z0-9]", letters.replace("B", "")) == re.findall(r"[a-zA-Z0-9]", shown.replace("B", ""))


def test_what_the_formulas_are_made_of() -> None:
    assert "<mrow><msup><mi>x</mi><mn>2</mn></msup></mrow>" in mathml(r"x^2")
    assert mathml("x").startswith(f'<math xmlns="{MATHML}" display="block">')
    assert "<mfrac><mn>1</mn><mn>2</mn></mfrac>" in mathml(r"\tfrac12 x")
    assert "<mfrac><mn>1</mn><mi>B</mi></mfrac>" in mathml(r"\frac1B")
    assert "<munder><mo>&#x02211;</mo><mi>k</mi></munder>" in mathml(r"\sum_k")
    assert "<munderover>" in mathml(r"\sum_k^n")
    assert "<msubsup>" in mathml(r"x_1^2")
    assert "<mi>ℒ</mi>" in mathml(r"\mathcal L")
    assert "<mi>ℬ</mi>" in mathml(r"\sum_{k \in \mathcal B} k")


def test_a_formula_that_ends_too_early_is_refused() -> None:
    with pytest.raises(MissingSuperScriptOrSubscriptError):
        mathml("x_")


def test_the_page_of_the_glossary_has_every_term_once_in_order() -> None:
    page = dialog_content.fill_glossary()
    root = ElementTree.fromstring(page.replace("&nbsp;", " "))
    names = [found.text for found in root.iter("dt")]
    assert names == sorted((term.name for term in TERMS), key=str.lower)
    assert "<script" not in page
    assert " style=" not in page
