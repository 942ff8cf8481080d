"""How answers travel: compressed, and kept by the browser for as long as their address cannot mean anything else."""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import Callable
from hashlib import blake2b

import brotli
from flask import Flask, Response, request

from app.cache import Cache

logger = logging.getLogger(__name__)

LEAST = 1024
"""Bytes below which compression does not pay."""

TEXTS = frozenset(
    {"application/javascript", "application/json", "image/svg+xml", "text/css", "text/html", "text/javascript"}
)
"""Kinds of content that shrink; pictures are compressed already."""

VERSIONED = re.compile(r"/_dash-component-suites/.*\.v[\w-]+m[0-9a-fA-F]+\.[\w.]+$")
"""Dash's addresses of component libraries that hold version and date."""

FILES = ("/assets/", "/_dash-component-suites/")
FOR_EVER = "public, max-age=31536000, immutable"
ASK = "no-cache"
"""Keep it, but ask each time whether it has changed."""

Encoder = Callable[[bytes], bytes]

EACH: dict[str, Encoder] = {
    "br": lambda content: brotli.compress(content, quality=5),
    "gzip": lambda content: gzip.compress(content, 6, mtime=0),
}
"""Quick enough for an answer that is made for one visitor; the first is preferred."""


def best(content: bytes) -> bytes:
    """As small as it gets; it takes seconds."""
    return brotli.compress(content, quality=11)


class Delivery:
    """Compresses answers and says how long they may be kept."""

    def __init__(self, disk: Cache | None = None) -> None:
        """Keep compressed files in memory, and the best ones on disk."""
        # as many entries as files are served: the key is their content
        self._kept: dict[str, bytes] = {}
        self._disk = disk

    def install(self, server: Flask) -> None:
        """Treat all answers of a server."""
        server.after_request(self.deliver)

    def deliver(self, response: Response) -> Response:
        """Treat one answer."""
        file = request.path.startswith(FILES)
        reads = request.method in {"GET", "HEAD"}
        if reads and response.status_code in {200, 304}:
            lasting = VERSIONED.search(request.path) or (file and request.args.get("m"))
            response.headers["Cache-Control"] = FOR_EVER if lasting else ASK
        if response.status_code != 200 or response.mimetype not in TEXTS or "Content-Encoding" in response.headers:
            return response
        response.vary.add("Accept-Encoding")
        if "ETag" in response.headers:
            tag, _ = response.get_etag()
            response.set_etag(str(tag), weak=True)  # the bytes differ between encodings, what they say does not
        elif reads and not VERSIONED.search(request.path):
            response.add_etag(weak=True)
        length = response.content_length if response.is_streamed else response.calculate_content_length()
        encoding = request.accept_encodings.best_match(EACH)
        if encoding is not None and (length is None or length >= LEAST):
            response.direct_passthrough = False
            content = response.get_data()
            response.set_data(self._file(content, encoding) if file else EACH[encoding](content))
            response.headers["Content-Encoding"] = encoding
        if reads and "ETag" in response.headers:
            response.make_conditional(request)
        return response

    def prepare(self, server: Flask) -> int:
        """Compress the files that the page asks for as well as can be; return how many were not yet."""
        client = server.test_client()
        page = client.get("/", buffered=True).get_data(as_text=True)
        made = 0
        for address in re.findall(r'(?:src|href)="(/[^"]*)"', page):
            answer = client.get(address, buffered=True)
            content = answer.get_data()
            if not address.startswith(FILES) or answer.mimetype not in TEXTS or len(content) < LEAST:
                continue
            key = _key(content, "br")
            if self._disk is None or not self._disk.holds(key):
                self._kept[key] = smaller = best(content)
                made += 1
                if self._disk is not None:
                    self._disk.put(key, smaller)
        logger.info("%s files compressed", made)
        return made

    def _file(self, content: bytes, encoding: str) -> bytes:
        key = _key(content, encoding)
        found = self._kept.get(key)
        if found is None and self._disk is not None:
            found = self._disk.get(key)
        if found is None:
            found = EACH[encoding](content)
        self._kept.setdefault(key, found)
        return found


def _key(content: bytes, encoding: str) -> str:
    return f"file:{encoding}:{blake2b(content, digest_size=16).hexdigest()}"
