"""Compression and caching of responses; versioned addresses are cached for ever."""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import Callable
from hashlib import blake2b

import brotli
from flask import Flask, Response, request

from app.jobs.cache import Cache

logger = logging.getLogger(__name__)

SMALLEST = 1024
"""Smallest response that is compressed, in bytes."""

COMPRESSIBLE = frozenset(
    {"application/javascript", "application/json", "image/svg+xml", "text/css", "text/html", "text/javascript"}
)
"""MIME types that are compressed."""

VERSIONED = re.compile(r"/_dash-component-suites/.*\.v[\w-]+m[0-9a-fA-F]+\.[\w.]+$")
"""Addresses of Dash's component libraries with version and date."""

FILE_PATHS = ("/assets/", "/_dash-component-suites/")
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
"""Cached, but revalidated each time."""

Encoder = Callable[[bytes], bytes]

ENCODERS: dict[str, Encoder] = {
    "br": lambda content: brotli.compress(content, quality=5),
    "gzip": lambda content: gzip.compress(content, 6, mtime=0),
}
"""Fast encoders, for responses to one visitor; the first is preferred."""


def compress_fully(content: bytes) -> bytes:
    """Compress as well as possible, which takes seconds."""
    return brotli.compress(content, quality=11)


class Compression:
    """Compresses responses and sets their cache headers."""

    def __init__(self, disk: Cache | None = None) -> None:
        """Cache compressed files in memory, and well compressed ones on disk."""
        # as many entries as files are served: the key is their content
        self._kept: dict[str, bytes] = {}
        self._disk = disk

    def install(self, server: Flask) -> None:
        """Compress all responses of a server."""
        server.after_request(self.compress_response)

    def compress_response(self, response: Response) -> Response:
        """Compress one response and set its cache headers."""
        file = request.path.startswith(FILE_PATHS)
        reads = request.method in {"GET", "HEAD"}
        if reads and response.status_code in {200, 304}:
            lasting = VERSIONED.search(request.path) or (file and request.args.get("m"))
            response.headers["Cache-Control"] = IMMUTABLE if lasting else REVALIDATE
        if (
            response.status_code != 200
            or response.mimetype not in COMPRESSIBLE
            or "Content-Encoding" in response.headers
        ):
            return response
        response.vary.add("Accept-Encoding")
        if "ETag" in response.headers:
            tag, _ = response.get_etag()
            response.set_etag(str(tag), weak=True)  # the bytes differ between encodings, what they say does not
        elif reads and not VERSIONED.search(request.path):
            response.add_etag(weak=True)
        length = response.content_length if response.is_streamed else response.calculate_content_length()
        encoding = request.accept_encodings.best_match(ENCODERS)
        if encoding is not None and (length is None or length >= SMALLEST):
            response.direct_passthrough = False
            content = response.get_data()
            response.set_data(self._compress_file(content, encoding) if file else ENCODERS[encoding](content))
            response.headers["Content-Encoding"] = encoding
        if reads and "ETag" in response.headers:
            response.make_conditional(request)
        return response

    def compress_files(self, server: Flask) -> int:
        """Compress the files of the page as well as possible; return how many were not cached."""
        client = server.test_client()
        page = client.get("/", buffered=True).get_data(as_text=True)
        count = 0
        for address in re.findall(r'(?:src|href)="(/[^"]*)"', page):
            answer = client.get(address, buffered=True)
            content = answer.get_data()
            if not address.startswith(FILE_PATHS) or answer.mimetype not in COMPRESSIBLE or len(content) < SMALLEST:
                continue
            key = _cache_key(content, "br")
            if self._disk is None or not self._disk.holds(key):
                self._kept[key] = smaller = compress_fully(content)
                count += 1
                if self._disk is not None:
                    self._disk.put(key, smaller)
        logger.info("%s files compressed", count)
        return count

    def _compress_file(self, content: bytes, encoding: str) -> bytes:
        key = _cache_key(content, encoding)
        found = self._kept.get(key)
        if found is None and self._disk is not None:
            found = self._disk.get(key)
        if found is None:
            found = ENCODERS[encoding](content)
        self._kept.setdefault(key, found)
        return found


def _cache_key(content: bytes, encoding: str) -> str:
    return f"file:{encoding}:{blake2b(content, digest_size=16).hexdigest()}"
