"""The values of STEP records: the quick ways to read them give what the plain one gives."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from takeoff.vendors.ifc.values import Number, Ref, Typed, Unreadable, Word, parse, parse_any

SPACES = st.sampled_from(["", " ", "\r\n", "\n  "])
STRINGS = st.text(st.sampled_from("a' \\S(),;#1$\n"), max_size=6).map(
    lambda text: "'" + text.replace("'", "''") + "'"
)
NUMBERS = st.sampled_from(["1.", "-0.5", "+7", ".5", "1.E-05", "12", "1e5", "NaN", "1.#IND"])
LINKS = st.sampled_from(["$", "*", "#12"])
TYPED = st.builds(lambda value: f"IFCLABEL({value})", STRINGS | NUMBERS | st.just(".T."))
LISTS = st.lists(LINKS | NUMBERS | STRINGS, max_size=3).map(lambda items: f"({','.join(items)})")
VALUES = STRINGS | NUMBERS | LINKS | TYPED | LISTS | st.just(".ENUM.")
PROPERTIES = st.tuples(STRINGS | st.just("$"), st.just("$") | STRINGS, TYPED, LINKS)
QUANTITIES = st.tuples(STRINGS, st.just("$"), LINKS, NUMBERS, st.just("$"))
REFS = st.sampled_from(["(#1)", "(#1,#22)", "( #1 ,\n#2)", "()"])
ROOTED = st.tuples(STRINGS, LINKS, STRINGS, st.just("$"), REFS | LISTS, LINKS)
MEASURED = st.tuples(STRINGS, LINKS, STRINGS, STRINGS, STRINGS | st.just("$"), REFS)


@st.composite
def arguments(draw: st.DrawFn) -> str:
    values = draw(st.lists(VALUES, max_size=7) | PROPERTIES | QUANTITIES | ROOTED | MEASURED)
    gap = draw(SPACES)
    return "(" + gap + f"{draw(SPACES)},{gap}".join(values) + draw(SPACES) + ")"


@given(arguments())
@example("('x',$,IFCLABEL('\\X2\\00E4\\X0\\'),$)")
@example("('x',$,$,1.5,$)")
@example("('x',#1,$,$,(#2,#3),#4)")
def test_the_quick_ways_give_what_the_plain_one_gives(text: str) -> None:
    quick, plain = parse(text.encode()), parse_any(text)
    assert quick == plain
    assert [type(value) for value in quick] == [type(value) for value in plain]


def test_values_keep_their_kind_and_their_text() -> None:
    text = b"('it''s',$,*,#12,5200.,-1.E-05,.T.,.USERDEFINED.,IFCLABEL('x'),(1.,(#3)),\"0F\",NaN)"
    found = parse(text)
    assert found == [
        "it's",
        None,
        None,
        Ref(12),
        Number("5200."),
        Number("-1.E-05"),
        Word("T"),
        Word("USERDEFINED"),
        Typed("IFCLABEL", "x"),
        [Number("1."), [Ref(3)]],
        Word("0F"),
        Unreadable("NaN"),
    ]
    assert type(found[4]) is Number
    assert type(found[-1]) is Unreadable


@given(st.binary(max_size=40))
def test_nothing_makes_it_raise(text: bytes) -> None:
    assert isinstance(parse(b"(" + text), list)
