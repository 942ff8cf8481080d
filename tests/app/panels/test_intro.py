"""The words and figures above the pictures of Compare, and that the browser computes the same."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
import reference

from app.panels import text
from app.panels.intro import NNGPPS, NONE, PLACES, format_distance
from app.state.view_state import ViewState
from app.views import VIEWS, View
from landscape_core import StudyResult, StudySpec, run
from landscape_core.statistics import optima

EXPECTED = Path(__file__).parents[3] / "frontend" / "tests" / "distances.json"
SPEC = StudySpec(resolution=2, draws=0)


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return run(SPEC, device="cpu")


LEAD = VIEWS["compare"].lead

introduce = VIEWS["compare"].introduce


def sentence(words: dict[str, str]) -> str:
    return words["setting"] + words["size"] + words["rest"]


def test_the_sentence_has_the_values_of_the_controls() -> None:
    assert sentence(introduce(ViewState(SPEC), None)) == (
        "A 4-10-3 Sigmoid network on Iris (83 weights), on a plane of its weights, ±20 along d1 and d2 from its start "
        f"point (seed 12735): loss and slope, at every point from a fresh mini-batch of 10 of 150 samples. {NNGPPS}"
    )
    assert introduce(ViewState(SPEC.replace(batch_size=7)), None)["size"] == "7"


@pytest.mark.parametrize(
    ("changes", "source", "end"),
    [
        ({"batch_size": 150}, "batch", "from a fresh mini-batch of 150 of 150 samples: the full batch."),
        ({}, "full", "from all 150 samples: the full batch."),
        ({"sampling": "with-replacement"}, "batch", "a fresh mini-batch of 10 of 150 samples, with replacement."),
        ({"sampling": "with-replacement", "batch_size": 150}, "batch", "of 150 of 150 samples, with replacement."),
        ({"sampling": "epoch-shuffle"}, "batch", "from the next 10 of 150 shuffled samples."),
    ],
)
def test_the_sentence_says_how_mini_batches_are_drawn(changes: dict[str, Any], source: Any, end: str) -> None:
    assert sentence(introduce(ViewState(SPEC.replace(**changes), source=source), None)).endswith(f"{end} {NNGPPS}")


def test_the_figures_are_those_of_the_draw_that_is_shown(result: StudyResult) -> None:
    words = introduce(ViewState(SPEC), result)
    assert set(words) == set(PLACES)
    distances = []
    for name, curves, full, rule in (
        ("minima", result.line_batch_loss, result.line_full_loss, reference.minima),
        ("nngpps", result.line_batch_slope, result.line_full_slope, reference.nngpps),
    ):
        found, true = ([rule(line.tolist()) for line in lines] for lines in (curves, full))
        assert words[name] == str(sum(map(len, found)))
        assert words[f"{name}-true"] == f"(true: {sum(map(len, true))})"
        distances.append(reference.median_distance(result.positions.tolist(), found, true))
    assert [words["minima-distance"], words["nngpps-distance"]] == [format_distance(one) for one in distances]
    assert 5 < distances[0] < 15
    assert distances[1] < 3


def test_the_range_is_that_of_the_draws(result: StudyResult) -> None:
    words = introduce(ViewState(SPEC), result)["explanation"]
    drawn = result.line_minima_distances
    assert drawn is not None
    told = re.search(r" Of 1,000 draws with \|B\| = 10 the central 95% have (\S+) to (\S+) for minima and ", words)
    assert told
    low, high = map(float, told.groups())
    assert ((drawn > low - 0.05) & (drawn < high + 0.5)).mean() >= 0.95
    assert low < median(drawn) < high


def test_a_file_of_before_has_figures_without_a_range(result: StudyResult) -> None:
    before = replace(result, line_minima_distances=None, line_nngpp_distances=None)
    words, now = (introduce(ViewState(SPEC), one) for one in (before, result))
    assert words.pop("explanation") == text.GLOSSARY["compare-intro"]
    assert words == {name: value for name, value in now.items() if name != "explanation"}


def test_the_full_batch_is_where_it_should_be(result: StudyResult) -> None:
    words = introduce(ViewState(SPEC, source="full"), result)
    assert (words["minima"], words["minima-true"]) == ("4", "(true: 4)")
    assert words["minima-distance"] == words["nngpps-distance"] == "0"


def test_without_a_true_optimum_there_is_no_distance(result: StudyResult) -> None:
    none = np.arange(100.0) + np.zeros((4, 1))
    words = introduce(
        ViewState(SPEC), replace(result, line_full_loss=none, line_minima_distances=np.full(1000, np.nan))
    )
    assert words["minima-true"] == "(true: 0)"
    assert words["minima-distance"] == NONE
    assert words["nngpps-distance"].startswith("1")
    assert "have none for minima and 1." in words["explanation"]


def test_the_strip_spells_nngpps_out() -> None:
    assert LEAD == "Training sees the loss through mini-batches."
    assert "non-negative associated gradient projection point" in NNGPPS
    assert "non-negative associated gradient projection point" in text.GLOSSARY["compare-nngpps"]


# what frontend/tests/live.test.ts expects of the browser


def make_cases() -> list[dict[str, Any]]:
    """Small lines, with ties and flats; on some the full batch has no optimum."""
    generator = np.random.default_rng(4)
    cases = []
    for points, half_width in ((3, 2.0), (9, 20.0), (24, 1000.0), (12, 0.5)):
        positions = np.linspace(-half_width, half_width, points)
        full = {name: generator.integers(-3, 4, (4, points)).astype(float) for name in ("loss", "slope")}
        if points == 12:
            full = {name: np.abs(values) for name, values in full.items()}  # no change of sign
        away = [
            optima.distance_to_nearest(positions, rule(full[name]))
            for name, rule in (("loss", optima.minima), ("slope", optima.nngpps))
        ]
        draws = []
        for _ in range(4):
            drawn = {name: generator.integers(-3, 4, (4, points)).astype(float) for name in ("loss", "slope")}
            found = optima.minima(drawn["loss"]), optima.nngpps(drawn["slope"])
            medians = [float(optima.median_distance(one, far)) for one, far in zip(found, away, strict=True)]
            known = dict(zip(("minima", "nngpps"), [None if np.isnan(one) else one for one in medians], strict=True))
            lines = {name: values.tolist() for name, values in drawn.items()}
            draws.append({**lines, **known, "words": [format_distance(one) for one in medians]})
        whole = {name: values.tolist() for name, values in full.items()}
        cases.append({"positions": positions.tolist(), "full": whole, "draws": draws})
    return cases


def test_expected_distances_are_the_engines() -> None:
    cases = make_cases()
    assert json.loads(EXPECTED.read_text(encoding="utf-8")) == cases
    numbers = [draw[name] for case in cases for draw in case["draws"] for name in ("minima", "nngpps")]
    assert None in numbers
    assert any(number and number > 100 for number in numbers)


@pytest.mark.parametrize("view", [view for view in VIEWS.values() if not view.picker], ids=lambda view: view.name)
def test_every_view_says_what_is_seen_and_of_which_mini_batches(view: View) -> None:
    if view.name == "gallery":
        assert view.about is None  # its title says all
        return
    words = view.introduce(ViewState(SPEC.replace(batch_size=7, seed=3)), None)
    said = sentence(words)
    assert view.lead.endswith((".", "?"))
    assert said.startswith("A 4-10-3 Sigmoid network on Iris (83 weights)")
    assert (said[-1], words["size"]) == (".", "7")
    assert "(seed 3)" in said
    assert "7 of 150 samples" in said


@pytest.mark.parametrize("stage", ["many", "starts", "train"])
def test_the_stages_of_the_line_searches_are_told_apart(stage: Any) -> None:
    one, other = (sentence(VIEWS["race"].introduce(ViewState(SPEC, stage=name), None)) for name in ("one", stage))
    assert "the same mini-batches of 10 of 150 samples" in other
    assert (one == other) == (stage == "many")


def test_what_has_no_mini_batches_of_samples_names_no_size() -> None:
    words = VIEWS["oracle"].introduce(ViewState(SPEC, oracle="quadratics"), None)
    assert (words["size"], words["rest"]) == ("", "")
    assert "Four parabolas" in words["setting"]


def test_a_trained_start_is_said_to_be_one() -> None:
    spec = SPEC.replace(start_point="trained", train_steps=1_000)
    assert "d2 from where 1,000 steps of Adam have led (seed 12735)" in sentence(introduce(ViewState(spec), None))
