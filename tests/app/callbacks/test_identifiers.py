"""Every callback names components and properties that the page has: the browser, which could check it, is not asked to."""

import pytest
from dash import Dash
from dash._utils import split_callback_id
from dash.development.base_component import Component

from app import create_app
from app.settings import Settings


@pytest.fixture
def app(settings: Settings) -> Dash:
    return create_app(settings)


def _components(app: Dash) -> dict[str, Component]:
    layout = app.layout()
    parts = [layout, *(part for part in layout._traverse() if isinstance(part, Component))]
    # what stands in another property than the children is not traversed
    nested = [
        inner
        for part in parts
        for name in part.available_properties
        if name != "children" and isinstance(inner := getattr(part, name, None), Component)
    ]
    return {part.id: part for part in [*parts, *nested] if getattr(part, "id", None) is not None}


def test_every_callback_names_what_the_page_has(app: Dash) -> None:
    components = _components(app)
    named = [
        (part["id"], part["property"])
        for output, callback in app.callback_map.items()
        for part in [*_outputs(output), *callback["inputs"], *callback["state"]]
    ]
    assert len(named) > 100
    missing = [f"{name}.{what}" for name, what in named if name not in components]
    assert missing == []
    unknown = [f"{name}.{what}" for name, what in named if not _has(components[name], what.split("@")[0])]
    assert unknown == []


def _has(component: Component, what: str) -> bool:
    return what in component.available_properties or what.startswith(tuple(component.available_wildcard_properties))


def test_the_page_does_not_hold_its_layout_twice(app: Dash) -> None:
    page = app.server.test_client().get("/").get_data(as_text=True)
    assert "validation_layout" not in page


def _outputs(named: str) -> list[dict[str, str]]:
    if "." not in named:  # a callback without outputs
        return []
    parts = split_callback_id(named)
    return parts if isinstance(parts, list) else [parts]
