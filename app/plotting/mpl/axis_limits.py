"""Axis limits and ticks of charts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from app.plotting.model import Axes, Bars, Chart, Series
from app.plotting.mpl.style import SMALL, choose_ticks, finite_ends, format_number, format_power, measure_text
from app.plotting.plotly.charts import shows_counts

HEADROOM = 1.15


def horizontal_limits(chart: Chart) -> tuple[float, float]:
    """Return the ends of the horizontal axis."""
    reach = [item.x for part in chart.fields for item in part.items if isinstance(item, Series)]
    for part in chart.fields:
        for bars in part.items:
            if isinstance(bars, Bars):
                reach += [bars.x - bars.width / 2, bars.x + bars.width / 2]
    low, high = chart.x_range or finite_ends(reach) or (0.0, 1.0)
    room = 0.015 * (high - low) or 0.5
    return low - room, high + room


def vertical_limits(part: Axes, across: tuple[float, float]) -> tuple[float, float]:
    """Return the ends of a field's vertical axis, for values between the ends of the horizontal one."""
    begin, end = across
    arrays = [
        item.y[(item.x >= begin) & (item.x <= end)] for item in part.items if isinstance(item, Series) and len(item.x)
    ]
    arrays.append(np.array([level.height for level in part.levels]))
    bars = [item for item in part.items if isinstance(item, Bars)]
    if bars:
        arrays.append(np.array([0.0, *stack_bars(bars).values()]))
    if part.log:
        arrays = [array[array > 0] for array in arrays]
    low, high = finite_ends(arrays) or ((0.1, 1.0) if part.log else (0.0, 1.0))
    if part.log:
        low = part.low if part.low is not None and part.low > 0 else low / 1.3
        return low, max(high, low) * 1.3
    if part.low is not None:
        return part.low, part.low + HEADROOM * ((max(high, part.low, part.top) - part.low) or 1.0)
    if part.ticks is not None:
        places = [place for place, _ in part.ticks]
        low, high = min([low, *places]), max([high, *places])
    labelled = part.ticks is not None or any(isinstance(item, Series) and item.text for item in part.items)
    room = (0.14 if labelled else 0.06) * (high - low) or 0.06 * abs(high) or 0.5
    return low - room, high + room


def stack_bars(bars: Iterable[Bars]) -> dict[float, float]:
    """Sum the heights of stacked bars by position."""
    tops: dict[float, float] = {}
    for item in bars:
        for place, height in zip(item.x.tolist(), item.y.tolist(), strict=True):
            tops[place] = tops.get(place, 0.0) + height
    return tops


def vertical_ticks(part: Axes, upright: tuple[float, float]) -> list[float]:
    """Choose the ticks of the vertical axis."""
    low, high = upright
    if not part.log:
        found = choose_ticks(low, high, 5 if part.share >= 1 else 3)
        return [value for value in found if value == round(value)] if shows_counts(part) else found
    first, last = int(np.ceil(np.log10(low))), int(np.floor(np.log10(high)))
    if last - first < 1:  # within one decade
        return [
            value
            for step in range(first - 1, last + 1)
            for value in (10.0**step * k for k in (1, 2, 5))
            if low <= value <= high
        ]
    return [float(f"1e{step}") for step in range(first, last + 1, max(1, (last - first) // 4))]


def tick_format(part: Axes, upright: tuple[float, float]) -> Callable[..., str]:
    """Return the format of the ticks of the vertical axis."""
    exponents = np.log10(vertical_ticks(part, upright)) if part.log else np.array([0.5])
    return format_power if np.allclose(exponents, np.round(exponents), rtol=0, atol=1e-9) else format_number


def measure_labels(chart: Chart) -> float:
    """Measure the widest label of the vertical axes."""
    across = horizontal_limits(chart)
    names: list[str] = []
    for part in chart.fields:
        upright = vertical_limits(part, across)
        if part.ticks is None:
            names += map(tick_format(part, upright), vertical_ticks(part, upright))
        else:
            names += [name for _, name in part.ticks]
    return max((measure_text(name, SMALL) for name in names), default=0.0)
