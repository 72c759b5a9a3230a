"""What is wrong with the files of a language, told so that a volunteer can mend it."""

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polib

from bot.catalog_files import DOMAINS, file_of, name_of, translated
from bot.glossary import FILE as GLOSSARY
from bot.glossary import Glossary
from bot.languages import ENGLISH, REGISTRY, plurals
from bot.ports import Language
from bot.safeguarding import phrase_faults
from bot.translation_faults import doubts, faults

_LINE = re.compile(r":(\d+): ")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right: the file, the English where it is about one message, and how.

    A ``note`` is only told: English is shown until it is mended, and nothing is refused for it.
    """

    file: str
    mend: str
    english: str = ""
    note: bool = False

    def __str__(self) -> str:
        english = f"“{' '.join(self.english.split())}”: " if self.english else ""
        return f"{'note  ' if self.note else ''}{self.file}: {english}{self.mend}"


def problems(
    folder: Path, languages: Sequence[Language], templates: Mapping[str, polib.POFile]
) -> list[Problem]:
    """Everything about these languages; ``templates`` are what the code says, by domain."""
    glossary = Glossary(folder)
    found = list(_of_registry(folder))
    found += [_problem(folder / GLOSSARY, fault) for fault in glossary.faults()]
    for domain, template in templates.items():
        path = folder / f"{domain}.pot"
        if not path.exists() or _identities(polib.pofile(str(path))) != _identities(template):
            found.append(_problem(path, "not in step with the code; run: beatline i18n extract"))
    for language in languages:
        for domain in DOMAINS:
            path = file_of(folder, language.code, domain)
            found += _of_file(path, language, templates[domain], glossary)
        phrases = folder / language.code / "safeguarding.toml"
        found += [_problem(phrases, fault) for fault in phrase_faults(phrases)]
    return found


def _of_registry(folder: Path) -> Iterator[Problem]:
    path = folder / REGISTRY
    known = {language.code: language for language in translated(folder)}
    for code, language in known.items():
        if language.status == "reviewed" and not language.reviewers:
            yield _problem(path, f"[{code}] is reviewed by nobody; name the speaker in reviewers")
    for each in sorted(folder.iterdir()):
        if each.is_dir() and each.name not in {*known, ENGLISH}:
            mend = f"run beatline i18n add {each.name}, or take the folder away"
            yield _problem(path, f"the folder {each.name} is not on the list of languages; {mend}")


def _of_file(
    path: Path, language: Language, template: polib.POFile, glossary: Glossary
) -> Iterator[Problem]:
    if not path.exists():
        yield _problem(path, "the file is missing; run: beatline i18n extract")
        return
    try:
        text = path.read_bytes().decode("utf-8")
        entries = polib.pofile(text)
    except UnicodeDecodeError as error:
        yield _problem(path, f"byte {error.start} is not UTF-8; save the file as UTF-8 text")
        return
    except (OSError, ValueError, IndexError) as error:
        yield _problem(path, f"it is damaged {_place(error)}; put back the quotes and key words")
        return
    yield from _of_header(path, entries, language)
    yield from _out_of_step(path, entries, template)
    yield from _of_entries(path, entries, language)
    yield from _unfinished(path, entries)
    for mend, english in glossary.missing(language, entries):
        yield _problem(path, mend, english, note=True)
    yield from _by_msgfmt(path)


def _place(error: Exception) -> str:
    line = re.search(r"line (\d+)", str(error))
    return f"at line {line[1]}" if line else "and cannot be read"


def _of_header(path: Path, entries: polib.POFile, language: Language) -> Iterator[Problem]:
    said = entries.metadata
    forms = plurals(language.babel)
    for name, wanted in (
        ("Language", language.code),
        ("Plural-Forms", forms.header),
        ("Content-Type", "text/plain; charset=UTF-8"),
    ):
        if said.get(name) != wanted:
            yield _problem(path, f"at the head of the file the line {name} must be: {wanted}")
    if said.get("X-Origin") == "machine" and language.status != "draft":
        yield _problem(
            path,
            "X-Origin says that a computer wrote it, so its status is draft; take the line out "
            "when a speaker has read every message",
        )


def _out_of_step(path: Path, entries: polib.POFile, template: polib.POFile) -> Iterator[Problem]:
    own, wanted = _identities(entries), _identities(template)
    said, known = [each[:2] for each in wanted], [each[:2] for each in own]
    mend = "run: beatline i18n extract"
    if new := [each for each in said if each not in known]:
        yield _problem(path, f"{len(new)} messages are not in the file; {mend}", new[0][1])
    if gone := [each for each in known if each not in said]:
        yield _problem(path, f"the code does not say {len(gone)} of these; {mend}", gone[0][1])
    for (_context, english), count in Counter(known).items():
        if count > 1:
            yield _problem(path, "this message is there twice; take one out", english)
    if sorted(said, key=str) == sorted(known, key=str) and own != wanted:
        yield _problem(path, f"its order or its notes are not in step with the code; {mend}")


def of_entry(entry: polib.POEntry, language: Language, domain: str) -> Iterator[str]:
    """What is wrong with one message of a language, and how to mend it."""
    forms = plurals(language.babel).count
    if entry.msgid_plural and len(entry.msgstr_plural) != forms:
        yield f"{language.english} has {forms} plural forms, msgstr[0] to msgstr[{forms - 1}]"
    if entry.translated():
        yield from (*faults(entry), *doubts(entry, language))
    elif domain == "safety":
        marked = "marked fuzzy; safety phrases must be certain" if entry.fuzzy else None
        yield marked or "not translated yet; a language needs it"
    elif any(entry.msgstr_plural.values()) and not entry.fuzzy:
        yield "fill in every plural form, or none"


def _of_entries(path: Path, entries: polib.POFile, language: Language) -> Iterator[Problem]:
    for entry in entries:
        if not entry.obsolete:
            for fault in of_entry(entry, language, path.stem):
                yield _problem(path, fault, entry.msgid)


def _unfinished(path: Path, entries: polib.POFile) -> Iterator[Problem]:
    """Gaps of the messages are no fault: a language grows, and English fills them."""
    if path.stem == "safety":
        return
    live = [entry for entry in entries if not entry.obsolete]
    for kind, found in (
        ("marked fuzzy", [entry for entry in live if entry.fuzzy]),
        ("not translated yet", [e for e in live if not e.fuzzy and not e.translated()]),
    ):
        if found:
            mend = f"{len(found)} of {len(live)} messages {kind}; the first is this"
            yield _problem(path, mend, found[0].msgid, note=True)


def _by_msgfmt(path: Path) -> Iterator[Problem]:
    """What GNU gettext's own check says, where it is installed."""
    msgfmt = shutil.which("msgfmt")
    if msgfmt is None:
        return
    done = subprocess.run(  # noqa: S603  # the program found, and a file of ours
        [msgfmt, "--check", "--output-file=/dev/null", str(path)],
        capture_output=True,
        check=False,
        env={"LC_ALL": "C.UTF-8"},
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").splitlines()
        for line in [line for line in said if _LINE.search(line)][:3]:
            _file, number, words = _LINE.split(line, maxsplit=1)
            yield _problem(path, f"line {number}: msgfmt says: {words}")


def _identities(entries: Iterable[polib.POEntry]) -> list[tuple[str | None, str, str, str]]:
    return [
        (entry.msgctxt, entry.msgid, entry.msgid_plural, " ".join(entry.comment.split()))
        for entry in entries
        if not entry.obsolete
    ]


def _problem(path: Path, mend: str, english: str = "", *, note: bool = False) -> Problem:
    return Problem(name_of(path), mend, english, note)
