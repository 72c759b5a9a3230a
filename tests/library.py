"""A small library of advice, to be written and spoilt."""

from pathlib import Path

from bot.services.article_files import English, Translation, read_article

ENGLISH = """---
id: bike-theft
title: Keep your bike safe
summary: Two locks and a stand.
topics: [crime-prevention]
crimes: [bicycle-theft]
season: 10-15 to 01-31
review_by: 2027-11-01
safety: [emergency, report]
sources:
  - https://example.org/bikes
status: draft
---
A thief wants a bike that is quick to take.

- Use two locks.
- Call Crimestoppers on {crimestoppers}.

See [the register]({page.property_register}).

<!-- more -->

## At home

Lock it in the shed too.
"""

POLISH = """---
id: bike-theft
title: Chroń swój rower
summary: Dwa zapięcia i stojak.
source_hash: 0000000000000000
text_hash: 0000000000000000
status: machine
---
Złodziej szuka roweru, który można szybko zabrać.

- Użyj dwóch zapięć.
- Zadzwoń do Crimestoppers: {crimestoppers}.

Zobacz [rejestr]({page.property_register}).

<!-- more -->

## W domu

Przypinaj go także w szopie.
"""


def write_english(folder: Path, text: str = ENGLISH, *, id: str = "bike-theft") -> Path:
    """An English article in its folder."""
    path = folder / "en_GB" / "advice" / f"{id}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("id: bike-theft", f"id: {id}"), encoding="utf-8")
    return path


def write_polish(folder: Path, text: str = POLISH) -> Path:
    """A Polish article in its folder, with the hashes of today in place of noughts."""
    path = folder / "pl" / "advice" / "bike-theft.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    own = read_article(path, "pl", Translation).hash
    english = read_article(folder / "en_GB" / "advice" / path.name, "en_GB", English).hash
    text = text.replace("source_hash: 0000000000000000", f"source_hash: {english}")
    path.write_text(text.replace("text_hash: 0000000000000000", f"text_hash: {own}"), "utf-8")
    return path
