"""The public pages in made-up languages: all is marked, and English words say that they are."""

import re
from html.parser import HTMLParser

import pytest

from bot import pseudo
from bot.dispatcher import Dispatcher
from bot.model import Kind
from bot.security.sealing import ChatKeys
from bot.services import Services
from bot.store.database import Database
from tests import listed, town
from tests.both_channels import Behind
from tests.conftest import FakeClock
from tests.delivery.stage import stage_over
from tests.pseudo import Listening
from tests.web.stage import on_stage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ALONE = {"meta", "link", "input", "br", "hr", "img", "circle", "path"}
ADDRESS = re.compile(r"https?://\S+")
READ_ALOUD = ("alt", "aria-label", "placeholder", "title")


@pytest.fixture(scope="module")
def catalogs(tmp_path_factory: pytest.TempPathFactory) -> Listening:
    return Listening(tmp_path_factory.mktemp("pseudo"))


class Spoken(HTMLParser):
    """What a page says in its own language: text and labels that no ``lang`` gives to another.

    The title is left out: it begins with the heading, and can have no language of its own.
    """

    def __init__(self, html: str, own: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._own = own
        self._path: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        lang = given.get("lang") or (self._path[-1][1] if self._path else None)
        if lang == self._own:
            self.said += [value for name in READ_ALOUD if (value := given.get(name))]
        if tag not in ALONE:
            self._path.append((tag, lang))

    def handle_endtag(self, tag: str) -> None:
        while tag in {each for each, _lang in self._path} and self._path.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = {tag for tag, _lang in self._path}
        if (
            data.strip()
            and not tags & {"script", "style", "title"}
            and self._path[-1][1] == self._own
        ):
            self.said.append(" ".join(data.split()))


@pytest.mark.parametrize("code", pseudo.CODES)
async def test_every_page_is_marked_and_says_where_it_is_english(
    code: str,
    dispatcher: Dispatcher,
    services: Services,
    catalogs: Listening,
    database: Database,
    clock: FakeClock,
    chat_keys: ChatKeys,
) -> None:
    await listed.priority(database, "Cars are broken into.", "Officers checked cars.")
    await listed.meeting(database)
    office = stage_over(database, clock, catalogs, chat_keys)
    post = await office.release("Two men were fined.", kind=Kind.OUTCOME, title="Fly-tippers fined")
    language = catalogs.language(code)
    # Names of the service, the police force, an area, and the licence of what is published.
    names = {"Beatline", "Thames Valley Police", town.RIVERSIDE.label, "Open Government Licence"}
    catalogs.values |= names
    bare: dict[str, str] = {}
    headers = {"accept-language": language.tag}
    async with (
        on_stage(
            bot=Behind(dispatcher=dispatcher), services=services, renderer=catalogs, demo=False
        ) as stage,
        stage.client(headers=headers) as client,
    ):
        for path in (
            "/",
            "/areas/ZX01",
            "/areas/none",
            f"/verify/{post}",
            "/verify/P-AAAAAA",
            "/advice/bike-theft",
            "/advice/bike-theft/print",
            "/nothing",
        ):
            page = (await client.get(path)).text
            assert f'<html lang="{language.tag}" dir="{language.direction}"' in page, path
            spoken = ADDRESS.sub(" ", " ".join(Spoken(page, language.tag).said))
            if words := catalogs.outside(spoken):
                bare[path] = words
    assert bare == {}
    assert catalogs.unmarked == set()
