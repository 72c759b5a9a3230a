"""What must never stand in a log is taken out, however it is written."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.security.redaction import Redactor, explain

redact = Redactor(["correct-horse"])


@pytest.mark.parametrize(
    "written",
    [
        "RG1 1AA",
        "rg11aa",
        "Rg1  1aA",
        "RG1-1AA",
        "RG1\u00a01AA",
        "RG1\n1AA",
        "r g 1 1 a a",
        "RG1            1AA",
        "rg1%201aa",
        "RG1+1AA",
        "RG1_1AA",
        r"'RG1\xa01AA'",
        r"'\nRG1 1AA'",
        "ＲＧ１　１ＡＡ",
        "/postcodes/OX142TQ?x",
        "W1A 0AX",
        "EC1A 1BB",
        "M1 1AE",
        "text='MK9 3EJ'",
        "RG1\u200b1AF",
        "R\u00adG\u20601\ufeff 1\u034fA\u200dF",
        "R\u0301G1 1A\u20ddF",
        "RG1\ufe0f 1\u3164AF",
        r"'R\u200bG1\u2060 1\xadAF'",
        "R%E2%80%8BG1%EF%BB%BF1AF",
    ],
)
def test_a_postcode_is_taken_out_in_any_spacing_and_case(written: str) -> None:
    assert "[postcode]" in redact(f"before {written} after")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("123456789:AAFakeFakeFakeFakeFakeFakeFakeFake-_0", "[token]"),
        ("https://api.telegram.org/bot987654321:AAE_abcdefghijklmnopqrstuvwxyz/getMe", "[token]"),
        ("/bot987654321%3AAAE_abcdefghijklmnopqrstuvwxyz/getMe", "[token]"),
        ("23AB4C-Z9Y8X7-HJKMNP", "[receipt]"),
        ("23ab4cz9y8x7hjkmnp", "[receipt]"),
        ("23AB4C Z9Y8X7 HJKMNP", "[receipt]"),
        ("to=dbz2q4sxw6kyh7t3mnafe5jrpu is unknown", "to=[reply token] is"),
        ("DBZ2Q4SXW6KYH7T3MNAFE5JRPU", "[reply token]"),
        ("pc.smith+beat@thamesvalley.police.uk", "[e-mail]"),
        ("<officer@example.org>", "[e-mail]"),
        ("mail=officer%40example.org", "[e-mail]"),
        ("postgresql://beatline:hunter2@db.internal/beatline", "[sign-in]@"),
        ("postgresql://beatline:hunter2/hunter2@db.internal/beatline", "[sign-in]@db.internal/"),
        ("postgresql+psycopg://beatline:hunter2@hunter2@db/beatline", "[sign-in]@db/beatline"),
        ("postgresql://beatline:hunter2:/@?#hunter2'\"@db/x", "[sign-in]@db/x"),
        ("smtps://officer@example.org:hunter2@mail.example.org", "[sign-in]@mail.example.org"),
        ("redis://:hunter2@cache", "[sign-in]@cache"),
        ("imaps://officer%40example.org:hunter2/x@mail", "[sign-in]@mail"),
        ("from 203.0.113.195:4711", "from [address]:"),
        ("('203.0.113.195', 4711)", "('[address]', 4711)"),
        ("ip=203.0.113.195,", "ip=[address],"),
        ("2\u200b03.0.113.195", "[address]"),
        ("peer 2001:db8::dead:beef: refused", "peer [address]"),
        ("http://[2001:db8:85a3::8a2e:370:7334]:8080/", "http://[[address]]:8080/"),
        ("addr:2001:db8:85a3:0:0:8a2e:370:7334", "[address]"),
        ("?ip=2001%3adb8%3A%3adead", "?ip=[address]"),
        ("fe80::1%eth0", "[address]"),
        ("::ffff:203.0.113.195", "[address]"),
        ("chat 1234567890 and -1001234567890", "[digits]"),
        ("number 54321", "[digits]"),
        ("the correct-horse battery", "[secret]"),
        ("x" * 43 + "=", "[key]"),
    ],
)
def test_each_kind_of_secret_is_named_and_gone(written: str, shown: str) -> None:
    seen = redact(written)
    assert shown in seen
    for word in (
        "AAFake",
        "AAE_",
        "23AB4C",
        "smith",
        "officer",
        "hunter2",
        "12345",
        "54321",
        "113",
        "db8",
    ):
        assert word not in seen.replace("[", " ")


@pytest.mark.parametrize(
    "line",
    [
        "telegram.receiving",
        "GET /readyz 200 in 12.5 s",
        "imported 293 areas, 13 skipped",
        'File "bot/services/places.py", line 120, in find',
        "retry 2 of 3 in 8.0 s",
        "revision s0001 is the newest",
        "listening on http://localhost:8080/",
        "Python 3.11.7 on linux",
        "listening on http://127.0.0.1:8080/ and [::1]:8080 and 0.0.0.0:80",
        "from 12:34:56 to 23:59:59",
        "tests/test_logs.py::test_a_line",
    ],
)
def test_an_ordinary_line_stays_as_it_is(line: str) -> None:
    assert redact(line) == line


@given(
    area=st.sampled_from(["RG", "OX", "MK", "SL", "HP", "W", "EC"]),
    district=st.from_regex(r"\A[0-9][0-9A-Z]?\Z"),
    inward=st.from_regex(r"\A[0-9][ABD-HJLNP-UW-Z]{2}\Z"),
    gap=st.sampled_from(["", " ", "  ", "-", "+", "%20", "\t", "\u2009"]),
    lower=st.booleans(),
)
def test_no_shape_of_postcode_gets_through(
    area: str, district: str, inward: str, gap: str, lower: bool
) -> None:
    written = f"{area}{district}{gap}{inward}"
    written = written.lower() if lower else written
    assert written not in redact(f"find {written}.")


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "1", ":", "%3A", "1.", "a:", "1::", "://", "://a:", "@", "a@", ".", "\u200b", "-"),
        *("RG1 ", "R G 1 ", r"\u200b", r"\n", "%20", "A1B2C3", "\u0301", "ﷺ", " ", "%EF%BB%"),
    ],
)
def test_a_long_line_takes_time_in_proportion_and_no_more(unit: str) -> None:
    def seconds(letters: int) -> float:
        line = unit * (letters // len(unit))
        start = time.process_time()
        redact(line)
        return time.process_time() - start

    seconds(1_000)
    short = min(seconds(20_000) for _ in range(3))
    assert seconds(160_000) < 8 * 3 * short + 0.05


def test_an_exception_that_quotes_what_it_met_is_told_without_its_words() -> None:
    try:
        float("my neighbour sells drugs")
    except ValueError as error:
        told = explain(error)
    assert told.endswith("builtins.ValueError")
    assert "neighbour" not in told.rsplit("\n", 1)[-1]


def test_a_chain_of_exceptions_is_told_from_the_first() -> None:
    try:
        try:
            raise OSError("disc full")
        except OSError as error:
            raise RuntimeError("could not save") from error
    except RuntimeError as error:
        told = explain(error)
    assert told.index("OSError: disc full") < told.index("RuntimeError: could not save")


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = RuntimeError("one"), RuntimeError("two")
    first.__cause__, second.__cause__ = second, first
    assert explain(first).count("RuntimeError") == 2


def test_every_part_of_an_exception_group_is_told() -> None:
    told = explain(ExceptionGroup("two faults", [OSError("here"), OSError("there")]))
    assert "here" in told
    assert "there" in told
