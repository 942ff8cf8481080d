"""The functions that client-side callbacks name, against those that the scripts publish."""

from __future__ import annotations

import re
from pathlib import Path

from app import create_app
from app.settings import Settings

SCRIPTS = Path(__file__).parents[3] / "frontend" / "src"


def test_scripts_publish_the_functions_that_callbacks_name(settings: Settings) -> None:
    callbacks = create_app(settings).server.test_client().get("/_dash-dependencies").get_json()
    named = {entry["clientside_function"]["function_name"] for entry in callbacks if entry["clientside_function"]}
    published = [path.read_text(encoding="utf-8").partition("publish({")[2] for path in SCRIPTS.rglob("*.ts")]
    assert "showView" in named
    for name in named:
        assert any(re.search(rf"\b{name}\b(?=[(:]| \}})", text) for text in published), name
