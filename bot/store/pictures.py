"""The pictures of posts: kept as they go out, and forgotten when nobody shows them any more."""

from datetime import datetime

from sqlalchemy import exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import PictureFile
from bot.store.tables import pictures, posts


async def add(connection: AsyncConnection, picture: PictureFile) -> int:
    """Store a picture. Returns its number, for ``picture_id`` of a post."""
    statement = insert(pictures).values(
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        data=picture.data,
    )
    number: int = (await connection.execute(statement.returning(pictures.c.id))).scalar_one()
    return number


async def of_post(connection: AsyncConnection, post_id: int) -> PictureFile | None:
    """The picture of a post, None where it has none or its content is no longer kept."""
    found = await connection.execute(
        select(pictures.c.media_type, pictures.c.width, pictures.c.height, pictures.c.data)
        .join(posts, posts.c.picture_id == pictures.c.id)
        .where(posts.c.id == post_id, pictures.c.data.is_not(None))
    )
    row = found.one_or_none()
    return None if row is None else PictureFile(*row)


async def forget(connection: AsyncConnection, before: datetime, now: datetime) -> None:
    """Forget the content of pictures whose posts were all released before a moment and are over."""
    in_use = exists().where(
        posts.c.picture_id == pictures.c.id,
        or_(posts.c.send_at.is_(None), posts.c.send_at >= before, posts.c.expires_at > now),
    )
    await connection.execute(
        update(pictures).where(pictures.c.data.is_not(None), ~in_use).values(data=None)
    )
