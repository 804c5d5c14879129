"""A body is complete or an error, however its end is marked, wherever it breaks off."""

from __future__ import annotations

import gzip
import hashlib
import json
from io import BytesIO

import pytest
from loopback import FakeClock, Reply, in_turn

from takeoff.core.errors import LakeUnusable, NotUnderstood, TryLater
from takeoff.http.messages import Limits, Request

ROWS = json.dumps({"result": [{"Guid": f"g{n}"} for n in range(5)], "totalCount": 5}).encode()
ASK = Request("GET", "/rows")
FRAMINGS = [
    ("length", False),
    ("chunked", False),
    ("none", False),
    ("length", True),
    ("chunked", True),
    ("none", True),
]


@pytest.mark.parametrize(("framing", "packed"), FRAMINGS)
def test_whole_body_is_taken(serve, open_session, tmp_path, framing, packed) -> None:
    server = serve(in_turn(Reply(body=ROWS, framing=framing, packed=packed)))
    answer = open_session(server.url).ask(ASK, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == ROWS
    assert answer.path == tmp_path / "part"
    assert (answer.status, answer.bytes) == (200, len(ROWS))
    assert answer.sha256 == hashlib.sha256(ROWS).hexdigest()
    assert answer.is_framed == (framing != "none" or packed)


@pytest.mark.parametrize(("framing", "packed"), FRAMINGS)
def test_no_cut_goes_unnoticed(serve, open_session, tmp_path, framing, packed) -> None:
    """Cut after every byte. Chunks end with `0` and two line ends; of these the 0 is enough."""
    whole = Reply(body=ROWS, framing=framing, packed=packed)
    travelling = len(whole.wire()[1])
    at = [0]
    server = serve(lambda seen: Reply(body=ROWS, framing=framing, packed=packed, cut=at[0]))
    session = open_session(server.url, limits=Limits(attempts=1))
    taken = []
    for at[0] in range(travelling):
        try:
            session.ask(ASK, tmp_path / "part")
        except TryLater:
            assert not (tmp_path / "part").exists()
        else:
            assert (tmp_path / "part").read_bytes() == ROWS
            taken.append(travelling - at[0])
    assert len(server.seen) == travelling
    assert taken == ([4, 3, 2, 1] if framing == "chunked" else [])


@pytest.mark.parametrize(("framing", "packed"), FRAMINGS)
def test_cut_body_is_asked_for_again(serve, open_session, tmp_path, framing, packed) -> None:
    cut = Reply(body=ROWS, framing=framing, packed=packed, cut=40)
    server = serve(in_turn(cut, cut, Reply(body=ROWS, framing=framing, packed=packed)))
    open_session(server.url).ask(ASK, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == ROWS
    assert len(server.seen) == 3


def test_always_cut_body_ends_in_try_later(serve, open_session, tmp_path) -> None:
    server = serve(in_turn(Reply(body=ROWS, cut=40)))
    with pytest.raises(TryLater, match=r"broke off .* \(GET /rows, asked 6 times\)"):
        open_session(server.url).ask(ASK, tmp_path / "part")
    assert len(server.seen) == 6
    assert not (tmp_path / "part").exists()


def test_text_without_a_mark_of_its_end_is_said_to_be_so(serve, open_session) -> None:
    text = {"Content-Type": "text/csv"}
    server = serve(in_turn(Reply(body=b"Guid,Mass\n", headers=text, framing="none")))
    content = BytesIO()
    answer = open_session(server.url).ask(ASK, content)
    assert content.getvalue() == b"Guid,Mass\n"
    assert not answer.is_framed
    assert answer.path is None


def test_json_lines_without_length_are_whole_values(serve, open_session) -> None:
    server = serve(in_turn(Reply(body=b'{"a":1}\n{"a":2}\n', framing="none")))
    content = BytesIO()
    open_session(server.url).ask(ASK, content)
    assert content.getvalue() == b'{"a":1}\n{"a":2}\n'


def test_json_under_another_type_is_still_proved(serve, open_session) -> None:
    octets = {"Content-Type": "application/octet-stream"}
    cut = Reply(body=b"\xef\xbb\xbf" + ROWS, headers=octets, framing="none", cut=50)
    server = serve(in_turn(cut))
    with pytest.raises(TryLater, match="no complete JSON"):
        open_session(server.url).ask(ASK, BytesIO())


def test_packed_file_is_unpacked_also_inside_a_packed_answer(serve, open_session) -> None:
    inside = gzip.compress(ROWS[:20]) + gzip.compress(ROWS[20:])
    server = serve(in_turn(Reply(body=inside, framing="chunked"), Reply(body=inside, packed=True)))
    for _ in range(2):
        content = BytesIO()
        open_session(server.url).ask(ASK, content)
        assert content.getvalue() == ROWS


def test_cut_packed_file_is_noticed_though_its_framing_is_whole(serve, open_session) -> None:
    server = serve(in_turn(Reply(body=gzip.compress(ROWS)[:-4])))
    with pytest.raises(TryLater, match="middle of its gzip stream"):
        open_session(server.url).ask(ASK, BytesIO())


def test_changed_byte_in_a_packed_body_is_noticed(serve, open_session) -> None:
    damaged = bytearray(gzip.compress(ROWS))
    damaged[-6] ^= 1
    server = serve(in_turn(Reply(body=bytes(damaged), headers={"Content-Encoding": "gzip"})))
    with pytest.raises(TryLater, match="does not unpack"):
        open_session(server.url).ask(ASK, BytesIO())


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_encoding_that_was_not_asked_for_is_refused(serve, open_session, encoding) -> None:
    server = serve(in_turn(Reply(body=ROWS, headers={"Content-Encoding": encoding})))
    with pytest.raises(NotUnderstood, match=f"packed as '{encoding}'"):
        open_session(server.url).ask(ASK, BytesIO())
    assert server.seen[0].headers["accept-encoding"] == "gzip"


def test_bomb_is_refused_before_it_fills_the_disk(serve, open_session, tmp_path) -> None:
    """200 MB of noughts in 200 kB: no more than the first part of it is unpacked."""
    server = serve(in_turn(Reply(body=b"0," * 100_000_000, packed=True)))
    with pytest.raises(NotUnderstood, match="more than 200 times its size"):
        open_session(server.url).ask(ASK, tmp_path / "part")
    assert len(server.seen) == 1
    assert not (tmp_path / "part").exists()


@pytest.mark.parametrize("fill", [b"a", b" "])
def test_a_value_that_does_not_end_is_refused(serve, open_session, tmp_path, fill) -> None:
    """Whoever reads a text holds it whole: 16 MiB without an end are no honest one."""
    server = serve(in_turn(Reply(body=b'{"a":"' + fill * (20 << 20))))
    with pytest.raises(NotUnderstood, match="value of more than 16 MiB that does not end"):
        open_session(server.url).ask(ASK, tmp_path / "part")
    assert not (tmp_path / "part").exists()


def test_more_bytes_than_the_bound_are_refused(serve, open_session, tmp_path) -> None:
    server = serve(in_turn(Reply(body=ROWS)))
    with pytest.raises(NotUnderstood, match="larger than 100 bytes"):
        open_session(server.url, limits=Limits(max_bytes=100)).ask(ASK, tmp_path / "part")


def test_slow_answer_is_given_up(serve, open_session) -> None:
    """Each look at this clock takes a second: as a server that sends seven bytes now and then."""

    class Slow(FakeClock):
        def monotonic(self) -> float:
            self.sleep(1)
            return super().monotonic()

    server = serve(in_turn(Reply(body=bytes(2800), framing="chunked")))
    for bytes_per_s, is_enough in ((1000, False), (5, True)):
        limits = Limits(total_s=300, attempts=1, slowest_bytes_per_s=bytes_per_s)
        session = open_session(server.url, clock=Slow(), limits=limits)
        if is_enough:
            assert session.ask(ASK, BytesIO()).bytes == 2800
        else:
            with pytest.raises(TryLater, match="answered too slowly"):
                session.ask(ASK, BytesIO())


def test_full_disk_is_no_matter_of_the_network(serve, open_session, tmp_path) -> None:
    server = serve(in_turn(Reply(body=ROWS)))
    with pytest.raises(LakeUnusable, match="Cannot write"):
        open_session(server.url).ask(ASK, tmp_path / "missing" / "part")
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    with pytest.raises(LakeUnusable, match="No space left"):
        open_session(server.url).ask(ASK, full)
    assert len(server.seen) == 2


def test_empty_answers(serve, open_session) -> None:
    server = serve(in_turn(Reply(204), Reply(200)))
    session = open_session(server.url)
    assert session.ask(ASK, BytesIO()).status == 204
    assert session.ask(ASK, BytesIO()).bytes == 0
    with pytest.raises(NotUnderstood, match="no JSON"):
        session.ask_json(ASK)


def test_json_that_is_none_shows_its_beginning(serve, open_session) -> None:
    server = serve(in_turn(Reply(body=b"[" * 100_000), Reply(body=b"oops \x1b[31m")))
    session = open_session(server.url)
    with pytest.raises(NotUnderstood, match=r"'\[\[\["):
        session.ask_json(ASK)
    with pytest.raises(NotUnderstood, match="'oops \u241b\\[31m'"):
        session.ask_json(ASK)
