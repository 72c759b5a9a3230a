"""The open data that ships, put in place on first start so that a bare clone has a map."""

import asyncio
from pathlib import Path

import bot
from bot.ports import Clock, PostcodeLookup
from bot.services.area_files import read_areas
from bot.services.areas import swap
from bot.services.places import Places
from bot.services.postcodes import build_default
from bot.store import areas
from bot.store.database import Database
from bot.store.postcodes import FILE_NAME, PackedPostcodes, is_usable

SHIPPED = Path(bot.__file__).parents[1] / "data"
POSTCODES = SHIPPED / "thames_valley_postcodes_full.csv.gz"
SAMPLE = SHIPPED / "sample"
WARDS = SHIPPED / "thames_valley_wards_approx.geojson"


async def prepare_places(data_dir: Path, database: Database) -> PackedPostcodes:
    """Make sure that there are areas and postcodes; both may be done by two processes at once.

    Raises OperatorError for a damaged postcode file that an operator had imported.
    """
    target = data_dir / FILE_NAME
    if not is_usable(target):
        await asyncio.to_thread(build_default, POSTCODES, target)
    await _seed_areas(database)
    return PackedPostcodes(target)


async def open_places(
    data_dir: Path, database: Database, clock: Clock, fallback: PostcodeLookup | None
) -> Places:
    """The areas and postcodes of this service, ready on a bare clone too.

    ``fallback`` is asked for postcodes that the file does not know. Raises as ``prepare_places``.
    """
    return Places(database, await prepare_places(data_dir, database), clock, fallback)


async def _seed_areas(database: Database) -> None:
    async with database.read() as connection:
        if await areas.count(connection):
            return
    wards = await asyncio.to_thread(read_areas, WARDS, standin=True)
    async with database.write() as connection:
        await areas.lock(connection)
        if not await areas.count(connection):  # another process may just have done it
            await swap(connection, wards)
