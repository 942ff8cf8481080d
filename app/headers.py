"""What answers tell the browser to forbid."""

from __future__ import annotations

import base64
from hashlib import sha256

from dash import Dash
from flask import Response

from app import first

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every answer."""

OF_DOCUMENTS = {
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Of whatever a browser may show by itself, with the content security policy."""

PARTS = frozenset({"application/javascript", "application/json", "image/webp", "text/css", "text/javascript"})
"""Kinds of content that a document is made of; on them those headers, half a kilobyte each time, say nothing."""


def install(app: Dash) -> None:
    """Add them to the answers of an application whose callbacks are all registered."""
    documents = {**HEADERS, **OF_DOCUMENTS, "Content-Security-Policy": policy(app)}

    def protect(response: Response) -> Response:
        for name, value in (HEADERS if response.mimetype in PARTS else documents).items():
            response.headers.setdefault(name, value)
        return response

    app.server.after_request(protect)


def policy(app: Dash) -> str:
    """The content security policy: scripts are files of this server, or the few whose hashes are known.

    Styles may stand in the page, for React and Plotly write them there.
    """
    scripts = [*app.csp_hashes(), f"'sha256-{base64.b64encode(sha256(first.THEME.encode()).digest()).decode()}'"]
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {' '.join(scripts)}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )
