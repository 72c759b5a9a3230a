"""Pictures made on the spot, for the tests that show some."""

from io import BytesIO

from PIL import Image


def drawn(
    width: int = 40, height: int = 30, *, form: str = "PNG", mode: str = "RGB", **saved: object
) -> bytes:
    """The file of a plain picture; ``saved`` goes to Pillow with it, such as ``exif``."""
    file = BytesIO()
    Image.new(mode, (width, height)).save(file, form, **saved)
    return file.getvalue()
