from __future__ import annotations

import base64
import logging
from urllib.parse import quote

import pytest

from takeoff.http import problems
from takeoff.http.redact import Redacting, hide, redact

SECRET = "1f/93c+7a0e4b5d2=8c61"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Authorization: Bearer abc.def-1.ghi", "Authorization: Bearer ***"),
        ("basic dXNlcjp3b3Jk, then", "basic ***, then"),
        (
            "see https://s3.example.com/a/b?X-Sig=1&e=2 now",
            "see https://s3.example.com/a/b?*** now",
        ),
        ('"GET /a?api-token=1 HTTP/1.1" 200', '"GET /a?*** HTTP/1.1" 200'),
        ("https://me:word@host/x", "https://***@host/x"),
        ('{"access_token":"abcdefgh","n":1}', '{"access_token":"***","n":1}'),
        ("api-token=0123456789&x=1", "api-token=***&x=1"),
        ("a eyJhbGciOi.eyJzdWIi.c2ln b", "a *** b"),
        ("my own secret here", "my *** here"),
        ("two\nlines\x1b[0m", "two lines\u241b[0m"),
        ("code: NotFound, Basic Wall 300", "code: NotFound, Basic Wall 300"),
        ("code=4/0AdLIrYe&state=s", "code=***&state=s"),
        ("The model 7 has 3 walls; is it? Yes.", "The model 7 has 3 walls; is it? Yes."),
    ],
)
def test_redact(text, clean) -> None:
    assert redact(text, ["own secret", ""]) == clean


def test_longer_secret_goes_first() -> None:
    assert redact("abcdef abc", ["abc", "abcdef"]) == "*** ***"


def test_records_of_libraries_are_rewritten() -> None:
    record = logging.LogRecord(
        "urllib3", logging.DEBUG, "", 1, '"%s %s" %d', ("GET", "/a?sig=1", 200), None
    )
    assert Redacting().filter(record)
    assert record.getMessage() == '"GET /a?***" 200'


@pytest.mark.parametrize("before", ["", "a", "ab", "client:"])
def test_secret_in_another_writing_is_hidden(before) -> None:
    packed = base64.b64encode(f"{before}{SECRET}".encode()).decode()
    for written in (packed, packed.replace("+", "-").replace("/", "_"), quote(packed, safe="")):
        shown = redact(f"you sent {written}", [SECRET])
        assert "***" in shown
        assert len(shown) < len("you sent ***") + len(before) * 2 + 8
    for written in (quote(SECRET, safe=""), quote(SECRET, safe="").lower()):
        assert redact(f"you sent {written}!", [SECRET]) == "you sent ***!"


def test_secret_that_is_cut_off_is_hidden() -> None:
    assert redact(f"it begins: you sent {SECRET[:15]} ...", [SECRET]) == (
        "it begins: you sent *** ..."
    )


def test_what_was_hidden_once_is_hidden_by_all() -> None:
    """Whoever quotes an answer need not know the login that asked for it."""
    assert redact("the answer repeats 5ecret-0f-5ession") == "the answer repeats 5ecret-0f-5ession"
    hide(["5ecret-0f-5ession", "short"])
    assert redact("the answer repeats 5ecret-0f-5ession") == "the answer repeats ***"
    assert redact("in short") == "in short"


def test_words_of_a_problem_are_cut_after_secrets_are_taken_out() -> None:
    secret = SECRET * 4
    said = problems.words((f"{secret} " * 300).encode(), [secret])
    assert set(said.split()) <= {"***", "**", "*"}
