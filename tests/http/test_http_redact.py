from __future__ import annotations

import logging

import pytest

from takeoff.http.redact import Redacting, redact


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
