"""A video in a concern: silent unless its sound was asked for."""

from pathlib import Path

import pytest

from bot.catalogs import Catalogs
from bot.dispatcher import Dispatcher
from bot.services import Services
from bot.services.media import Tools
from tests import darkroom
from tests.both_channels import on_web

pytestmark = [
    darkroom.needs_ffmpeg,
    pytest.mark.skipif(not Tools.found().photos, reason="no media can be cleaned here"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


async def test_a_video_loses_its_sound_unless_it_was_asked_for(
    dispatcher: Dispatcher, catalogs: Catalogs, services: Services, tmp_path: Path
) -> None:
    video = darkroom.film(tmp_path)
    async with on_web(dispatcher, catalogs) as resident:
        for line in ("/concern", "I have read this", "A car races.", *["Skip"] * 4):
            await resident.says(line)
        await resident.uploads(video)
        resident.reads("video-1.mp4, without hidden details")
        draft = services.drafts.of(resident.address)
        assert draft is not None
        assert len(darkroom.streams(draft.files[0].media.data, tmp_path)) == 1
        await resident.presses("Keep the sound of video-1.mp4")
        resident.reads("A voice can show who you are.")
        resident.reads("video-1.mp4, with its sound")
        assert len(darkroom.streams(draft.files[0].media.data, tmp_path)) == 2
