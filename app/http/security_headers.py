"""Security headers."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path

from dash import Dash
from flask import Response

from app.page import loading_screen

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every response."""

DOCUMENT_HEADERS = {
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Headers of documents, beside the content security policy."""

PART_TYPES = frozenset(
    {"application/javascript", "application/json", "font/woff2", "image/webp", "text/css", "text/javascript"}
)
"""MIME types of parts of a document; there those headers, half a kilobyte each time, have no effect."""


def install(app: Dash) -> None:
    """Add the headers to the responses of an application whose callbacks are all registered."""
    documents = {**HEADERS, **DOCUMENT_HEADERS, "Content-Security-Policy": build_policy(app)}

    def protect(response: Response) -> Response:
        for name, value in (HEADERS if response.mimetype in PART_TYPES else documents).items():
            response.headers.setdefault(name, value)
        return response

    app.server.after_request(protect)


def build_policy(app: Dash) -> str:
    """Build the content security policy: scripts are files of this server, or inline ones with known hashes.

    Inline styles are allowed, since React and Plotly write them.
    """
    assets = Path(str(app.config.assets_folder))
    digests = [sha256(loading_screen.read_script(assets, name).encode()).digest() for name in loading_screen.SCRIPTS]
    scripts = [*app.csp_hashes(), *(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)]
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
