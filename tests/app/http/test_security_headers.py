"""What answers tell the browser to forbid."""

from __future__ import annotations

import base64
import re
from hashlib import sha256

import pytest
from dash import Dash
from hostile import Page, real_bodies

from app import create_app
from app.http import security_headers


@pytest.fixture
def app(settings) -> Dash:
    return create_app(settings)


def directives(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for words in map(str.split, policy.split("; "))}


def test_every_answer_has_them(app, monkeypatch):
    page = Page(app)
    bodies = real_bodies(app)
    answers = [
        page.client.get("/"),
        style := page.client.get("/assets/page.css", buffered=True),
        page.client.get("/assets/page.css", headers={"If-None-Match": style.headers["ETag"]}, buffered=True),
        page.client.get("/export/glossary"),
        page.client.get("/export/dialog?seed=x"),
        page.client.get("/nothing"),
        page.client.get("/readyz"),
        page.client.open("/", method="OPTIONS"),
        page.client.post("/"),
        page.post(b"[]"),
        page.post(bodies["readout.children"]),
    ]
    monkeypatch.setattr("app.callbacks.render.draw", lambda *_: 1 / 0)
    answers.append(page.post(bodies["notice.children"]))
    assert [answer.status_code for answer in answers] == [200, 200, 304, 200, 400, 404, 200, 200, 405, 400, 204, 500]
    documents = security_headers.DOCUMENT_HEADERS | {"Content-Security-Policy": security_headers.build_policy(app)}
    parts = 0
    for answer in answers:
        assert {name: answer.headers.get(name) for name in security_headers.HEADERS} == security_headers.HEADERS
        assert "Server" not in answer.headers
        part = answer.mimetype in security_headers.PART_TYPES or answer.status_code == 304  # whose kind is not said
        assert {name: answer.headers.get(name) for name in documents} == (
            dict.fromkeys(documents) if part else documents
        )
        parts += part
    assert 0 < parts < len(answers)
    assert "text/html" not in security_headers.PART_TYPES
    assert "image/svg+xml" not in security_headers.PART_TYPES


def test_the_policy_lets_no_script_in_but_files_and_known_ones(app):
    policy = directives(security_headers.build_policy(app))
    assert policy["default-src"] == policy["connect-src"] == policy["frame-ancestors"] == ["'self'"]
    assert policy["object-src"] == ["'none'"]
    for word in ("'unsafe-inline'", "'unsafe-eval'", "*", "data:", "blob:", "https:"):
        assert word not in policy["script-src"]


def test_every_script_in_the_page_has_its_hash_in_the_policy(app):
    page = app.server.test_client().get("/").text
    scripts = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", page, re.S)
    hashes = {f"'sha256-{base64.b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts}
    assert len(hashes) == 3  # what starts Dash, the theme, and what loads the page again
    assert {"'self'", *hashes} == set(directives(security_headers.build_policy(app))["script-src"])
    assert not re.search(r"\son\w+=|javascript:", page)
