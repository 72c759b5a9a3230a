"""A small made-up town: three areas on a map of squares, and a handful of postcodes."""

from pathlib import Path

import numpy as np
from shapely.geometry import box

from bot.model import Area, Point
from bot.store import areas, postcodes
from bot.store.areas import StoredArea
from bot.store.database import Database

RIVERSIDE = Area("ZX01", "Riverside", centre=Point(51.45, -0.95))
HILLSIDE_NORTH = Area("ZX02", "Hillside", "Northtown", centre=Point(51.55, -0.95))
HILLSIDE_SOUTH = Area("ZX03", "Hillside", "Southtown", standin=True, centre=Point(51.35, -0.95))

AREAS = (
    (RIVERSIDE, box(-1.0, 51.4, -0.9, 51.5)),
    (HILLSIDE_NORTH, box(-1.0, 51.5, -0.9, 51.6)),
    (HILLSIDE_SOUTH, box(-1.0, 51.3, -0.9, 51.4)),
)

# Postcode, latitude, longitude, the year it went out of use (0: still in use).
POSTCODES = (
    ("RG1", "1AA", 51.45, -0.95, 0),
    ("RG1", "1AB", 51.55, -0.95, 0),
    ("RG1", "1AD", 51.35, -0.95, 0),
    ("RG1", "1AE", 51.46, -0.95, 1996),
    ("RG2", "2AA", 52.90, -0.95, 0),
)


async def build(database: Database) -> None:
    """Put the areas into a database."""
    stored = [StoredArea(area, outline.wkb) for area, outline in AREAS]
    async with database.write() as connection:
        await areas.put(connection, stored)
        await areas.mark_changed(connection)


def write_postcodes(path: Path) -> None:
    """Put the postcodes into a packed file."""
    keys, latitudes, longitudes, years = zip(
        *((postcodes.key(o, i), lat, lon, year) for o, i, lat, lon, year in POSTCODES), strict=True
    )
    ended = [postcodes.month(year, 6) if year else 0 for year in years]
    table = postcodes.table(
        np.array(keys, "u4"),
        np.array(latitudes),
        np.array(longitudes),
        np.array(ended, "u2"),
        np.zeros(len(keys), "u2"),
        ("",),
    )
    postcodes.write(path, table, shipped=False)
