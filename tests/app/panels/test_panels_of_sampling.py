"""What panels say of mini-batches with replacement and of shuffled epochs."""

from __future__ import annotations

from app.panels import counts, lines, static, surfaces
from landscape_core import StudySpec, run


def test_panels_say_how_mini_batches_are_drawn(few: StudySpec) -> None:
    """What is the full batch without replacement is none with; neighbours of one epoch make no product."""
    replaced = run(few.replace(sampling="with-replacement", batch_size=150), device="cpu")
    assert surfaces.loss(replaced).title == "Loss, |B| = 150, with replacement"
    assert surfaces.loss(replaced).note == "A fresh mini-batch of 150 at every point, with replacement"
    assert "the exact SD σ/√B on average" in surfaces.sd_loss(replaced).note
    assert "sampled: shares of 1,000 mini-batches" in counts.nngpp_map(replaced).caption
    shuffled = run(few.replace(sampling="epoch-shuffle", batch_size=75), device="cpu")
    for drawn in (static.static(shuffled, "d1", "loss"), counts.nngpp_map(shuffled)):
        assert "|B| = 75, shuffled epochs" in drawn.caption
    assert "mini-batches of 75 out of shuffled epochs" in surfaces.mean_loss(shuffled).caption
    assert "√(σ²/B · (N−B)/(N−1))" in surfaces.sd_loss(shuffled).note
    assert "P(slope < 0 one step before and > 0 here)" in counts.nngpp_map(shuffled).note
    assert "no coarser line" in counts.thinned(shuffled).note
    ceiling = 4 * (len(shuffled.positions) - 2) * 3 / 8
    assert f"white noise would give {ceiling:.0f} " in lines.minima(shuffled).note
    expected = shuffled.line_nngpp_share
    assert expected is not None
    assert f"expected {expected.sum():.1f} " in lines.nngpps(shuffled).note
