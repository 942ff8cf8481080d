"""The tour's scenes, held against the engine."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from app.callbacks.choice import choose
from app.jobs.service import Service
from app.page.layout import page
from app.page.rail.parts import DEFAULTS, FIELDS, VIEW_DEFAULTS
from app.panels import concepts
from app.panels.text import network_size
from app.state.permalink import parse, scene_link, write
from app.state.tour import ALL, LOOKING, MINUTES, OTHERS, SCENES, WORDS_A_MINUTE, find_part
from app.state.view_state import SCENES as COUNT
from app.views import VIEWS
from landscape_core import StudySpec, run
from landscape_core.geometry.grid import LINES
from landscape_core.statistics.moments import noise_ceiling


def test_there_are_twelve_and_four_of_other_problems() -> None:
    assert (len(SCENES), len(OTHERS), COUNT) == (12, 4, 16)
    assert ALL == SCENES + OTHERS
    assert [find_part(number) for number in (1, 12, 13, 16)] == [(SCENES, 1), (SCENES, 12), (OTHERS, 1), (OTHERS, 4)]


@pytest.mark.parametrize("number", range(1, COUNT + 1))
def test_a_scene_is_a_link(service: Service, number: int) -> None:
    scene = ALL[number - 1]
    request = parse(scene_link(number))
    assert request.scene == number
    assert request.view == scene.state.view
    assert request.spec == scene.state.spec
    assert write(request) == f"?scene={number}&v=1"
    start = {name: getattr(DEFAULTS, name) for name in FIELDS}
    answer = choose(service, None, start, VIEW_DEFAULTS, scene_link(number))
    assert answer["message"] == ""
    assert answer["request"].scene == number
    assert request.view in VIEWS


@pytest.mark.parametrize("scene", ALL)
def test_a_scene_asks_and_answers(scene) -> None:
    assert scene.question.endswith("?")
    assert 2 <= len(scene.options) == len(set(scene.options))
    assert 0 <= scene.right < len(scene.options)
    for words in (scene.caption, scene.answer, scene.try_next):
        assert words.endswith((".", "!"))
        assert len(words) <= 160


def test_the_tour_says_how_long_it_takes() -> None:
    read = [part for one in SCENES for part in (one.title, one.caption, one.question, *one.options, one.answer)]
    read += [part for one in SCENES for part in (one.try_next, *one.takeaways)]
    words = sum(len(re.findall(r"\S+", part)) for part in read)
    assert (
        words / WORDS_A_MINUTE + len(SCENES) * LOOKING / 60
        <= MINUTES
        < 1 + words / WORDS_A_MINUTE + len(SCENES) * LOOKING / 60
    )
    assert f"Tour · {MINUTES} min" in str(page("").to_plotly_json())
    told = (Path(__file__).parents[3] / "docs" / "views.md").read_text(encoding="utf-8")
    assert f"twelve scenes in about {MINUTES} minutes" in told
    assert f"{round(words, -2)} words at {WORDS_A_MINUTE} a minute, and {LOOKING} seconds a scene" in told


def said(number: int) -> list[int]:
    """The numbers that a scene reveals."""
    scene = ALL[number - 1]
    return [int(found) for found in re.findall(r"\b\d+\b", scene.options[scene.right] + " " + scene.answer)]


def test_numbers_of_the_four_quadratics() -> None:
    curve = concepts.MODEL.sample(concepts.ORACLE_POINTS, concepts.ORACLE_SEED)
    assert curve.minima.sum() == 27
    assert round(noise_ceiling(100)) == 33
    assert said(3) == [27, 27, 33]
    assert curve.nngpps.sum() == 4
    low, high = min(concepts.MODEL.minimisers), max(concepts.MODEL.minimisers)
    step = curve.positions[1] - curve.positions[0]
    places = curve.positions[curve.nngpps]
    assert (places > low).all()
    assert (places < high + step).all()


def lines(**fields: object) -> tuple[int, int, float, float]:
    found = run(StudySpec(resolution=2, draws=0, **fields), device="cpu")
    counts = found.line_minima_counts.sum(1).mean(), found.line_nngpp_counts.sum(1).mean()
    return int(found.minima.sum()), int(found.nngpps.sum()), *map(float, counts)


def test_numbers_of_the_four_lines() -> None:
    assert lines(batch_size=150)[:2] == (4, 4)
    assert SCENES[4].answer.startswith("Four and four, within one point of each other")
    minima, nngpps, mean, most = lines(batch_size=149)
    assert said(6) == [25, minima, round(mean)]
    assert (nngpps, most) == (4, 4)
    assert "The NN-GPPs are still four" in SCENES[5].answer
    assert said(7) == [130, 17, *lines()[:2], round(len(LINES) * noise_ceiling(100))]
    _, _, minima_mean, nngpp_mean = lines(line_points=200)
    assert [round(minima_mean), round(nngpp_mean)] == [262, 33]
    assert said(10) == [262, 33]


def test_true_optima_of_both_kinds_lie_within_one_point() -> None:
    found = run(SCENES[4].state.spec.replace(resolution=2, draws=0), device="cpu")
    for minima, nngpps in zip(found.minima, found.nngpps, strict=True):
        assert np.abs(np.flatnonzero(minima) - np.flatnonzero(nngpps)).max(initial=0) <= 1


def test_the_uncertain_third() -> None:
    found = run(SCENES[7].state.spec, device="cpu")
    certain = np.abs(found.mean_slope) >= found.sd_slope
    assert 0.28 < np.mean(~certain) < 0.38
    wrong = np.where(found.mean_slope < 0, 1 - found.plane_negative, 1 - found.plane_positive)[certain]
    assert 0.15 < wrong.max() < 0.22  # a share of a thousand mini-batches
    assert np.median(wrong) < 0.05


def test_relu_is_flat_somewhere() -> None:
    found = run(SCENES[10].state.spec.replace(draws=0), device="cpu")
    assert np.mean((found.full_slope == 0) & (found.sd_slope == 0)) > 0.2


def test_numbers_of_other_problems() -> None:
    def count(number: int, **changes: object) -> tuple[int, ...]:
        return lines(**{**ALL[number - 1].study, **changes})[:2]

    minima, nngpps = count(13)
    assert said(13) == [130, minima]
    assert (nngpps, count(13, batch_size=150)) == (7, (4, 4))
    assert "there are seven" in ALL[12].answer
    assert count(13, batch_size=149) == (4, 4)
    minima, nngpps = count(14)
    assert said(14) == [minima, round(len(LINES) * noise_ceiling(100))]
    assert (nngpps, count(14, batch_size=150)) == (10, (4, 4))
    assert "ten sign changes, for four true optima" in ALL[13].answer
    assert network_size(ALL[13].state.spec)[1] == 2499
    assert said(15) == [count(15)[1], lines(domain="local")[1]]
    assert count(15, batch_size=140)[1] == 9
    assert said(16) == [*count(16)]
    assert count(16, batch_size=178) == (8, 8)
