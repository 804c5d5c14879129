"""What is asked again, when, how often; and what is refused at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from io import BytesIO

import pytest
from loopback import FakeClock, Reply, in_turn

from takeoff.core.errors import InputRefused, NotUnderstood, TryLater, VendorRefused
from takeoff.http.messages import Limits, Request, path_of

ASK = Request("GET", "/rows", params=(("page", "2"),))
QUERY = Request("POST", "/query", json_body={"filters": []}, is_question=True)
CHANGE = Request("POST", "/publish", json_body={"title": "t"})
DONE = Reply(body=b'{"ok":true}')


def _date(seconds: float) -> str:
    return format_datetime(FakeClock.START + timedelta(seconds=seconds), usegmt=True)


def _busy(status: int = 429, **headers: str) -> Reply:
    return Reply(status, headers={name.replace("_", "-"): text for name, text in headers.items()})


@pytest.mark.parametrize(
    ("headers", "least_s"),
    [
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": _date(9)}, 9),
        ({"Retry_After": _date(129), "Date": _date(120)}, 9),
        ({"Retry_After": _date(-111), "Date": _date(-120)}, 9),
        ({"Retry_After": "0"}, 0.5),
        ({"Retry_After": _date(-30)}, 0.5),
        ({"Retry_After": "soon"}, 0.5),
        ({"Retry_After": "nan"}, 0.5),
        ({"Retry_After": "inf"}, 0.5),
        ({}, 0.5),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("chance", [0.0, 0.9])
def test_never_sooner_than_asked(serve, open_session, headers, least_s, status, chance) -> None:
    """Also if the server's clock is two minutes off: its dates count by its own clock."""
    clock = FakeClock(chance=chance)
    server = serve(in_turn(_busy(status, **headers), DONE))
    assert open_session(server.url, clock=clock).ask_json(ASK) == {"ok": True}
    assert len(server.seen) == 2
    assert least_s <= clock.spent_s <= least_s + 1


def test_pauses_double_and_end(serve, open_session, clock) -> None:
    server = serve(in_turn(_busy(500)))
    with pytest.raises(TryLater, match=r"answered 500 \(GET /rows, asked 6 times\); run the same"):
        open_session(server.url).ask_json(ASK)
    assert clock.slept == [0.5, 1, 2, 4, 8]


def test_longer_pause_than_is_waited_for_ends_it(serve, open_session, clock) -> None:
    server = serve(in_turn(_busy(429, Retry_After="3600")))
    with pytest.raises(TryLater, match="asks for a pause of 3,600 s") as raised:
        open_session(server.url).ask_json(ASK)
    assert raised.value.status == 429
    assert clock.slept == []


def test_time_in_all_is_bounded(serve, open_session, clock) -> None:
    server = serve(in_turn(_busy(429, Retry_After="200")))
    with pytest.raises(TryLater):
        open_session(server.url, limits=Limits(total_s=500, attempts=99)).ask_json(ASK)
    assert clock.spent_s <= 500
    assert len(server.seen) == 3


@pytest.mark.parametrize("reply", [_busy(429), _busy(503), Reply(body=b"{}", cut=1), None])
def test_only_questions_are_repeated(serve, open_session, reply) -> None:
    server = serve(in_turn(reply, DONE))
    session = open_session(server.url)
    with pytest.raises(TryLater, match="not asked again"):
        session.ask_json(CHANGE)
    assert len(server.seen) == 1
    server.script = in_turn(reply, DONE)
    assert session.ask_json(QUERY) == {"ok": True}
    assert [seen.body for seen in server.seen[1:]] == [b'{"filters":[]}'] * 2


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 422, 501])
def test_refusal_is_not_repeated(serve, open_session, clock, status) -> None:
    server = serve(in_turn(Reply(status)))
    with pytest.raises(VendorRefused, match=rf"refused GET /rows \({status}\)") as raised:
        open_session(server.url).ask_json(ASK)
    assert raised.value.status == status
    assert raised.value.exit_code == 4
    assert (len(server.seen), clock.slept) == (1, [])


def test_hint_says_what_to_do(serve, open_session) -> None:
    server = serve(in_turn(Reply(403), Reply(404)))
    session = open_session(server.url, hints={403: "the token needs the scope models:read"})
    with pytest.raises(VendorRefused, match=r"; the token needs the scope models:read\.$"):
        session.ask_json(ASK)
    with pytest.raises(VendorRefused, match="check the ids of project and model"):
        session.ask_json(ASK)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error":"NotReady","errorDetails":"still queued"}', "NotReady: still queued"),
        (b'{"Error":"NotReady","ErrorDetails":"still queued"}', "NotReady: still queued"),
        (b'{"type":"about:blank","title":"Bad","status":400,"detail":"no page 0"}', "Bad: no page"),
        (b'{"title":"Bad","errors":{"filters":["unknown"]}}', 'Bad: {"filters": ["unknown"]}'),
        (b'{"error":{"code":"NotFound","message":"no such model"}}', "NotFound: no such model"),
        (b"\xef\xbb\xbfplain words", "plain words"),
        (b"<html><body>Bad Gateway</body></html>", "a web page"),
        (b'["odd"]', r'["odd"]'),
        (b"\x1b[2Jgone", "\u241b[2Jgone"),
        (b'{"error":"' + b"x" * 10_000 + b'"}', "x" * 500 + ")"),
    ],
)
def test_vendor_is_quoted(serve, open_session, body, said) -> None:
    server = serve(in_turn(Reply(400, body)))
    with pytest.raises(VendorRefused) as raised:
        open_session(server.url).ask_json(ASK)
    assert f"(400: {said}" in str(raised.value)


def test_problem_that_is_a_bomb_or_cut_stays_a_problem(serve, open_session) -> None:
    server = serve(in_turn(Reply(400, b"x" * 50_000_000, packed=True), Reply(400, b"xxx", cut=1)))
    session = open_session(server.url)
    for _ in range(2):
        with pytest.raises(VendorRefused) as raised:
            session.ask_json(ASK)
        assert len(str(raised.value)) < 700


def test_web_page_is_no_answer(serve, open_session, tmp_path) -> None:
    page = Reply(body=b"<html>log in</html>", headers={"Content-Type": "text/html; charset=utf-8"})
    server = serve(in_turn(page))
    with pytest.raises(NotUnderstood, match="a web page instead of data"):
        open_session(server.url).ask(ASK, tmp_path / "part")
    assert not (tmp_path / "part").exists()


def test_nobody_there(serve, open_session, clock) -> None:
    server = serve(in_turn(DONE))
    server.stop()
    with pytest.raises(TryLater, match=r"cannot be reached \(Connection refused\)"):
        open_session(server.url).ask_json(ASK)
    assert len(clock.slept) == 5


def test_server_that_speaks_no_tls(serve, open_session) -> None:
    server = serve(in_turn(DONE))
    with pytest.raises(TryLater, match="cannot be reached"):
        open_session(server.url.replace("http:", "https:")).ask_json(ASK)
    assert server.seen == []


def test_nobody_answers(serve, open_session) -> None:
    server = serve(in_turn(None, DONE))
    assert open_session(server.url).ask_json(ASK) == {"ok": True}
    assert len(server.seen) == 2


def test_silence_ends(serve, open_session) -> None:
    done = threading.Event()
    server = serve(lambda seen: done.wait(10) and None)
    limits = Limits(read_s=0.05, attempts=2)
    with pytest.raises(TryLater, match=r"did not answer within 0.05 s \(GET /rows, asked 2 times"):
        open_session(server.url, limits=limits).ask_json(ASK)
    done.set()


def test_whole_host_pauses_when_it_says_so(serve, open_session) -> None:
    """While one request waits because it was told to, another one waits before it is sent."""
    other_waits = threading.Event()

    class Watched(FakeClock):
        def sleep(self, seconds: float) -> None:
            self.slept.append(seconds)
            if len(self.slept) == 1:
                other.append(pool.submit(session.ask_json, ASK))
                assert other_waits.wait(5)
            other_waits.set()
            super().sleep(seconds)

    other = []
    server = serve(in_turn(_busy(429, Retry_After="60"), DONE))
    session = open_session(server.url, clock=Watched())
    with ThreadPoolExecutor(1) as pool:
        assert session.ask_json(ASK) == {"ok": True}
        assert other[0].result() == {"ok": True}
    assert len(server.seen) == 3


def test_no_more_at_once_than_allowed(serve, open_session) -> None:
    lock, running, most = threading.Lock(), [0], [0]

    def slowly(seen):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with lock:
            running[0] -= 1
        return DONE

    server = serve(slowly)
    session = open_session(server.url, limits=Limits(parallel=3))
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: session.ask_json(ASK), range(24)))
    assert most[0] == 3


def test_a_request_that_yields_lets_the_others_go_first(serve, open_session) -> None:
    gone, first_is_there, go_on = [], threading.Event(), threading.Event()

    def noted(seen):
        gone.append(seen.target)
        first_is_there.set()
        go_on.wait()
        return DONE

    server = serve(noted)
    session = open_session(server.url, limits=Limits(parallel=1))
    with ThreadPoolExecutor(6) as pool:
        pool.submit(session.ask_json, Request("GET", "/first"))
        first_is_there.wait()
        for number in range(5):
            pool.submit(session.ask_json, Request("GET", f"/{number}", yields=number < 2))
            time.sleep(0.02)
        go_on.set()
    assert gone[0] == "/first"
    assert sorted(gone[1:4]) == ["/2", "/3", "/4"]
    assert sorted(gone[4:]) == ["/0", "/1"]


def test_what_is_sent(serve, open_session) -> None:
    server = serve(in_turn(DONE))
    session = open_session(server.url + "/v1/")
    path = path_of("projects", "ä/1", "$x")
    session.ask_json(Request("GET", path, params=(("page", "1"), ("q", "a b&c"))))
    session.ask_json(Request("POST", "/q", json_body={"v": "ä"}, is_question=True))
    asked, query = server.seen
    assert asked.target == "/v1/projects/%C3%A4%2F1/%24x?page=1&q=a+b%26c"
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["authorization"] == "Bearer token-that-nobody-may-see"
    assert asked.headers["user-agent"].startswith("takeoff/")
    assert query.headers["content-type"] == "application/json"
    assert query.body == '{"v":"ä"}'.encode()


def test_what_tells_requests_apart() -> None:
    one = Request("POST", "/q", params=(("page", "1"),), json_body={"fields": []})
    assert one.asked.path == "/q?page=1"
    assert one.asked == Request("POST", "/q", (("page", "1"),), {"fields": []}).asked
    assert one.asked != Request("POST", "/q", (("page", "1"),), {"fields": ["Guid"]}).asked
    assert Request("GET", "/q").asked.body_sha256 is None


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_path_stays_where_it_is(segment) -> None:
    with pytest.raises(InputRefused):
        path_of("projects", segment)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.qonic.com/v1",
        "ftp://127.0.0.1/",
        "api.qonic.com",
        "https://user:word@api.qonic.com",
        "https://api.qonic.com/v1?a=b",
        "https://api.qonic.com:99999/",
        "https://[::1",
        "",
    ],
)
def test_base_url_must_be_safe(open_session, url) -> None:
    with pytest.raises(InputRefused, match="base URL of Qonic must be https"):
        open_session(url)


def test_cookies_are_not_kept(serve, open_session) -> None:
    server = serve(in_turn(Reply(body=b"{}", headers={"Set-Cookie": "id=1; Path=/"})))
    session = open_session(server.url)
    session.ask_json(ASK)
    session.ask(ASK, BytesIO())
    assert "cookie" not in server.seen[1].headers


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (Reply(404, headers={"Date": _date(7)}), 7),
        (Reply(503, headers={"Date": _date(7), "Age": "60", "Retry-After": "9"}), 67),
        (Reply(302, headers={"Date": _date(7), "Age": "long", "Location": "/login"}), 7),
        (Reply(200, headers={"Date": "today"}), None),
    ],
)
def test_a_knock_is_one_question_without_login(serve, open_session, clock, reply, seconds) -> None:
    """Whatever is answered is an answer, and the time that it spent in caches has passed since."""
    server = serve(in_turn(reply))
    answer = open_session(f"{server.url}/v1").knock()
    told = None if seconds is None else FakeClock.START + timedelta(seconds=seconds)
    assert (answer.status, answer.time) == (reply.status, told)
    [seen] = server.seen
    assert (seen.method, seen.target) == ("HEAD", "/v1")
    assert "authorization" not in seen.headers
    assert clock.slept == []
    server.stop()
    with pytest.raises(TryLater, match="Qonic cannot be reached"):
        open_session(server.url).knock()
