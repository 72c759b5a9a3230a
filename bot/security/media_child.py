"""The process in which strangers' photos and videos are decoded: small, alone and cut off.

It is run by its path, so that nothing of ours is in its memory: no key, no setting, no other
concern. Standard input is the file, standard output takes the result; both lie in memory.

    media_child.py PARENT MEMORY CPU OUTPUT photo DECODER    redraw a photo as JPEG
    media_child.py PARENT MEMORY CPU OUTPUT run PROGRAM …    become another program
    media_child.py PARENT MEMORY CPU OUTPUT alone            only tell if the network is cut off

PARENT is the service's process id, MEMORY and OUTPUT are in bytes, CPU in seconds.
"""

import ctypes
import os
import resource
import signal
import sys
import warnings
from contextlib import suppress
from pathlib import Path

TOO_LARGE = 10  # exit status
PIXELS = 40_000_000
QUALITY = 88

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET: unshare(2)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG: prctl(2)


def main(parent: str, memory: str, cpu: str, output: str, task: str, *words: str) -> int:
    """Do one task within these limits; gives the exit status."""
    alone = confine(int(parent), int(memory), int(cpu), int(output))
    if task == "photo":
        return redraw(words[0])
    if task == "run":
        # Each thread of glibc's would otherwise set 64 MB of addresses aside.
        os.execve(words[0], words, {"MALLOC_ARENA_MAX": "1"})  # noqa: S606  # no shell on purpose
    return 0 if alone else 1


def confine(parent: int, memory: int, cpu: int, output: int) -> bool:
    """Limit this process for good; gives whether it could be cut off from the network too.

    It gives way to the service, is the first to go when memory is short, dies with the service,
    and leaves no core file, which would put a picture on a disk.
    """
    system = ctypes.CDLL(None)
    alone = bool(system.unshare(_NEW_USER | _NEW_NETWORK) == 0)
    system.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the service was gone before this process could be tied to it")
    os.nice(10)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and would pass that on
    for what, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, output),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    return alone


def redraw(decoder: str) -> int:
    """Paint a photo anew on a fresh canvas, upright and on white, so that only colours get across.

    An opened photo that is saved again keeps comments, and what lies under transparency.
    """
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = PIXELS  # Pillow only warns up to twice its limit
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    if decoder == "HEIF":
        from pi_heif import register_heif_opener

        register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    try:
        with Image.open(sys.stdin.buffer, formats=[decoder]) as photo:
            ImageOps.exif_transpose(photo, in_place=True)
            colours = photo.convert("RGBA" if photo.has_transparency_data else "RGB")
        canvas = Image.new("RGB", colours.size, "white")
        canvas.paste(colours, mask=colours if colours.mode == "RGBA" else None)
        canvas.save(sys.stdout.buffer, "JPEG", quality=QUALITY)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError):
        return TOO_LARGE
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
