"""Links under our own address, questions with a tag, uploads to signed links."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from loopback import Reply, in_turn

from takeoff.core.errors import NotUnderstood, TryLater, VendorRefused
from takeoff.http.messages import Request

TAGGED = Request("HEAD", "/divisions/d", headers=(("If-None-Match", '"a"'),))


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("{base}/lists?%24skip=100&%24top=2", "/lists?%24skip=100&%24top=2"),
        (
            "{base}/lists?$continuationToken=a%2Bb%3D&empty=",
            "/lists?%24continuationToken=a%2Bb%3D&empty=",
        ),
        ("/v2/lists/a%2Fb", "/lists/a%2Fb"),
        ("lists", "/lists"),
        ("{base}", "/"),
    ],
)
def test_a_link_of_the_vendor_is_asked_with_our_login(serve, open_session, href, target) -> None:
    server = serve(in_turn(Reply(body=b"[]")))
    session = open_session(f"{server.url}/v2")
    session.ask_json(session.link(href.format(base=f"{server.url}/v2")))
    [seen] = server.seen
    assert seen.target == f"/v2{target}"
    assert "authorization" in seen.headers


@pytest.mark.parametrize(
    "href",
    [
        "https://elsewhere.example/v2/lists",
        "{host}:1/v2/lists",
        "{base}@elsewhere.example/lists",
        "https://127.0.0.1/v2/lists",
        "/other/lists",
        "{base}/../other/lists",
        "{base}/%2e%2e/other/lists",
        "{base}/a/..%2f..%2fother/lists",
        "{base}/..\\other/lists",
        "//elsewhere.example/v2/lists",
        "http://[",
    ],
)
def test_our_login_goes_nowhere_else(serve, open_session, href) -> None:
    server = serve(in_turn(Reply()))
    session = open_session(f"{server.url}/v2")
    with pytest.raises(NotUnderstood, match="it is not followed"):
        session.link(href.format(base=f"{server.url}/v2", host="http://127.0.0.1"))
    assert server.seen == []


def test_unchanged_is_an_answer_to_a_question_with_a_tag_only(serve, open_session) -> None:
    server = serve(in_turn(Reply(304, headers={"ETag": '"a"'})))
    session = open_session(server.url)
    answer = session.ask(TAGGED, BytesIO())
    assert (answer.status, answer.bytes, answer.headers["etag"]) == (304, 0, '"a"')
    with pytest.raises(VendorRefused, match="304"):
        session.ask(Request("GET", "/divisions/d"), BytesIO())


def test_a_spent_hour_is_waited_for_though_it_is_called_forbidden(
    serve, open_session, clock
) -> None:
    spent = Reply(403, headers={"X-RateLimit-Remaining": "0", "Retry-After": "5"})
    server = serve(in_turn(spent, Reply(body=b"{}")))
    assert open_session(server.url, clock=clock).ask_json(Request("GET", "/teams")) == {}
    assert clock.spent_s >= 5
    left = Reply(403, headers={"X-RateLimit-Remaining": "17"})
    with pytest.raises(VendorRefused, match="403"):
        open_session(serve(in_turn(left)).url).ask_json(Request("GET", "/teams"))


def test_bentleys_own_word_for_a_pause_counts(serve, open_session, clock) -> None:
    busy = Reply(429, headers={"iTwinPlatform-RateLimit-Retry-After-Seconds": "9"})
    server = serve(in_turn(busy, Reply(body=b"{}")))
    open_session(server.url, clock=clock).ask_json(Request("GET", "/imodels"))
    assert clock.spent_s >= 9


def test_only_wanted_headers_are_kept(serve, open_session) -> None:
    reply = Reply(body=b"[]", headers={"X-Total-Count": "3", "X-Other": "4"})
    server = serve(in_turn(reply))
    session = open_session(server.url, keep_headers=("x-total-count",))
    answer = session.ask(Request("GET", "/objects"), BytesIO())
    assert answer.headers["x-total-count"] == "3"
    assert "x-other" not in answer.headers


def test_an_upload_takes_none_of_our_headers_and_is_tried_again(
    serve, open_session, clock, tmp_path: Path
) -> None:
    source = tmp_path / "a.ifc"
    source.write_bytes(b"ISO-10303-21;" * 1000)
    storage = serve(in_turn(Reply(503), Reply(201)))
    session = open_session("http://127.0.0.1:9", clock=clock)
    session.upload(f"{storage.url}/up?signature=s", source, (("x-ms-blob-type", "BlockBlob"),))
    assert [seen.body for seen in storage.seen] == [source.read_bytes()] * 2
    assert all(seen.method == "PUT" for seen in storage.seen)
    assert all("authorization" not in seen.headers for seen in storage.seen)
    assert storage.seen[0].headers["x-ms-blob-type"] == "BlockBlob"


def test_an_upload_that_is_refused_shows_no_signature(serve, open_session, tmp_path: Path) -> None:
    source = tmp_path / "a.ifc"
    source.write_bytes(b"x")
    session = open_session("http://127.0.0.1:9")
    for status, kind in ((403, VendorRefused), (507, TryLater)):
        storage = serve(in_turn(Reply(status)))
        with pytest.raises(kind) as refusal:
            session.upload(f"{storage.url}/up?signature=s3cr3t", source)
        assert "s3cr3t" not in str(refusal.value)
    with pytest.raises(NotUnderstood, match="no plain https"):
        open_session("https://api.example").upload("http://elsewhere.example/up", source)
