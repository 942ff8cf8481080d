"""Figures of the paper as files."""

from xml.etree import ElementTree

import pytest

from app.export import paper_figures
from app.panels import OF_ITSELF
from app.plotting.model import Chart
from landscape_core import SpecError, StudySpec, run
from landscape_core.paper import published
from landscape_core.study import run as study

SMALL = {"resolution": 8, "line_points": 12}


@pytest.fixture
def studies():
    return paper_figures.Studies("cpu")


def small(figure):
    draws = {"draws": 6} if figure.base.draws else {}
    return figure.base.replace(**SMALL, **draws)


@pytest.mark.parametrize("number", sorted(published.FIGURES))
def test_every_figure_as_a_page_that_needs_nothing_else(number, studies, tmp_path):
    figure = published.find_figure(number)
    base, path = small(figure), tmp_path / "figure.html"
    made = paper_figures.draw_panels(figure, figure.panels, base, studies)
    assert [letter for letter, _ in made] == [panel.letter for panel in figure.panels]
    paper_figures.write(figure, made, base, path)
    page = path.read_text(encoding="utf-8")
    assert page.count('class="plotly-graph-div"') == len(figure.panels)
    assert f"{figure.name} " in page
    assert "<script src=" not in page
    assert ("Seed 12735 (selected, see the README), batch seed 0; " in page) == figure.has_study


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_figure_in_print(kind, studies, tmp_path):
    figure, path = published.find_figure(9), tmp_path / f"figure.{kind}"
    base = small(figure)
    shown = (figure.panel("a"), figure.panel("h"))
    paper_figures.write(figure, paper_figures.draw_panels(figure, shown, base, studies), base, path)
    content = path.read_bytes()
    assert content.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind])
    if kind == "svg":
        words = " ".join(ElementTree.fromstring(content).itertext())
        assert "Fig. 9 ReLU, global domain" in words
        assert "(h) NN-GPPs" in words


def test_panels_show_the_study_that_the_engine_computes(studies):
    figure = published.find_figure(9)
    ((_, panel),) = paper_figures.draw_panels(figure, (figure.panel("h"),), small(figure), studies)
    result = run(small(figure), device="cpu")
    assert isinstance(panel.picture, Chart)
    assert panel.note.startswith(f"{int(result.nngpps.sum())} NN-GPPs found")


def test_equal_studies_are_computed_once_and_share_tables(monkeypatch, studies):
    made = []
    original = study.tabulate_landscape
    monkeypatch.setattr(study, "tabulate_landscape", lambda spec, **more: made.append(spec) or original(spec, **more))
    figure = published.find_figure(2)
    paper_figures.draw_panels(figure, figure.panels, small(figure), studies)
    assert len(made) == 1  # four batch sizes on one landscape


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(SpecError) as caught:
        paper_figures.parse_format(tmp_path / "figure.gif")
    assert caught.value.allowed == "a file that ends in .png, .svg, .pdf, .html"
    assert caught.value.value == str(tmp_path / "figure.gif")


def test_the_index_leads_to_every_file(tmp_path):
    entries = [(figure, tmp_path / f"figure-{figure.number:02}.png") for figure in published.FIGURES.values()]
    page = paper_figures.fill_index(entries)
    for figure, path in entries:
        assert f'<a href="{path.name}">{figure.name} ' in page
        assert f'<img src="{path.name}" alt="{figure.name}">' in page


def test_figures_without_a_study_say_no_seed():
    figure = published.find_figure(6)
    assert {panel.shows for panel in figure.panels} <= set(OF_ITSELF)
    assert "seed" not in paper_figures.write_footer(figure, StudySpec())
