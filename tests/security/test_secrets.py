"""The secrets file: made once, private, and refused when it is not safe."""

import base64
import multiprocessing
import os
from pathlib import Path

import pytest

from bot.errors import OperatorError
from bot.security import secrets

GOOD = base64.b64encode(bytes(range(32, 48)) + bytes(range(200, 216))).decode()


def written(path: Path, **keys: str) -> Path:
    kept = [f'{name} = "{value}"' for name, value in keys.items()]
    path.write_text("\n".join(kept))
    path.chmod(0o600)
    return path


def fresh_words() -> dict[str, str]:
    names = ("index_key", "seal_key", "web_key", "pepper", "dispatch_key", "reply_key")
    return dict(zip(names, secrets.Secrets.fresh().words, strict=True))


def test_the_first_run_makes_six_different_keys_that_only_we_can_read(tmp_path: Path) -> None:
    path = tmp_path / "config" / "secrets.toml"
    made = secrets.make(path)
    assert {len(base64.b64decode(word)) for word in made.words} == {32}
    assert len(set(made.words)) == 6
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["secrets.toml"]


def test_the_next_run_reads_the_same_keys(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    assert secrets.make(path) == secrets.make(path) == secrets.load(path)


def make_together(path: Path, gate: "multiprocessing.synchronize.Barrier", answers: object) -> None:
    gate.wait()
    answers.put(secrets.make(path).words)  # type: ignore[attr-defined]  # a Queue has no public type


def made_together(path: Path) -> set[tuple[str, ...]]:
    """The sets of keys that four processes have which start at the same moment."""
    processes = multiprocessing.get_context("spawn")
    gate, answers = processes.Barrier(4), processes.Queue()
    workers = [
        processes.Process(target=make_together, args=(path, gate, answers)) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    seen = {answers.get(timeout=60) for _ in workers}
    for worker in workers:
        worker.join()
    return seen


def test_processes_that_start_together_share_one_set_of_keys(tmp_path: Path) -> None:
    assert len(made_together(tmp_path / "secrets.toml")) == 1


def test_keys_never_show_when_printed() -> None:
    fresh = secrets.Secrets.fresh()
    shown = f"{fresh!r} {fresh} {fresh.chat_keys!r}"
    assert not any(word in shown for word in fresh.words)
    assert str(fresh.index_key) not in shown


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620])
def test_a_file_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secrets.toml"
    secrets.make(path)
    path.chmod(mode)
    with pytest.raises(OperatorError, match="chmod 600"):
        secrets.load(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    secrets.make(path)
    os.chown(path, 12345, -1)
    with pytest.raises(OperatorError, match="another user"):
        secrets.load(path)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "32 bytes"),
        ("change me", "not a base64 key"),
        (base64.b64encode(b"short").decode(), "32 bytes"),
        (base64.b64encode(bytes(range(31, 62))).decode(), "32 bytes"),
        (base64.b64encode(bytes(32)).decode(), "placeholder"),
        (base64.b64encode(b"\xff" * 32).decode(), "placeholder"),
        (base64.b64encode(b"\xde\xad\xbe\xef" * 8).decode(), "placeholder"),
        (base64.b64encode(b"replace-this-with-a-real-key-now").decode(), "placeholder"),
    ],
)
def test_a_weak_key_is_refused(tmp_path: Path, value: str, reason: str) -> None:
    path = written(tmp_path / "secrets.toml", **{**fresh_words(), "seal_key": value})
    with pytest.raises(OperatorError, match=f"seal_key.*{reason}"):
        secrets.load(path)


def test_the_same_key_for_two_purposes_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "secrets.toml", **{**fresh_words(), "web_key": GOOD, "pepper": GOOD})
    with pytest.raises(OperatorError, match="same key twice"):
        secrets.load(path)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "secrets.toml", index_key=GOOD)
    with pytest.raises(OperatorError, match="lacks seal_key"):
        secrets.load(path)


def test_a_file_from_before_there_were_concerns_gains_their_keys_and_keeps_its_own(
    tmp_path: Path,
) -> None:
    words = fresh_words()
    old = {name: words[name] for name in ("index_key", "seal_key", "web_key")}
    path = written(tmp_path / "secrets.toml", **old)
    with pytest.raises(OperatorError, match="lacks pepper: run beatline secrets init"):
        secrets.load(path)
    made = secrets.make(path)
    assert made.words[:3] == tuple(old.values())
    assert len(set(made.words)) == 6
    assert secrets.make(path) == secrets.load(path) == made
    assert path.stat().st_mode & 0o777 == 0o600


def test_processes_that_find_an_old_file_together_add_one_set_of_keys(tmp_path: Path) -> None:
    words = fresh_words()
    old = {name: words[name] for name in ("index_key", "seal_key", "web_key")}
    assert len(made_together(written(tmp_path / "secrets.toml", **old))) == 1


def test_a_broken_file_is_refused_without_quoting_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(f"index_key = {GOOD}\n")
    path.chmod(0o600)
    with pytest.raises(OperatorError, match="not readable TOML") as refusal:
        secrets.load(path)
    assert GOOD not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_a_missing_file_is_one_plain_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        OperatorError, match=r"secrets\.toml is not there: run beatline secrets init"
    ):
        secrets.load(tmp_path / "secrets.toml")
    with pytest.raises(OperatorError, match="cannot be used: is a directory"):
        secrets.load(tmp_path)


def test_a_live_service_keeps_its_keys_out_of_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "var"
    for path in (data / "secrets.toml", data / "deeper" / "secrets.toml"):
        with pytest.raises(OperatorError, match="DATA_DIR"):
            secrets.make(path, outside=data)
        assert not path.exists()
    (tmp_path / "way-in").symlink_to(data)
    with pytest.raises(OperatorError, match="DATA_DIR"):
        secrets.make(tmp_path / "way-in" / "secrets.toml", outside=data)
    assert secrets.make(tmp_path / "secrets.toml", outside=data)


def test_a_rotation_keeps_the_old_pair_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    old = secrets.make(path)
    between = secrets.begin_rotation(path, old)
    assert between.previous == old.chat_keys
    assert secrets.load(path) == between
    assert not set(old.words) & {*between.words[:3]}
    settled = secrets.end_rotation(path, between)
    assert secrets.load(path) == settled
    assert settled.previous is None
    assert settled.words[3:] == old.words[3:], "or no receipt would open any more"
    assert path.stat().st_mode & 0o777 == 0o600


def test_keys_in_use_are_not_rotated_and_keys_being_rotated_are_not_used(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    with (
        secrets.in_use(path),
        secrets.in_use(path),
        pytest.raises(OperatorError, match="stop Beatline first"),
        secrets.alone(path),
    ):
        pass
    with (
        secrets.alone(path),
        pytest.raises(OperatorError, match="being rotated"),
        secrets.in_use(path),
    ):
        pass
