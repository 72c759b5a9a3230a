"""A sealed file of lines: whole and ours, or refused in one sentence."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import OperatorError
from bot.security.archive import KIND, PIECE_BYTES, archive_key, lines, writing
from bot.security.secrets import Secrets

SECRETS = Secrets.fresh()
KEY = archive_key(SECRETS)


def written(path: Path, *content: bytes) -> Path:
    with writing(path, KEY) as put:
        for line in content:
            put(line)
    return path


def noise(size: int) -> bytes:
    """A line that does not get shorter."""
    return os.urandom(size).hex().encode()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(max_size=2_000).map(lambda line: line.replace(b"\n", b"")), max_size=20))
def test_lines_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, content: list[bytes]
) -> None:
    path = written(tmp_path_factory.mktemp("archive") / "lines", *content)
    assert list(lines(path, KEY)) == content


def test_a_file_of_many_pieces_comes_back_whole(tmp_path: Path) -> None:
    content = [noise(1_000) for _ in range(300)]
    path = written(tmp_path / "lines", *content)
    assert path.stat().st_size > 3 * PIECE_BYTES
    assert list(lines(path, KEY)) == content


def test_nothing_of_it_can_be_read_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "lines", b"subscriber" * 10)
    assert path.read_bytes().startswith(KIND)
    assert b"subscriber" not in path.read_bytes()


def test_it_is_for_this_user_alone(tmp_path: Path) -> None:
    assert written(tmp_path / "lines", b"x").stat().st_mode & 0o777 == 0o600


def test_a_writing_that_fails_leaves_the_file_before_it_and_no_rest(tmp_path: Path) -> None:
    path = written(tmp_path / "lines", b"before")

    def fail() -> None:
        with writing(path, KEY) as put:
            put(b"half")
            raise RuntimeError("cut")

    with pytest.raises(RuntimeError, match="cut"):
        fail()
    assert list(lines(path, KEY)) == [b"before"]
    assert list(tmp_path.iterdir()) == [path]


def test_any_change_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path / "lines", *(noise(1_000) for _ in range(100)))
    whole = path.read_bytes()
    pieces = [whole[start : start + 5_000] for start in range(0, len(whole), 5_000)]
    damaged = [
        whole[:-1],
        whole[: len(KIND) + 10],
        whole + b"x",
        whole + whole[len(KIND) :],
        b"".join([pieces[0], *reversed(pieces[1:])]),
        *(
            whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
            for at in (len(KIND), len(KIND) + 30, len(whole) // 2, len(whole) - 1)
        ),
    ]
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(OperatorError, match="damaged, or was made with another secrets file"):
            list(lines(path, KEY))


def test_a_piece_left_out_at_a_seam_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path / "lines", *(noise(1_000) for _ in range(200)))
    whole = path.read_bytes()
    seam = len(whole) - (len(whole) - len(KIND) - 24) % (PIECE_BYTES + 17)
    path.write_bytes(whole[:seam])
    with pytest.raises(OperatorError, match="damaged"):
        list(lines(path, KEY))


def test_other_secrets_do_not_open_it(tmp_path: Path) -> None:
    path = written(tmp_path / "lines", b"x")
    with pytest.raises(OperatorError, match="another secrets file"):
        list(lines(path, archive_key(Secrets.fresh())))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"beatline backup 2\n" + b"x" * 100])
def test_another_kind_of_file_is_called_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(OperatorError, match="not a backup that this version can read"):
        list(lines(path, KEY))


def test_its_key_is_none_of_the_others() -> None:
    assert KEY not in (SECRETS.seal_key, SECRETS.index_key, SECRETS.web_key)
