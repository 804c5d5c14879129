"""Tokens: asked for once, renewed once, shown never."""

from __future__ import annotations

import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Lock
from urllib.parse import parse_qs, urlsplit

import pytest
from loopback import FakeClock, Reply, Seen, in_turn

from takeoff.core.errors import InputRefused, NotUnderstood, TryLater, VendorRefused
from takeoff.http.auth import (
    Bearer,
    Login,
    OAuthApp,
    Refreshing,
    Tokens,
    begin_login,
    code_of,
    code_request,
    refresh_request,
    tokens_of,
)
from takeoff.http.messages import Limits, Request

BACK = "http://127.0.0.1:8765/back"
ASK = Request("GET", "/projects")


class TokenEndpoint:
    """Gives codes, takes each once with its verifier, and gives refresh tokens that work once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._codes: dict[str, str] = {}
        self._given = 0
        self.good: set[str] = set()
        self._refresh = ""

    def authorize(self, url: str) -> str:
        """What the browser does: the address that it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["code_challenge_method"] == "S256"
        self._codes["the code"] = asked["code_challenge"]
        return f"{asked['redirect_uri']}?code=the+code&state={asked['state']}"

    def __call__(self, seen: Seen) -> Reply:
        if seen.target != "/v1/auth/token":
            token = seen.headers.get("authorization", "").removeprefix("Bearer ")
            return Reply(body=b'{"projects":[]}') if token in self.good else Reply(401)
        assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
        assert "authorization" not in seen.headers
        form = {name: values[0] for name, values in parse_qs(seen.body.decode()).items()}
        with self._lock:
            return self._token(form)

    def _token(self, form: dict[str, str]) -> Reply:
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            is_good = self._codes.pop(form["code"], None) == challenge
            is_good = is_good and form["redirect_uri"] == BACK
        else:
            is_good = form["refresh_token"] == self._refresh
        if not is_good or "client_secret" in form or form["client_id"] != "app":
            return Reply(200, b'{"error":"invalid_grant","errorDetails":"no such code"}')
        self._given += 1
        self.good = {f"access-{self._given}"}
        self._refresh = f"refresh-{self._given}"
        answer = {
            "access_token": f"access-{self._given}",
            "token_type": "bearer",
            "expires_in": 3600,
            "refresh_token": self._refresh,
        }
        return Reply(body=json.dumps(answer).encode())


def _app(base_url: str, secret: str | None = None) -> OAuthApp:
    scopes = ("models:read", "projects:read")
    return OAuthApp(f"{base_url}/v1/auth/authorize", "/auth/token", "app", BACK, scopes, secret)


def test_login_from_the_browser_to_the_first_answer(serve, open_session, clock) -> None:
    endpoint = TokenEndpoint()
    server = serve(endpoint)
    app = _app(server.url)
    session = open_session(server.url + "/v1")
    login = begin_login(app)
    asked = parse_qs(urlsplit(login.url).query)
    assert asked["scope"] == ["models:read projects:read"]
    assert "client_secret" not in asked

    code = code_of(login, endpoint.authorize(login.url))
    tokens = tokens_of(session.ask_json(code_request(app, login, code)), clock)
    assert tokens.expires_at == FakeClock.START + timedelta(hours=1)
    assert tokens.scheme == "Bearer"

    kept: list[Tokens] = []
    auth = Refreshing(
        tokens,
        lambda old: tokens_of(session.ask_json(refresh_request(app, old)), clock, old),
        keep=kept.append,
        clock=clock,
    )
    mine = open_session(server.url + "/v1", auth)
    assert mine.ask_json(ASK) == {"projects": []}
    clock.sleep(3600 - 59)
    assert mine.ask_json(ASK) == {"projects": []}
    assert [tokens.access_token for tokens in kept] == ["access-2"]
    endpoint.good = set()
    assert mine.ask_json(ASK) == {"projects": []}
    assert [tokens.access_token for tokens in kept] == ["access-2", "access-3"]


def test_code_works_once_and_says_so(serve, open_session, clock) -> None:
    endpoint = TokenEndpoint()
    server = serve(endpoint)
    app, session = _app(server.url), open_session(server.url + "/v1")
    login = begin_login(app)
    request = code_request(app, login, code_of(login, endpoint.authorize(login.url)))
    tokens_of(session.ask_json(request), clock)
    with pytest.raises(VendorRefused, match="invalid_grant: no such code"):
        tokens_of(session.ask_json(request), clock)


def test_exchange_is_not_repeated_and_tells_no_code(serve, open_session) -> None:
    app = _app("http://127.0.0.1")
    login = begin_login(app)
    request = code_request(app, login, "the-secret-code")
    server = serve(in_turn(Reply(503, f"{login.verifier} the-secret-code".encode())))
    with pytest.raises(TryLater, match="not asked again") as raised:
        open_session(server.url).ask_json(request)
    assert len(server.seen) == 1
    server.script = in_turn(Reply(body=b"access_token=the-secret-token"))
    with pytest.raises(NotUnderstood) as garbled:
        open_session(server.url).ask_json(request)
    told = f"{raised.value} {garbled.value} {request} {login} {app}"
    for secret in (login.verifier, login.state, "the-secret-code", "the-secret-token"):
        assert secret not in told


def test_confidential_app_sends_its_secret_and_hides_it() -> None:
    app = _app("https://api.example.com", "the-secret-of-the-app")
    request = code_request(app, begin_login(app), "c")
    assert b"client_secret=the-secret-of-the-app" in request.body
    assert "the-secret-of-the-app" not in repr((app, request))


def test_every_login_is_its_own() -> None:
    one, other = (begin_login(_app("https://api.example.com")) for _ in range(2))
    assert one.state != other.state
    assert one.verifier != other.verifier
    assert 43 <= len(one.verifier) <= 128


@pytest.mark.parametrize(
    ("back", "error", "said"),
    [
        ("?code=c&state=other", NotUnderstood, "another login"),
        ("?code=c", NotUnderstood, "another login"),
        ("?state=s&error=access_denied", VendorRefused, r"\(access_denied\)"),
        ("?state=s&error=a&error_description=not+you", VendorRefused, r"\(a: not you\)"),
        ("?state=s", NotUnderstood, "without a code"),
    ],
)
def test_answer_to_the_browser_is_checked(back, error, said) -> None:
    with pytest.raises(error, match=said):
        code_of(Login("https://x", "s", "v"), BACK + back)


def _jwt(claims: bytes) -> str:
    return "h." + base64.urlsafe_b64encode(claims).rstrip(b"=").decode() + ".s"


@pytest.mark.parametrize(
    ("answer", "expires_at"),
    [
        ({"access_token": "t", "expires_in": 60}, FakeClock.START + timedelta(seconds=60)),
        ({"access_token": "t", "expires_in": "60"}, FakeClock.START + timedelta(seconds=60)),
        ({"access_token": _jwt(b'{"exp":1800000000}')}, datetime(2027, 1, 15, 8, tzinfo=UTC)),
        ({"access_token": _jwt(b'{"exp":null}')}, None),
        ({"access_token": _jwt(b'{"exp":1e300}')}, None),
        ({"access_token": _jwt(b"[]")}, None),
        ({"access_token": "a.\u00e9.c".replace("\u00e9", "!")}, None),
        ({"access_token": "opaque"}, None),
        ({"access_token": "t", "expires_in": 1e300}, None),
    ],
)
def test_end_of_a_token(answer, expires_at) -> None:
    assert tokens_of(answer, FakeClock()).expires_at == expires_at


@pytest.mark.parametrize("answer", [{}, [], None, {"access_token": ""}, {"access_token": 7}])
def test_answer_without_a_token(answer) -> None:
    with pytest.raises(NotUnderstood, match="no access token"):
        tokens_of(answer, FakeClock())


def test_refresh_keeps_what_it_does_not_replace() -> None:
    old = Tokens("a", "r")
    assert tokens_of({"access_token": "b"}, FakeClock(), old) == Tokens("b", "r")
    with pytest.raises(VendorRefused, match="log in again"):
        refresh_request(_app("https://x"), Tokens("a"))


def test_second_401_is_final(serve, open_session) -> None:
    server = serve(in_turn(Reply(401)))
    auth = Refreshing(Tokens("a", "r"), lambda old: Tokens("b", "r"))
    with pytest.raises(VendorRefused, match=r"\(401\); the token is missing, wrong or has ended"):
        open_session(server.url, auth).ask_json(ASK)
    assert [s.headers["authorization"] for s in server.seen] == ["Bearer a", "Bearer b"]


@pytest.mark.parametrize("auth", [Bearer("a"), Refreshing(Tokens("a"), lambda old: old)])
def test_401_without_another_token_is_final(serve, open_session, auth) -> None:
    server = serve(in_turn(Reply(401)))
    with pytest.raises(VendorRefused) as raised:
        open_session(server.url, auth).ask_json(ASK)
    assert raised.value.status == 401
    assert len(server.seen) == 1


def test_change_is_sent_again_after_401(serve, open_session) -> None:
    """It was not carried out, so nothing is done twice."""
    server = serve(in_turn(Reply(401), Reply(body=b"{}")))
    auth = Refreshing(Tokens("a", "r"), lambda old: Tokens("b", "r"))
    open_session(server.url, auth).ask_json(Request("POST", "/publish", json_body={}))
    assert [seen.body for seen in server.seen] == [b"{}", b"{}"]


def test_of_many_refused_one_asks_for_new_tokens(serve, open_session, clock) -> None:
    """All places are taken by those who wait for the login, and still it gets through."""
    endpoint = TokenEndpoint()
    endpoint._refresh = "refresh-0"
    together = Barrier(8)

    def all_at_once(seen: Seen) -> Reply:
        if seen.headers.get("authorization") == "Bearer stale":
            together.wait(10)
        return endpoint(seen)

    server = serve(all_at_once)
    app = _app(server.url)

    def exchange(old: Tokens) -> Tokens:
        return tokens_of(session.ask_json(refresh_request(app, old)), clock, old)

    auth = Refreshing(Tokens("stale", "refresh-0"), exchange, clock=clock)
    session = open_session(server.url + "/v1", auth, limits=Limits(parallel=8))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: session.ask_json(ASK), range(8)))
    assert answers == [{"projects": []}] * 8
    assert sum(seen.target == "/v1/auth/token" for seen in server.seen) == 1


@pytest.mark.parametrize("token", ["", " ", "Bearer abc", "a\nb", "ä", "a\x00"])
def test_what_is_no_token(token) -> None:
    with pytest.raises(InputRefused) as raised:
        Bearer(token)
    assert token.strip() == "" or token not in str(raised.value).replace("'Bearer'", "")


def test_tokens_are_not_shown() -> None:
    shown = repr([Bearer("secret-1"), Tokens("secret-2", "secret-3")])
    shown += repr(Refreshing(Tokens("secret-4", "secret-5"), lambda old: old))
    assert "secret" not in shown
    assert Bearer(" secret-1\n", "BimPlus").authorization() == "BimPlus secret-1"


def test_key_in_place_of_the_login_is_not_shown_when_it_is_said_again(serve, open_session) -> None:
    key = "a-key-that-nobody-may-see"
    said = json.dumps({"error": "refused", "message": f"there is no {key}"}).encode()
    session = open_session(serve(in_turn(Reply(403, said))).url)
    headers = (("Authorization", f"Basic {key}"),)
    with pytest.raises(VendorRefused, match=r"there is no \*\*\*") as refusal:
        session.ask_json(Request("GET", "/feed", with_auth=False, headers=headers))
    assert key not in str(refusal.value)
