"""Pictures as they go out: drawn anew, so that nothing that came with them goes out too."""

import warnings
from io import BytesIO

from PIL import Image, ImageOps

from bot.errors import OperatorError
from bot.model import PictureFile

LARGEST_BYTES = 5_000_000
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1_600
"""Pixels of the longer side as it goes out; phones show fewer."""

SLIMMEST = 20
"""At most so many times as long as wide; Telegram refuses others."""

_FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITY = 88
_TOO_LARGE = f"the picture has more than {MOST_PIXELS // 1_000_000} megapixels"

# Our own limit is lower, but Pillow looks first, and only warns.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def redrawn(content: bytes) -> PictureFile:
    """A picture on a fresh canvas, upright, on white, at most ``LONGEST_SIDE`` long, as JPEG.

    What it is comes from its content, never from a name. Of several frames the first is taken.
    Raises OperatorError, in one plain sentence, for one that cannot be shown.
    """
    if len(content) > LARGEST_BYTES:
        raise OperatorError(f"the picture has more than {LARGEST_BYTES // 1_000_000} MB")
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as opened:
            _check_size(*opened.size)
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except OperatorError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise OperatorError(_TOO_LARGE) from None
    except Exception:  # decoders of hostile bytes fail in many ways
        raise OperatorError("the picture cannot be read: give a PNG, JPEG or WebP file") from None
    canvas = Image.new("RGB", upright.size, "white")
    canvas.paste(upright, mask=upright)
    canvas.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn = BytesIO()
    canvas.save(drawn, "JPEG", quality=_QUALITY, optimize=True)
    return PictureFile("image/jpeg", canvas.width, canvas.height, drawn.getvalue())


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise OperatorError(_TOO_LARGE)
    if max(width, height) > SLIMMEST * min(width, height):
        raise OperatorError(f"the picture is more than {SLIMMEST} times as long as wide")
