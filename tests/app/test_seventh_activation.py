"""Another activation function in the registry: the menus have it, and the paper stays as it is."""

import numpy as np
import pytest
import torch

from app.jobs import cost
from app.page.rail import rail
from app.panels import concepts
from landscape_core import StudySpec, run
from landscape_core.paper import published
from landscape_core.paper.replication import run_replication
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.problems.activations import ACTIVATIONS, Activation

SINE = Activation("sine", "Sine", "saturation", "sin z", torch.sin, lambda z, _: torch.cos(z))


@pytest.fixture
def seventh(monkeypatch):
    monkeypatch.setitem(ACTIVATIONS, "sine", SINE)


def seen_of_the_paper():
    task = ReplicationSpec(seeds=3)
    panel = concepts.activations("saturation")
    return cost.of_replication(task), panel.note, [entry.name for entry in panel.picture.fields[0].items]


def test_the_paper_keeps_its_six(monkeypatch):
    before = seen_of_the_paper()
    monkeypatch.setitem(ACTIVATIONS, "sine", SINE)
    assert seen_of_the_paper() == before
    assert published.PAPER_ACTIVATIONS == ("sigmoid", "tanh", "softsign", "relu", "leaky_relu", "elu")


@pytest.mark.usefixtures("seventh", "few_line_draws")
def test_a_replication_computes_the_papers_six():
    result = run_replication(ReplicationSpec(seeds=1, line_points=4), device="cpu")
    assert result.usable.shape == (1, 6)
    assert [row.activation for row in result.rows()] == list(published.PAPER_ACTIVATIONS)


@pytest.mark.usefixtures("seventh", "few_line_draws")
def test_it_can_be_studied_and_is_in_the_menu():
    assert "Chip(children='Sine'" in str(rail.rail())
    result = run(StudySpec(activation="sine", resolution=3, line_points=3, draws=0), device="cpu")
    assert np.isfinite(result.full_loss).all()
