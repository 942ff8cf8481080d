"""What the page says about itself: the paper, the computation and what it is made from."""

from __future__ import annotations

import re
from html import unescape

import pytest

from app.page.dialog_content import fill_about
from app.page.layout import page
from app.panels import text
from app.state.view_state import ViewState
from landscape_core import StudySpec


def about(**changes: object) -> str:
    """The words of the dialog, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", fill_about(ViewState(StudySpec(**changes))))).split())


def test_the_paper_is_named_linked_and_cited() -> None:
    words = fill_about(ViewState(StudySpec()))
    assert 'href="https://arxiv.org/abs/1903.08552"' in words
    assert "D. Kafka and D. N. Wilke (2019)" in about()
    assert "Iris, a 4-10-3 network, mean squared error (MSE): as in the paper." in about()
    assert "@misc{kafka-wilke-2019" in about()


def test_it_says_from_what_the_pictures_are_computed() -> None:
    words = about(activation="relu", output_activation="linear", scaling="raw", seed=3, batch_seed=7)
    assert "Network 4-10-3, 83 weights, ReLU after the hidden layer" in words
    assert "Data Iris (150 flowers, 3 species)" in words
    assert "Scaling Raw: as measured" in words
    assert "Loss ½ ‖t − y‖², averaged over the samples" in words
    assert "seed 3; mini-batches: seed 7" in words
    assert "Sigmoid after both layers" in about()


@pytest.mark.parametrize(("seed", "told"), [(12735, True), (12736, False)])
def test_the_selected_seed_is_disclosed_where_it_is_shown(seed: int, told: bool) -> None:
    assert ("36 of 24,000 seeds" in about(seed=seed)) == told


def test_the_header_names_the_paper() -> None:
    header = str(page(""))
    assert text.PAPER == "Kafka & Wilke 2019, arXiv:1903.08552"
    assert text.PAPER in header
    assert text.ARXIV_LINK in header
