"""What computers and people made of released posts in other languages, and what engines said."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Kind, Picture, Variant
from bot.store.database import insert_into
from bot.store.tables import posts, subscribers, translation_memory, translations, variants

_AT_ONCE = 100


async def put(connection: AsyncConnection, post_id: int, words: Variant) -> bool:
    """Keep words of a post. A computer's never replace any. Returns whether they were kept."""
    values = {
        "title": words.title,
        "body": words.body,
        "said": words.said,
        "alt": words.picture and words.picture.alt,
        "made": words.made,
        "emergency": words.emergency,
    }
    statement = insert_into(connection, translations).values(
        post_id=post_id, language=words.language, edition=1, **values
    )
    if words.by_machine:
        statement = statement.on_conflict_do_nothing()
    else:
        statement = statement.on_conflict_do_update(
            index_elements=[translations.c.post_id, translations.c.language],
            set_={**values, "edition": translations.c.edition + 1},
        )
    return (await connection.execute(statement)).rowcount > 0


async def by_post(connection: AsyncConnection, ids: Collection[int]) -> Sequence[Row[Any]]:
    """Rows of these posts; ``variant_of`` reads one."""
    rows = await connection.execute(select(translations).where(translations.c.post_id.in_(ids)))
    return rows.all()


def variant_of(row: Row[Any], picture: Picture | None) -> Variant:
    """The words of a row; ``picture`` is the post's, told in other words."""
    told = picture
    if picture is not None and row.alt:
        told = Picture(picture.name, picture.width, picture.height, row.alt)
    return Variant(row.language, row.title, row.body, told, row.said, row.made, row.emergency)


async def by_person(
    connection: AsyncConnection, original: Variant, language: str
) -> Row[Any] | None:
    """The newest row that a person wrote for exactly these words, in whichever post."""
    rows = await connection.execute(
        select(translations)
        .join(variants, variants.c.post_id == translations.c.post_id)
        .where(translations.c.made == "person", translations.c.language == language)
        .where(variants.c.language == original.language, variants.c.title == original.title)
        .where(variants.c.body == original.body, variants.c.said == original.said)
        .where(
            func.coalesce(variants.c.alt, "") == (original.picture.alt if original.picture else "")
        )
        .order_by(translations.c.post_id.desc())
        .limit(1)
    )
    return rows.one_or_none()


async def editions(connection: AsyncConnection, ids: Collection[int]) -> dict[int, int]:
    """A number for each of these posts that grows with every change of its translations."""
    rows = await connection.execute(
        select(translations.c.post_id, func.sum(translations.c.edition))
        .where(translations.c.post_id.in_(ids))
        .group_by(translations.c.post_id)
    )
    return {row[0]: int(row[1]) for row in rows}


async def read_by_followers(connection: AsyncConnection) -> set[str]:
    """The languages of those who get news."""
    rows = await connection.execute(
        select(subscribers.c.language)
        .where(subscribers.c.stopped_on.is_(None), subscribers.c.language.is_not(None))
        .distinct()
    )
    return set(rows.scalars())


async def to_translate(
    connection: AsyncConnection, kinds: Collection[Kind], now: datetime, most: int
) -> list[int]:
    """Keys of the newest posts that were released and still count; the newest first."""
    rows = await connection.execute(
        select(posts.c.id)
        .where(posts.c.send_at.is_not(None), posts.c.live, posts.c.expires_at > now)
        .where(posts.c.kind.in_([kind.value for kind in kinds]))
        .order_by(posts.c.send_at.desc(), posts.c.id.desc())
        .limit(most)
    )
    return list(rows.scalars())


async def recall(
    connection: AsyncConnection, keys: Sequence[bytes], today: date
) -> Mapping[bytes, str]:
    """What is known under these keys, which are then in use today."""
    known: dict[bytes, str] = {}
    for start in range(0, len(keys), _AT_ONCE):
        mine = translation_memory.c.key.in_(keys[start : start + _AT_ONCE])
        rows = await connection.execute(
            update(translation_memory)
            .where(mine)
            .values(used_on=today)
            .returning(translation_memory.c.key, translation_memory.c.words)
        )
        known |= {row.key: row.words for row in rows}
    return known


async def keep(connection: AsyncConnection, known: Mapping[bytes, str], today: date) -> None:
    """Know more, or better."""
    for key, words in known.items():
        statement = insert_into(connection, translation_memory).values(
            key=key, words=words, used_on=today
        )
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=[translation_memory.c.key],
                set_={"words": words, "used_on": today},
            )
        )


async def forget(connection: AsyncConnection, before: date) -> None:
    """Drop what nothing has used since a day."""
    await connection.execute(
        delete(translation_memory).where(translation_memory.c.used_on < before)
    )
