"""The storage of results and uploads: another origin, whose links are signed and lapse."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass
from typing import Protocol

from flask import Flask, request
from werkzeug.wrappers import Response

from takeoff.sandbox.faults import Control
from takeoff.sandbox.hooks import add_hooks
from takeoff.sandbox.seen import Register

# None of our headers may come here; a real storage refuses two ways to prove oneself at once.
OURS = ("Authorization", "X-Client-Session-Id", "X-Client-Type", "Cookie")
_HOPS = 3


class Content(Protocol):
    """What is stored."""

    @property
    def content(self) -> bytes: ...
    @property
    def content_type(self) -> str: ...


@dataclass(frozen=True)
class _Link:
    file: Content
    signature: str
    expires: float
    form: str


@dataclass
class _Place:
    """Where one file may be put, and what was."""

    signature: str
    expires: float
    content: bytes | None = None


class Storage:
    """Files by links; safe to share by threads. `base_url` is set when it is served."""

    def __init__(self, control: Control) -> None:
        self.base_url = ""
        self._control = control
        self._lock = threading.Lock()
        self._links: dict[str, _Link] = {}
        self._places: dict[str, _Place] = {}

    def link(self, file: Content, owner: str) -> str:
        """A new link to a file. `owner` tells the first link of a result from those after it."""
        switches = self._control.switches
        lifetime = switches.number("link_s") or 0
        form = switches["link"]
        is_first = self._control.count(f"links of {owner}") == 0
        if form == "expired" or (form == "expired_once" and is_first):
            lifetime = 0
        key, signature = secrets.token_hex(8), secrets.token_urlsafe(32)
        with self._lock:
            self._links[key] = _Link(file, signature, time.time() + lifetime, form)
        return f"{self.base_url}/results/{key}?signature={signature}"

    def place(self) -> str:
        """A new link that one file may be put to, again and again until it lapses."""
        lifetime = self._control.switches.number("link_s") or 0
        key, signature = secrets.token_hex(8), secrets.token_urlsafe(32)
        with self._lock:
            self._places[key] = _Place(signature, time.time() + lifetime)
        return self._place_url(key, signature)

    def uploaded(self, url: str) -> bytes | None:
        """What was put to exactly this link; None if nothing was, or it is none of ours."""
        with self._lock:
            known = self._places.items()
            places = {self._place_url(key, one.signature): one for key, one in known}
        return None if url not in places else places[url].content

    def put(self, key: str, signature: str, content: bytes) -> Response:
        """Keep the file, or refuse it in words of the storage's own kind."""
        with self._lock:
            place = self._places.get(key)
            if place is None or not secrets.compare_digest(place.signature, signature):
                return _refusal(403, "SignatureDoesNotMatch")
            if place.expires <= time.time():
                return _refusal(int(self._control.switches["link_status"]), "LinkExpired")
            place.content = content
        return Response(b"", 200)

    def _place_url(self, key: str, signature: str) -> str:
        return f"{self.base_url}/uploads/{key}?signature={signature}"

    def answer(self, key: str, signature: str, hop: int, here: str) -> Response:
        """The file, a redirect, or a refusal in words of its own kind."""
        switches = self._control.switches
        with self._lock:
            link = self._links.get(key)
        if link is None or not secrets.compare_digest(link.signature, signature):
            return _refusal(403, "SignatureDoesNotMatch")
        if link.expires <= time.time():
            return _refusal(int(switches["link_status"]), "LinkExpired")
        if link.form == "loop":
            return Response(b"", 302, {"Location": here})
        if link.form == "chain" and hop < _HOPS:
            target = f"{self.base_url}/results/{key}?signature={signature}&hop={hop + 1}"
            return Response(b"", 302, {"Location": target})
        return Response(link.file.content, 200, content_type=link.file.content_type)


def storage_app(storage: Storage, control: Control, register: Register) -> Flask:
    """The storage as a web application."""
    app = Flask("takeoff.sandbox.storage")
    add_hooks(app, "storage", control, register, endpoint=lambda: "storage")

    @app.before_request
    def refuse_ours() -> Response | None:
        is_strict = control.switches["storage_headers"] == "refuse"
        if is_strict and any(name in request.headers for name in OURS):
            return _refusal(400, "UnexpectedHeader")
        return None

    @app.put("/uploads/<key>")
    def upload(key: str) -> Response:
        return storage.put(key, request.args.get("signature", ""), request.get_data())

    @app.get("/results/<key>")
    def result(key: str) -> Response:
        hop = request.args.get("hop", 0, type=int)
        return storage.answer(key, request.args.get("signature", ""), hop, request.url)

    return app


def _refusal(status: int, word: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{word}</Code></Error>'
    return Response(text, status, content_type="application/xml")
