"""What is seen before any script has run: the page's frame, its headline, and the pictures of its first view."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from dash import Dash
from flask import request

from app import ids, text
from app.views import VIEWS

MARK, ICON = "<!-- what is seen first -->", "favicon.svg"
"""What the page's frame holds in place of them."""

SURFACES = ("loss", "slope")

STYLE = """
.first { position: fixed; inset: 0; z-index: 5; }
.first .bar { display: block; }
.first picture { display: grid; flex: 1; min-height: 0; padding: 2% 3%; }
.first img { width: 100%; height: 100%; min-height: 0; object-fit: contain; }
.first .tabs { display: flex; gap: 26px; margin: 0; padding: 0 10px; list-style: none; font-size: 14px; }
.first.live { background: none; pointer-events: none; }
.first.live :is(.bar, .rail, .panel) { visibility: hidden; }
.first.live picture { visibility: visible; background: var(--sheet); }
.first noscript { position: fixed; inset: auto 0 0; padding: 14px 16px; background: var(--alert); color: var(--sheet); }
@media (max-width: 900px) {
  .first { position: absolute; }
  .first .rail { display: none; }
  .first picture { height: 330px; }
}
"""

THEME = f"""
(function () {{
  var kept = null;
  try {{ kept = JSON.parse(window.localStorage.getItem("{ids.THEME}")); }} catch (problem) {{ kept = null; }}
  var dark = kept ? kept === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.mantineColorScheme = dark ? "dark" : "light";
  if (kept) {{
    document.querySelectorAll(".first source").forEach(function (source) {{ source.media = dark ? "all" : "not all"; }});
  }}
}})();
"""
"""The colours of the last visit, before the page's own scripts know of them."""

WITHOUT_SCRIPTS = (
    "Batchscape needs JavaScript, and WebGL for its surfaces: allow both for this page. "
    "<code>batchscape figure</code> draws the paper's figures without a browser."
)


class FirstPage(Dash):
    """A Dash application whose page shows something before its scripts run."""

    def interpolate_index(self, **parts: Any) -> str:  # noqa: ANN401  as Dash's own
        """The page that a visitor gets."""
        page: str = super().interpolate_index(**parts)
        assets = Path(str(self.config.assets_folder))
        page = page.replace(ICON, self._address(assets / "favicon.svg"), 1)
        return page.replace(MARK, self._first(assets / "first", pictures=not request.args), 1)

    def _first(self, folder: Path, pictures: bool) -> str:
        """The frame; pictures only for the address whose pictures they are."""
        words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        panels = "".join(self._panel(name, entry, folder) for name, entry in words.items()) if pictures else ""
        tabs = "".join(f"<li>{escape(view.label)}</li>" for view in VIEWS.values())
        return (
            f'<style>{STYLE}</style><div class="page first" id="{ids.FIRST}"><header class="bar"><div class="top">'
            f'<div class="brand"><h1>{text.TITLE}</h1><p class="headline">{escape(text.HEADLINE)}</p></div></div>'
            f'<nav class="views"><ul class="tabs">{tabs}</ul></nav></header><aside class="rail"></aside>'
            f'<main><div class="view view-compare">{panels}</div></main>'
            f"<noscript>{WITHOUT_SCRIPTS}</noscript></div><script>{THEME}</script>"
        )

    def _panel(self, name: str, words: dict[str, str], folder: Path) -> str:
        picture = ""
        if name in SURFACES:
            light, dark = (self._address(folder / f"{name}-{theme}.webp") for theme in ("light", "dark"))
            picture = (
                f'<picture><source srcset="{dark}" media="(prefers-color-scheme: dark)">'
                f'<img src="{light}" alt="{escape(words["alt"])}" fetchpriority="high"></picture>'
            )
        return (
            f'<section class="panel figure"><div class="panel-head"><h2>{escape(words["title"])}</h2>'
            f'<p class="note">{escape(words["note"])}</p></div>{picture}</section>'
        )

    def _address(self, path: Path) -> str:
        # as Dash's own addresses of assets: another file has another one
        return f"{self.get_asset_url(str(path.relative_to(self.config.assets_folder)))}?m={path.stat().st_mtime}"
