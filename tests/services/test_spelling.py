"""A postcode is understood however it is typed, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.spelling import postcode_in
from bot.store import postcodes

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # after a district's digit: no I, no O
UNITS = "ABDEFGHJLNPQRSTUWXYZ"

areas = st.from_regex(r"[A-PR-UWYZ][A-HK-Y]?", fullmatch=True)
districts = st.one_of(
    st.integers(0, 99).map(str),
    st.builds(str.__add__, st.sampled_from("0123456789"), st.sampled_from(LETTERS)),
)
units = st.builds(
    "{}{}{}".format, st.integers(0, 9), st.sampled_from(UNITS), st.sampled_from(UNITS)
)
codes = st.builds("{}{} {}".format, areas, districts, units)
gaps = st.text(alphabet=" \t\u00a0\u2009.-–\u200b", max_size=3)


@given(codes, st.data())
def test_spacing_and_case_do_not_matter(code: str, data: st.DataObject) -> None:
    typed = "".join(letter + data.draw(gaps) for letter in code.replace(" ", ""))
    assert postcode_in(typed) == postcode_in(typed.lower()) == code


@given(codes)
def test_full_width_letters_of_an_asian_keyboard_are_read(code: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if c != " " else "\u3000" for c in code)
    assert postcode_in(wide) == code


@given(codes)
def test_it_is_found_inside_a_short_sentence(code: str) -> None:
    assert postcode_in(f"hello, my postcode is {code.lower()}, thank you") == code


@given(codes)
def test_o_for_0_and_i_for_1_at_the_end_are_put_right(code: str) -> None:
    outward, inward = code.split()
    slipped = inward[0].replace("0", "O").replace("1", "I") + inward[1:]
    assert postcode_in(f"{outward} {slipped}") == code


@given(st.text(max_size=60))
def test_whatever_is_read_has_a_key_of_its_own_shape(text: str) -> None:
    code = postcode_in(text)
    if code is not None:
        assert 0 <= postcodes.key(*code.split(" ")) < 2**32
        assert postcode_in(code) == code


@given(codes, codes)
def test_no_two_postcodes_share_a_key(one: str, other: str) -> None:
    keys = {postcodes.key(*code.split(" ")) for code in (one, other)}
    assert len(keys) == len({one, other})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0X1 1AA", "OX1 1AA"),
        ("OX1O 1AA", "OX10 1AA"),
        ("S01 1AA", "SO1 1AA"),
        ("RG1 OAA", "RG1 0AA"),
        ("rg1 iaa", "RG1 1AA"),
        ("E1O 1AA", "E10 1AA"),
        ("W1A 0AX", "W1A 0AX"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("RG1-1AA", "RG1 1AA"),
        ("«rg1 1aa»", "RG1 1AA"),
        ("RG١ ١AA", "RG1 1AA"),
        ("I live at RG1 1AA now", "RG1 1AA"),
    ],
)
def test_slips_of_the_hand_are_put_right(typed: str, meant: str) -> None:
    assert postcode_in(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hello",
        "go off",
        "so old",
        "RG1",
        "RG1 1A",
        "RG1 1AC",
        "RG1 1KA",
        "RG1 AAA",
        "QA1 1AA",
        "RG1 1AAA",
        "XRG1 1AAX",
        "next to 1st street",
        "12345",
        "/follow",
        "😀" * 500,
    ],
)
def test_what_is_not_a_postcode_is_not_made_into_one(typed: str) -> None:
    assert postcode_in(typed) is None
