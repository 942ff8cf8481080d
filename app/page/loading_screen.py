"""Loading screen: frame, headline and pictures of the first view, before any script has run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dash import Dash
from flask import request

from app.page.intro_strip import COUNTED, DISTANCE
from app.panels import text
from app.templates import fill_template
from app.views import FIRST, VIEWS

SCRIPTS = ("start", "colours")
"""Inline scripts, built from `frontend/src/inline`."""

SURFACES = ("loss", "slope")

NOT_NEEDED = ("/dash_table/", "/deps/polyfill")
"""Dash's scripts that are left out: tables, of which the page has none, and what only browsers lack that could not run the
page's own scripts. Dash's components take one thing of it, `regeneratorRuntime`, which is in `frontend/src/main.ts`."""


def read_script(assets: Path, name: str) -> str:
    """Read one of `SCRIPTS`."""
    return (assets / "first" / f"{name}.js").read_text(encoding="utf-8")


class FirstPage(Dash):
    """A Dash application whose page shows something before its scripts run."""

    def interpolate_index(self, **parts: Any) -> str:  # noqa: ANN401  as Dash's own
        """Fill the template of the page; pictures are of the default view and only shown for its address."""
        assets = Path(str(self.config.assets_folder))
        words, opening = (
            json.loads((assets / "first" / f"{name}.json").read_text(encoding="utf-8")) for name in ("words", "intro")
        )
        return fill_template(
            "page.html",
            **{**parts, "scripts": _needed(parts["scripts"])},
            **{name: read_script(assets, name) for name in SCRIPTS},
            icon=self._address(assets / "favicon.svg"),
            font=self._address(assets / "fonts" / "source-sans-3.woff2"),
            id="first",
            headline=text.HEADLINE,
            paper=text.PAPER,
            views=VIEWS.values(),
            firsts=FIRST,
            lead=VIEWS["compare"].lead,
            intro=opening,
            counted=COUNTED,
            distance=DISTANCE,
            panels=[] if request.args else [{**panel, **self._pictures(name)} for name, panel in words.items()],
        )

    def _pictures(self, name: str) -> dict[str, str]:
        """Return the addresses of a panel's picture in both themes, empty if it has none."""
        first = Path(str(self.config.assets_folder)) / "first"
        return {
            theme: self._address(first / f"{name}-{theme}.webp") if name in SURFACES else ""
            for theme in ("light", "dark")
        }

    def _address(self, path: Path) -> str:
        # as Dash's own addresses of assets: another file has another one
        return f"{self.get_asset_url(str(path.relative_to(self.config.assets_folder)))}?m={path.stat().st_mtime}"


def _needed(scripts: str) -> str:
    return "\n".join(line for line in scripts.splitlines() if not any(name in line for name in NOT_NEEDED))
