"""Made-up street crime in the form of the bulk files of data.police.uk."""

from collections.abc import Iterable
from pathlib import Path

from bot.model import Point

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
FORCE = "Made-up Police"


def line(
    category: str, point: Point | None, outcome: str = "", month: str = "2026-09", id: str = ""
) -> str:
    """One offence, as a row."""
    where = f"{point.longitude:.6f},{point.latitude:.6f}" if point else ","
    near = "On or near Example Street" if point else "No location"
    return f"{id},{month},{FORCE},{FORCE},{where},{near},,,{category},{outcome},"


def write(path: Path, lines: Iterable[str], header: str = HEADER) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *lines]) + "\n")
    return path
