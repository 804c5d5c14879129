"""Redirects to storage: with nothing of ours, nowhere that only we can reach, shown to nobody."""

from __future__ import annotations

import logging
import socket
import traceback
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from loopback import Reply, in_turn

from takeoff.core.errors import NotUnderstood, TakeoffError, TryLater, VendorRefused
from takeoff.http.addresses import must_be_safe
from takeoff.http.auth import Bearer
from takeoff.http.messages import Request
from takeoff.http.session import LinkEnded

TOKEN = "token-that-nobody-may-see"
SIGNED = "signature-that-nobody-may-see"
RESULT = Request(
    "GET", "/operations/1/result", headers=(("X-Client-Session-Id", "session-of-ours"),)
)
STORED = Reply(body=b'{"Count":12}', headers={"Content-Type": "application/octet-stream"})


def _to(url: str, status: int = 302) -> Reply:
    return Reply(status, headers={"Location": url})


def _storage_link(storage) -> str:
    return f"{storage.url}/bucket/result?X-Signature={SIGNED}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_followed_with_nothing_of_ours(serve, open_session, tmp_path, status) -> None:
    storage = serve(in_turn(STORED))
    api = serve(in_turn(_to(_storage_link(storage), status)))
    answer = open_session(api.url).download(RESULT, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == b'{"Count":12}'
    assert answer.status == 200
    assert api.seen[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert api.seen[0].headers["x-client-session-id"] == "session-of-ours"
    (seen,) = storage.seen
    assert seen.method == "GET"
    assert seen.target == f"/bucket/result?X-Signature={SIGNED}"
    ours = {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert set(seen.headers) <= ours


def test_result_may_come_without_a_redirect(serve, open_session) -> None:
    api = serve(in_turn(STORED))
    content = BytesIO()
    open_session(api.url).download(RESULT, content)
    assert content.getvalue() == b'{"Count":12}'


def test_unasked_redirect_is_no_data(serve, open_session) -> None:
    storage = serve(in_turn(STORED))
    api = serve(in_turn(_to(_storage_link(storage))))
    with pytest.raises(NotUnderstood, match="with a redirect, where data was expected"):
        open_session(api.url).ask(RESULT, BytesIO())
    assert storage.seen == []


def test_body_of_a_redirect_is_not_read(serve, open_session) -> None:
    """The library by itself would unpack all of it."""
    storage = serve(in_turn(STORED))
    bomb = {"Location": _storage_link(storage)}
    api = serve(in_turn(Reply(302, bytes(50_000_000), headers=bomb, packed=True, cut=20_000)))
    content = BytesIO()
    open_session(api.url).download(RESULT, content)
    assert content.getvalue() == b'{"Count":12}'


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_ended_link_is_asked_for_again_once(serve, open_session, status) -> None:
    storage = serve(in_turn(Reply(status), STORED))
    api = serve(in_turn(_to(_storage_link(storage) + "1"), _to(_storage_link(storage) + "2")))
    content = BytesIO()
    open_session(api.url).download(RESULT, content)
    assert content.getvalue() == b'{"Count":12}'
    assert [seen.target[-1] for seen in storage.seen] == ["1", "2"]

    storage.script = in_turn(Reply(status))
    with pytest.raises(LinkEnded, match="has ended") as raised:
        open_session(api.url).download(RESULT, content)
    assert (raised.value.status, raised.value.exit_code) == (status, 4)
    assert len(storage.seen) == 4


def test_refusal_of_the_vendor_is_not_taken_for_an_ended_link(serve, open_session) -> None:
    api = serve(in_turn(Reply(404)))
    with pytest.raises(VendorRefused):
        open_session(api.url).download(RESULT, BytesIO())
    assert len(api.seen) == 1


def test_storage_that_stumbles_is_asked_again(serve, open_session, clock) -> None:
    busy = Reply(503, headers={"Retry-After": "4"})
    storage = serve(in_turn(busy, Reply(body=STORED.body, cut=3), None, STORED))
    api = serve(in_turn(_to(_storage_link(storage))))
    content = BytesIO()
    open_session(api.url).download(RESULT, content)
    assert content.getvalue() == STORED.body
    assert (len(api.seen), len(storage.seen)) == (1, 4)
    assert clock.slept[0] == 4


def test_hops_are_counted(serve, open_session) -> None:
    storage = serve(lambda seen: STORED)
    left = [5]

    def hop(seen):
        left[0] -= 1
        return _to(f"../{left[0]}?sig={SIGNED}") if left[0] >= 0 else STORED

    storage.script = hop
    session = open_session(storage.url)
    content = BytesIO()
    session.follow(_storage_link(storage), content)
    assert content.getvalue() == STORED.body
    assert len(storage.seen) == 6

    storage.script = lambda seen: _to(seen.target)
    with pytest.raises(NotUnderstood, match="more than 5 times"):
        session.follow(_storage_link(storage), content)
    assert len(storage.seen) == 12


HOSTILE = [
    "http://storage.example.com/result",
    "https://127.0.0.1/",
    "https://127.1.2.3:8443/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fd00::1]/",
    "https://[::]/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://10.1./",
    "https://010.8.8.8/",
    "https://134744072/",
    "https://169.254.169.0254/",
    "https://169.254.080.233/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::169.254.169.254]/",
    "https://[2002:a9fe:a9fe::1]/",
    "https://[fec0::1]/",
    "https://\uff11\uff12\uff17.0.0.1/",
    "https://127\u30020.0.1/",
    "https://127%2e0.0.1/",
    "https://storage.example.com\\.127.0.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://localhost/",
    "https://LocalHost./",
    "https://results.localhost/",
    "https://localhost.localdomain/",
    "https://printer.local/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://metadata.tencentyun.com/latest/",
    "https://kubernetes.default.svc/api",
    "https://nas.home.arpa/",
    "https://intranet/",
    "https://wiki.corp:8443/",
    "https://user:word@storage.example.com/",
    "https://storage.example.com@127.0.0.1/",
    "file:///etc/passwd",
    "ftp://storage.example.com/",
    "gopher://storage.example.com/",
    "data:application/json,{}",
    "//storage.example.com",
    "https://",
    "https:///path",
    "https://[::1",
    "",
    "relative",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_hostile_link_is_not_followed(open_session, url) -> None:
    session = open_session("https://api.example.com/v1")
    with pytest.raises(NotUnderstood, match="not followed"):
        session.follow(url, BytesIO())


@pytest.mark.parametrize("url", ["https://a..b/", f"https://{'a' * 70}.com/", "https://a.b:99999/"])
def test_link_that_is_no_address(open_session, url) -> None:
    with pytest.raises(NotUnderstood, match="cannot be asked at") as raised:
        open_session("https://api.example.com/v1").follow(f"{url}?sig={SIGNED}", BytesIO())
    assert SIGNED not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("url", ["https://[::1", "http://[", "https://10.0.0.1/x", "//10.0.0.1/"])
def test_hostile_redirect_is_not_followed(serve, open_session, url) -> None:
    api = serve(in_turn(_to(url)))
    with pytest.raises(NotUnderstood, match="not followed"):
        open_session(api.url).download(RESULT, BytesIO())


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.1/",
        "https://10.0.0.1/",
        "http://[::]/",
        "http://127.1/",
        "http://user:word@127.0.0.1/",
        "http://127.0.0.1:1@127.0.0.1/",
    ],
)
def test_sandbox_opens_this_machine_only(serve, open_session, url) -> None:
    with pytest.raises(NotUnderstood, match="not followed"):
        open_session("http://127.0.0.1:1").follow(url, BytesIO())


@pytest.mark.parametrize("base", ["https://api.example.com/v1", "http://127.0.0.1:1"])
@pytest.mark.parametrize("name", ["localhost", "2130706433", "0x7f.1", "127.1", "0177.0.0.1"])
def test_name_that_means_this_machine_is_not_even_connected_to(open_session, base, name) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        port = listening.getsockname()[1]
        with pytest.raises(NotUnderstood, match="it is not followed"):
            open_session(base).follow(f"https://{name}:{port}/", BytesIO())
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_name_that_means_another_address_a_moment_later_gets_no_byte(
    open_session, monkeypatch
) -> None:
    """It is the address connected to that counts."""
    ask, public = socket.getaddrinfo, ("93.184.215.14", 443)
    answers = [[(socket.AF_INET, socket.SOCK_STREAM, 6, "", public)]]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def rebound(host, *args, **more):
            return answers.pop() if answers else ask("127.0.0.1", port, *args[1:], **more)

        monkeypatch.setattr(socket, "getaddrinfo", rebound)
        with pytest.raises(NotUnderstood, match="leads to 127.0.0.1, which is not on the public"):
            open_session("https://api.example.com/v1").follow(
                f"https://name.example:{port}/", BytesIO()
            )
        connection, _ = listening.accept()
        with connection:
            assert connection.recv(100) == b""


@pytest.mark.parametrize(
    "url",
    [
        "https://8.8.8.8/",
        "https://[::ffff:8.8.8.8]/",
        "https://a1.com2/",
        "https://internal.example.com/",
        "https://mylocal.example.com./",
        "https://home-arpa.com/",
    ],
)
def test_public_addresses_are_safe(url) -> None:
    must_be_safe(url, "Qonic", is_local=False)


def test_redirect_of_storage_to_this_machine_is_not_followed(serve, open_session) -> None:
    storage = serve(in_turn(_to("http://169.254.169.254/")))
    with pytest.raises(NotUnderstood, match="not followed"):
        open_session(storage.url).follow(_storage_link(storage), BytesIO())


def test_netrc_is_not_used(serve, open_session, tmp_path, monkeypatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password word\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    storage = serve(in_turn(STORED))
    api = serve(in_turn(_to(_storage_link(storage))))
    open_session(api.url).download(RESULT, BytesIO())
    assert api.seen[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert "authorization" not in storage.seen[0].headers


def test_login_is_asked_for_without_a_login(serve, open_session, tmp_path, monkeypatch) -> None:
    (tmp_path / "netrc").write_text("default login me password word\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    api = serve(in_turn(Reply(body=b"{}")))
    open_session(api.url).ask_json(Request("GET", "/auth/scopes", with_auth=False))
    assert "authorization" not in api.seen[0].headers


def test_proxies_of_the_environment_are_used(serve, open_session, monkeypatch) -> None:
    """For all but this machine."""
    proxy = serve(in_turn(Reply(502)))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    session = open_session("https://api.invalid/v1")
    with pytest.raises(TryLater, match="the proxy refuses"):
        session.ask_json(Request("GET", "/projects"))
    with pytest.raises(TryLater, match="the proxy refuses"):
        session.follow("https://storage.invalid/x", BytesIO())
    assert {(seen.method, seen.target) for seen in proxy.seen} == {
        ("CONNECT", "api.invalid:443"),
        ("CONNECT", "storage.invalid:443"),
    }
    assert not any("authorization" in seen.headers for seen in proxy.seen)
    asked = len(proxy.seen)
    local = serve(in_turn(Reply(body=b"{}")))
    open_session(local.url).ask_json(Request("GET", "/"))
    assert (len(local.seen), len(proxy.seen)) == (1, asked)


REPLIES = {
    "refused": Reply(400, f'{{"error":"no","detail":"Bearer {TOKEN} is bad"}}'.encode()),
    "busy": Reply(503, f"try {TOKEN} later".encode()),
    "no json": Reply(body=f"oops {TOKEN}".encode()),
    "web page": Reply(body=b"<p>", headers={"Content-Type": "text/html"}),
    "cut": Reply(body=b"[1, 2]", cut=2),
    "nothing": None,
}


@pytest.mark.parametrize("name", REPLIES)
def test_no_secret_in_errors_and_logs(serve, open_session, caplog, name) -> None:
    caplog.set_level(logging.DEBUG)
    api = serve(in_turn(REPLIES[name]))
    session = open_session(api.url)
    ask = Request("GET", "/rows", params=(("api-token", TOKEN),), headers=(("X-Key", TOKEN),))
    with pytest.raises(TakeoffError) as raised:
        session.ask_json(ask)
    assert TOKEN in api.seen[0].headers["authorization"]
    told = "".join(traceback.format_exception(raised.value)) + caplog.text
    told += repr((session, ask, Bearer(TOKEN)))
    assert "/rows" in told
    assert TOKEN not in told


@pytest.mark.parametrize("status", [200, 302, 403, 500, None])
def test_no_signed_link_in_errors_and_logs(serve, open_session, caplog, status) -> None:
    caplog.set_level(logging.DEBUG)
    storage = serve(in_turn(None if status is None else Reply(status, b"{}")))
    if status == 302:
        storage.script = lambda seen: _to(_storage_link(storage))
    api = serve(in_turn(_to(_storage_link(storage))))
    told = ""
    try:
        open_session(api.url).download(RESULT, BytesIO())
    except TakeoffError as error:
        told = "".join(traceback.format_exception(error))
    assert (told == "") == (status == 200)
    assert SIGNED in storage.seen[0].target
    assert urlsplit(storage.url).hostname in caplog.text
    assert SIGNED not in told + caplog.text


def test_nobody_at_a_signed_link(serve, open_session, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    storage = serve(in_turn(STORED))
    storage.stop()
    with pytest.raises(TryLater) as raised:
        open_session(storage.url).follow(_storage_link(storage), BytesIO())
    told = "".join(traceback.format_exception(raised.value))
    assert "Connection refused" in told
    assert SIGNED not in told + caplog.text
