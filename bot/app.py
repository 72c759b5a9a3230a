"""The composition root: settings, stores, services, channels, web and clock, joined into one."""

import asyncio
import hashlib
import hmac
import secrets as chance
import signal
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot import bulletin, logs, metrics
from bot.catalogs import Catalogs
from bot.clients.mail import inbox_from, mailer_from
from bot.clients.postcodes import PostcodesApi
from bot.clients.sample import POLICE, SampleFetch
from bot.clients.translation import engine_from, local_engine_from
from bot.conversation import Address, Answer, OnMessage, Router
from bot.delivery.answers import Answers
from bot.delivery.drawing import Drawing
from bot.delivery.outbox import Duty, Outbox
from bot.delivery.plan import Planner
from bot.delivery.queues import Queues
from bot.delivery.send import Sender
from bot.dispatcher import Dispatcher
from bot.errors import FeedError, OperatorError
from bot.languages import read_registry
from bot.model import PictureFile
from bot.ports import Channel, Clock, Fetch, Mailer, TranslationEngine
from bot.roles import EVERYTHING, Role, taken
from bot.safeguarding import Safeguarding
from bot.schedule import SystemClock, schedule
from bot.security import secrets
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets
from bot.services import Services
from bot.services.advisor import Advisor
from bot.services.articles import Library
from bot.services.campaigns import read_campaigns
from bot.services.concerns import Concerns
from bot.services.conversations import Conversations
from bot.services.detection import Detection
from bot.services.directory import Directory
from bot.services.drafts import Drafts
from bot.services.feeds import Desk, Feeds
from bot.services.forwarding import TOO_LONG, Forwarder, waits_too_long
from bot.services.gate import (
    Gate,
    address_is_safe,
    areas_are_ready,
    every_area_has_a_team,
    mail_has_answered,
)
from bot.services.health import Health, Probe
from bot.services.intake import Intake
from bot.services.keys import Keys
from bot.services.letters import OurAddress
from bot.services.limits import Limits
from bot.services.media import Cleaner
from bot.services.meetings import Meetings
from bot.services.move import MODE, MOVED
from bot.services.nudges import Nudges
from bot.services.numbers import Numbers
from bot.services.outcomes import Outcomes
from bot.services.placing import Placer
from bot.services.post_room import PostRoom
from bot.services.posts import Posts
from bot.services.preferences import ResidentPreferences
from bot.services.push_links import PushLinks
from bot.services.pushes import Pushes
from bot.services.reaches import Reaches
from bot.services.records import Records
from bot.services.reminders import Reminders
from bot.services.reply_desk import ReplyDesk
from bot.services.residents import Residents
from bot.services.rosters import Rosters
from bot.services.shipped import SAMPLE, open_places
from bot.services.sources import make_file, read_file
from bot.services.teams import Teams
from bot.services.translation.interpreter import Interpreter
from bot.services.translation.memory import DatabaseMemory
from bot.services.translation.names import NamesOnBoard
from bot.services.translation.posts import PostTranslations
from bot.services.translation.translator import Translator
from bot.settings import Settings
from bot.store import areas, concerns, facts, samples, subscribers
from bot.store.database import Database
from bot.store.migrations import upgrade
from bot.store.postcodes import FILE_NAME, PackedPostcodes
from channels.telegram import TelegramChannel, Webhook
from channels.webchat import WebChat
from feeds import KINDS, Means
from feeds.fetch import SafeFetch
from feeds.police_uk import PoliceUk
from handlers import router
from handlers.buttons import HELP
from web.server import create_app, serve
from web.site import Hook, Site

if TYPE_CHECKING:
    from bot.jobs import Jobs

log = structlog.get_logger()

WEB_RATE = 1_000.0
DEMO_MAIL = "maildir:mail"
COUNT_SECONDS = 15.0
DRAFTS_SECONDS = 60.0
NUDGES_SECONDS = 600.0
PUSH_SECONDS = 30.0
REMIND_SECONDS = 30.0
TRANSLATE_SECONDS = 2.0
ENGINE_SECONDS = 1.0
FORGET_SECONDS = 24 * 3600.0
SAMPLES = "samples"
ANSWERS_SECONDS = 0.1
CHANNEL_PAUSE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Beatline:
    """Everything joined and ready to receive."""

    settings: Settings
    secrets: Secrets
    subscriptions: Database
    concerns: Database
    services: Services
    catalogs: Catalogs
    router: Router
    dispatcher: Dispatcher
    safeguarding: Safeguarding
    nudges: Nudges
    translator: Translator
    clock: Clock


@asynccontextmanager
async def joined(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Beatline]:
    """Open the databases, bring them up to date, and join every part that needs no network.

    Raises OperatorError with one sentence where something must be put right first.
    """
    clock = clock or SystemClock()
    outside = settings.data_dir if settings.is_live else None
    secrets.make(settings.secrets_path, outside=outside)
    async with AsyncExitStack() as stack:
        stack.enter_context(secrets.in_use(settings.secrets_path))
        keys = secrets.load(settings.secrets_path, outside=outside)
        logs.setup(settings.log_level, settings.log_format, secrets=_unspoken(settings, keys))
        subscriptions = Database(settings.subscriptions_url)
        stack.push_async_callback(subscriptions.close)
        concerns = Database(settings.concerns_url)
        stack.push_async_callback(concerns.close)
        await upgrade(subscriptions, "subscriptions")
        await upgrade(concerns, "concerns")
        await _enter_mode(subscriptions, concerns, settings)
        keys = await Keys(subscriptions, settings.secrets_path).settle(keys)
        catalogs = Catalogs(zone=settings.zone, offer_drafts=settings.offers_drafts)
        fetch = SafeFetch(settings.outbound_allow)
        fallback = PostcodesApi.where(settings.postcodes_api_url, fetch)
        places = await open_places(settings.data_dir, subscriptions, clock, fallback)
        await places.look()
        chat_keys = ChatKeys(keys.chat_keys)
        conversations = Conversations(subscriptions, chat_keys)
        teams = Teams(subscriptions, clock)
        await teams.show_sample(settings.is_demo)
        posts = Posts(subscriptions, clock)
        police = PoliceUk(settings.police_api_url, settings.force_id, fetch)
        if settings.is_demo:  # it asks nobody outside
            police = PoliceUk(POLICE, settings.force_id, SampleFetch(SAMPLE, clock))
        translator, local = translators(settings, subscriptions, clock, fetch)
        services = Services(
            residents=Residents(subscriptions, chat_keys, clock),
            conversations=conversations,
            drafts=Drafts(clock),
            concerns=Concerns(
                concerns,
                keys,
                clock,
                teams,
                places,
                posts,
                interpreter=None if settings.translate_url is None else Interpreter(local),
                sample=settings.is_demo,
            ),
            push_links=PushLinks(concerns, keys.reply_key),
            limits=Limits(clock),
            media=Cleaner(),
            records=Records(subscriptions, conversations, clock),
            places=places,
            preferences=ResidentPreferences(subscriptions, clock, settings.zone),
            posts=posts,
            teams=teams,
            gate=_gate(settings, subscriptions, teams, clock),
            outcomes=Outcomes(subscriptions, clock),
            meetings=Meetings(subscriptions, clock, settings.zone),
            numbers=Numbers(
                subscriptions, clock, posts, None if settings.is_demo else police, catalogs
            ),
            rosters=Rosters(subscriptions, clock, police, sample=settings.is_demo),
            advice=advisor_of(settings, subscriptions, clock, catalogs),
            directory=Directory(settings.force_id, clock),
            languages=catalogs.offered,
            detection=Detection(catalogs.offered),
            web_url=settings.public_url,
        )
        joined_router, safeguarding = router(), Safeguarding()
        yield Beatline(
            settings=settings,
            secrets=keys,
            subscriptions=subscriptions,
            concerns=concerns,
            services=services,
            catalogs=catalogs,
            router=joined_router,
            dispatcher=Dispatcher(
                joined_router,
                services,
                catalogs,
                safeguarding,
                way_back=HELP,
                demo_channels={TelegramChannel.name} if settings.is_demo else (),
            ),
            safeguarding=safeguarding,
            nudges=Nudges(services.concerns, places),
            translator=translator,
            clock=clock,
        )


def engines(
    settings: Settings, fetch: Fetch | None = None
) -> tuple[TranslationEngine, TranslationEngine]:
    """The engine for what is public anyway, and the one for what passes between a resident and
    their team, which is on a network of our own or none."""
    fetch = fetch or SafeFetch(settings.outbound_allow)
    key = settings.translate_key.get_secret_value() if settings.translate_key else None
    url, allow, known = settings.translate_url, settings.outbound_allow, read_registry()
    return engine_from(url, key, fetch, known), local_engine_from(url, key, fetch, known, allow)


def translators(
    settings: Settings, database: Database, clock: Clock, fetch: Fetch
) -> tuple[Translator, Translator]:
    """A translator over each engine. Only the public one remembers anything."""
    known = {language.code: language for language in read_registry()}
    public, local = engines(settings, fetch)
    names = NamesOnBoard(database)
    memory = DatabaseMemory(database, clock, public)
    return Translator(public, known, names, clock, memory), Translator(local, known, names, clock)


def feed_means(
    settings: Settings, database: Database, fetch: Fetch, *, standins: bool = False
) -> Means:
    """What every kind of source is read with. The force knows nothing of our ``standins``."""

    async def on_board() -> list[str]:
        async with database.read() as connection:
            stored = await areas.everything(connection)
        return [one.area.id for one in stored if standins or not one.area.standin]

    police = PoliceUk(settings.police_api_url, settings.force_id, fetch)
    return Means(fetch, police, on_board, settings.zone)


def open_feeds(
    settings: Settings,
    database: Database,
    clock: Clock,
    fetch: Fetch | None = None,
    desk: Desk | None = None,
) -> Feeds:
    """Every source of feeds.toml, ready to be polled; the file is made where there is none.

    Raises OperatorError where the file has a mistake.
    """
    make_file(settings.feeds_path)
    sources = read_file(settings.feeds_path, KINDS)
    means = feed_means(settings, database, fetch or SafeFetch(settings.outbound_allow))
    adapters = {source.id: KINDS[source.kind](source, means) for source in sources}
    return Feeds(database, clock, sources, adapters, desk or _intake(settings, database, clock))


def open_samples(settings: Settings, database: Database, clock: Clock) -> Feeds:
    """The sources of the demo: files that ship, read by the code that reads the real ones."""
    sources = read_file(SAMPLE / "feeds.toml", KINDS)
    demo = settings.model_copy(update={"police_api_url": POLICE})
    means = feed_means(demo, database, SampleFetch(SAMPLE, clock), standins=True)
    adapters = {source.id: KINDS[source.kind](source, means) for source in sources}
    return Feeds(database, clock, sources, adapters, _intake(settings, database, clock))


def _intake(settings: Settings, database: Database, clock: Clock) -> Intake:
    placer = Placer(database, PackedPostcodes(settings.data_dir / FILE_NAME))
    posts = Posts(database, clock)
    return Intake(database, clock, settings.zone, posts, placer, Reaches(database))


def advisor_of(settings: Settings, database: Database, clock: Clock, catalogs: Catalogs) -> Advisor:
    """Advice by the shipped articles and campaigns, and by what rose in the figures on board."""
    return Advisor(
        database,
        clock,
        settings.zone,
        Library(Directory(settings.force_id, clock)),
        read_campaigns(),
        Numbers(database, clock, Posts(database, clock), None, catalogs),
        catalogs,
        settings.public_url,
    )


async def run(settings: Settings, roles: Collection[Role] = EVERYTHING) -> None:
    """Serve in these roles until SIGTERM or SIGINT, then finish what is in hand.

    Raises OperatorError where something must be put right first.
    """
    async with joined(settings) as beatline:
        with taken(roles, beatline.subscriptions.file), _stop_signals() as stop:
            await _serve(beatline, roles, stop)
        log.info("stopped")


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs in this process, as its roles say; what does not is None."""

    receiving: Sequence[Channel]
    telegram: TelegramChannel | None
    outbox: Outbox
    jobs: "Jobs | None"
    post_room: PostRoom | None
    feeds: Sequence[Feeds]
    site: Site | None


async def _serve(beatline: Beatline, roles: Collection[Role], stop: asyncio.Event) -> None:
    parts = _parts(beatline, roles)
    if {Role.RECEIVE, Role.WEB, Role.WORK} & set(roles):
        await asyncio.to_thread(beatline.services.advice.load)
    if {Role.RECEIVE, Role.WEB} & set(roles):
        await asyncio.to_thread(beatline.safeguarding.load)
    for channel in parts.receiving:
        metrics.watch(channel.name, partial(getattr, channel, "problem"))
    for code, count in beatline.catalogs.dropped.items():
        metrics.dropped_translations.labels(code).set(count)
    clock = schedule(beatline.services)
    if Role.WORK in roles:
        await beatline.services.concerns.purge()
    if Role.WORK in roles and parts.jobs is None:
        await beatline.services.residents.purge()
        await beatline.services.posts.purge()
        await beatline.services.advice.purge()
        clock.start()
    working = [asyncio.create_task(parts.outbox.run())]
    if parts.jobs is not None:
        working.append(asyncio.create_task(parts.jobs.run()))
    if parts.post_room is not None:
        working.append(asyncio.create_task(parts.post_room.run()))
    working += [asyncio.create_task(each.run()) for each in parts.feeds]
    receiving = [
        asyncio.create_task(_keep_receiving(each, beatline.dispatcher)) for each in parts.receiving
    ]
    serving = [asyncio.create_task(_pages(beatline, parts.site, stop))] if parts.site else []
    waiting = asyncio.create_task(stop.wait())
    log.info("running", roles=",".join(sorted(roles)))
    try:
        await asyncio.wait(
            {waiting, *serving, *working, *receiving}, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        stop.set()
        if clock.running:
            clock.shutdown(wait=False)
        for task in working:
            task.cancel()
        # What the pages and the outbox have in hand still needs the channels behind them.
        await asyncio.wait([waiting, *serving, *working])
        for task in receiving:
            task.cancel()
        if receiving:
            await asyncio.wait(receiving)
        if parts.telegram is not None:
            await parts.telegram.close()
    for task in (*serving, *working, *receiving):
        if not task.cancelled():
            task.result()


def _parts(beatline: Beatline, roles: Collection[Role]) -> Parts:
    """What these roles need. Raises OperatorError when there is nothing to do for them."""
    settings, database = beatline.settings, beatline.subscriptions
    telegram = _telegram(beatline)
    hears = Role.WEB if settings.telegram_webhook else Role.RECEIVE
    # An open page is known to the process that serves it, so that one also sends to it.
    webchat = WebChat(
        beatline.catalogs, beatline.clock, partial(_recall, beatline), beatline.dispatcher.hush
    )
    web: list[Channel] = [webchat] if Role.WEB in roles else []
    receiving = [*web, *([telegram] if telegram and hears in roles else [])]
    sending = [*web, *([telegram] if telegram and Role.SEND in roles else [])]
    if not receiving and not sending and Role.WORK not in roles:
        raise OperatorError(
            f"nothing to do for {', '.join(sorted(roles))}: set TELEGRAM_BOT_TOKEN; "
            "a webhook is received by the role web"
        )
    planner = Planner(database, beatline.clock, tuple(rates(settings)))
    works = Role.WORK in roles
    queues = Queues(database, beatline.clock, rates(settings))
    outbox = Outbox(
        planner if works and database.is_sqlite else None,
        [_sender(beatline, channel) for channel in sending],
        [
            *_duties(
                beatline,
                queues,
                web,
                [each for each in receiving if each not in sending],
                works=works,
            ),
            *(_telling(beatline, channel) for channel in sending),
        ],
    )
    jobs = None if database.is_sqlite or not works else _jobs(beatline, planner)
    probes: dict[str, Probe] = {"outbox": outbox.probe, "queues": queues.probe}
    if jobs is not None:
        probes["jobs"] = jobs.probe
    post_room = _post_room(beatline) if works else None
    probes |= {"concerns": _concerns_get_out(beatline)} if post_room is None else post_room.probes
    # A demo shows sample content only, and asks nobody outside unless its operator says whom.
    reads = works and (settings.feeds_file is not None or not settings.is_demo)
    feeds = [open_feeds(settings, database, beatline.clock)] if reads else []
    if feeds:
        probes["feeds"] = feeds[0].probe
    if works and settings.is_demo:
        feeds.append(open_samples(settings, database, beatline.clock))
    return Parts(
        receiving,
        telegram,
        outbox,
        jobs,
        post_room,
        feeds,
        _site(beatline, webchat, telegram, receiving, probes) if web else None,
    )


def _duties(
    beatline: Beatline,
    queues: Queues,
    web: Sequence[Channel],
    answering: Iterable[Channel],
    *,
    works: bool,
) -> Iterator[Duty]:
    """Reminders; figures where /metrics is; the end of drafts; nudges; answers nobody counts."""
    if works and beatline.settings.translate_url is not None:
        made = PostTranslations(
            beatline.subscriptions,
            beatline.clock,
            beatline.translator,
            count=lambda outcome: metrics.translations.labels(outcome).inc(),
        )
        yield Duty("translating", made.make, TRANSLATE_SECONDS)
        yield Duty("forgetting translations", made.purge, FORGET_SECONDS)
    if works:
        yield Duty("reminding", beatline.services.meetings.send_reminders, REMIND_SECONDS)
    if web:
        yield Duty("counting", queues.count, COUNT_SECONDS)
        yield Duty("counting concerns", partial(_count_concerns, beatline), COUNT_SECONDS)
    yield Duty("forgetting drafts", beatline.services.drafts.purge, DRAFTS_SECONDS)
    yield Duty("looking for replies", beatline.nudges.look, NUDGES_SECONDS)
    for channel in answering:
        rate = rates(beatline.settings)[channel.name]
        answers = Answers(beatline.subscriptions, channel, rate)
        yield Duty("pacing", answers.count, ANSWERS_SECONDS)


def _telling(beatline: Beatline, channel: Channel) -> Duty:
    services = beatline.services
    pushes = Pushes(services.push_links, services.residents, beatline.catalogs, channel)
    return Duty(f"telling of replies on {channel.name}", pushes.tell, PUSH_SECONDS)


def _post_room(beatline: Beatline) -> PostRoom | None:
    """What works with mail; None for a live service that was not told where mail goes."""
    settings, secrets = beatline.settings, beatline.secrets
    teams, clock, sample = beatline.services.teams, beatline.clock, settings.is_demo
    sender = OurAddress(settings.mail_sender)
    mailer = live_mailer(settings)
    if mailer is None and sample:
        mailer = mailer_from(DEMO_MAIL, settings.data_dir, name=sender.domain)
    if mailer is None:
        return None
    desk = None
    if settings.mail_reply_url is not None:
        desk = ReplyDesk(
            beatline.concerns,
            beatline.services.concerns,
            clock,
            inbox_from(settings.mail_reply_url.get_secret_value(), settings.data_dir),
            mailer,
            sender,
            settings.mail_authserv_id,
            sample=sample,
            count=lambda outcome: metrics.replies.labels(outcome).inc(),
        )
    return PostRoom(
        Forwarder(
            beatline.concerns,
            secrets,
            clock,
            teams,
            beatline.services.places,
            mailer,
            sender,
            sample=sample,
            count=lambda outcome: metrics.concern_mails.labels(outcome).inc(),
        ),
        Reminders(beatline.concerns, clock, teams, mailer, sender, sample=sample),
        desk,
    )


def _concerns_get_out(beatline: Beatline) -> Probe:
    """What a process knows of forwarding that leaves it to another one."""

    async def probe() -> None:
        if await waits_too_long(beatline.concerns, beatline.clock):
            raise OperatorError(TOO_LONG)

    return probe


async def _count_concerns(beatline: Beatline) -> None:
    async with beatline.concerns.read() as connection:
        count, _bytes = await concerns.load(connection)
        oldest = await concerns.oldest(connection)
    metrics.concerns_waiting.set(count)
    age = 0.0 if oldest is None else (beatline.clock.now() - oldest).total_seconds()
    metrics.concerns_oldest.set(max(age, 0.0))


async def _pages(beatline: Beatline, site: Site, stop: asyncio.Event) -> None:
    await serve(
        create_app(site),
        beatline.settings.web_host,
        beatline.settings.web_port,
        stop=stop,
        started=partial(_announce, beatline.settings),
    )


async def _keep_receiving(channel: Channel, on_message: OnMessage) -> None:
    """Run a channel; one that fails must not take the others with it, and is started again."""
    while True:
        try:
            await channel.run(on_message)
        except Exception:
            log.exception("channel_failed", channel=channel.name)
        await asyncio.sleep(CHANNEL_PAUSE_SECONDS)


def _announce(settings: Settings, port: int) -> None:
    url = settings.public_url if settings.web_port else f"http://localhost:{port}"
    log.info("serving", url=f"{url}/", mode="demo" if settings.is_demo else "live", port=port)


def _telegram(beatline: Beatline) -> TelegramChannel | None:
    settings = beatline.settings
    if settings.telegram_bot_token is None:
        return None
    webhook = None
    if settings.telegram_webhook:
        if not settings.public_url.startswith("https://"):
            raise OperatorError("TELEGRAM_WEBHOOK needs WEB_PUBLIC_URL with an https:// address")
        path, secret = _hook_words(beatline.secrets, settings, "telegram")
        webhook = Webhook(f"{settings.public_url}/hooks/telegram/{path}", secret)
    return TelegramChannel(
        settings.telegram_bot_token.get_secret_value(),
        settings.telegram_api_url,
        beatline.catalogs,
        list(beatline.router.commands.values()),
        webhook=webhook,
        paid=settings.telegram_paid_broadcast,
        pictures=partial(_picture_to_send, beatline.services),
    )


def _gate(settings: Settings, database: Database, teams: Teams, clock: Clock) -> Gate:
    """What must hold before concerns are taken; a demo's web chat takes them for the sample team.

    The keys and the address of the pages are looked at by `beatline doctor --live` too: a live
    service does not start with keys among the data.
    """
    mailer, where = live_mailer(settings), ""
    if settings.mail_url is not None:
        where = _without_sign_in(settings.mail_url.get_secret_value())
    return Gate(
        {
            "areas": areas_are_ready(
                database, accepts_standins=settings.accept_standin_areas is True
            ),
            "teams": every_area_has_a_team(teams),
            "mail": mail_has_answered(mailer, database, where),
            "web address": address_is_safe(settings.web_public_url),
        },
        clock,
        free={WebChat.name} if settings.is_demo else (),
    )


def live_mailer(settings: Settings) -> Mailer | None:
    """What MAIL_URL names; None where the operator has not said. Raises OperatorError."""
    if settings.mail_url is None:
        return None
    name = OurAddress(settings.mail_sender).domain
    return mailer_from(settings.mail_url.get_secret_value(), settings.data_dir, name=name)


def _without_sign_in(url: str) -> str:
    scheme, _, rest = url.partition(":")
    return f"{scheme}:{rest.rpartition('@')[2]}"


def rates(settings: Settings) -> dict[str, float]:
    """Messages a second, at best, by channel: every channel there is."""
    return {TelegramChannel.name: settings.telegram_rate, WebChat.name: WEB_RATE}


def _jobs(beatline: Beatline, planner: Planner) -> "Jobs":
    from bot.jobs import Jobs  # needs an extra, as PostgreSQL does

    return Jobs(beatline.subscriptions.url, planner, beatline.services)


def _sender(beatline: Beatline, channel: Channel) -> Sender:
    force = beatline.services.directory.force.name
    return Sender(
        beatline.subscriptions,
        channel,
        Drawing(
            beatline.catalogs,
            force,
            demo=beatline.settings.is_demo,
            nudged=lambda: beatline.nudges.areas,
        ),
        ChatKeys(beatline.secrets.chat_keys),
        beatline.clock,
        beatline.settings.zone,
        rates(beatline.settings)[channel.name],
    )


async def _picture(services: Services, name: str) -> PictureFile | None:
    """The picture of a post or of an area's figures, None where there is none to be seen."""
    return await services.posts.picture(name) or await services.numbers.picture(name)


async def _picture_to_send(services: Services, name: str) -> PictureFile:
    """The Pictures port. Raises LookupError where there is none to be shown."""
    found = await _picture(services, name)
    if found is None:
        raise LookupError(name)
    return found


async def _recall(beatline: Beatline, address: Address) -> Answer | None:
    """What a page shows that was not open: the posts that came meanwhile, and the last answer."""
    answer = await beatline.dispatcher.recall(address)
    resident = await beatline.services.residents.find(address)
    if answer is None or not answer.replies or resident is None:
        return answer  # whoever left in a hurry is shown nothing before they speak again
    force = beatline.services.directory.force.name
    received = await beatline.services.posts.received(resident)
    posts = [bulletin.alone(post, words, force) for post, words in received]
    return replace(answer, replies=(*posts, *answer.replies))


def _site(
    beatline: Beatline,
    webchat: WebChat,
    telegram: TelegramChannel | None,
    channels: Sequence[Channel],
    probes: Mapping[str, Probe],
) -> Site:
    settings, services = beatline.settings, beatline.services
    hooks = {}
    if telegram is not None and settings.telegram_webhook:
        path, secret = _hook_words(beatline.secrets, settings, "telegram")
        hooks["telegram"] = Hook(path, secret, telegram.receive)
    health = Health(
        {
            "database": _pinging(beatline.subscriptions),
            "concerns database": _pinging(beatline.concerns),
            **{f"channel {channel.name}": _receiving(channel) for channel in channels},
            **probes,
            "helplines": _fresh(services.directory),
            "concern gate": services.gate.probe,
            "advice": services.advice.broken,
            "translation": _translating(beatline.translator),
        }
    )
    return Site(
        renderer=beatline.catalogs,
        chat=webchat,
        preview=beatline.dispatcher.welcome,
        commands=list(beatline.router.commands.values()),
        clock=beatline.clock,
        zone=settings.zone,
        public_url=settings.public_url,
        web_key=beatline.secrets.web_key,
        force_name=services.directory.force.name,
        demo=settings.is_demo,
        standins=lambda: services.places.has_standins,
        library=services.advice.library,
        picture=partial(_picture, services),
        ready=health.ready,
        metrics=metrics.exposition,
        metrics_public=settings.metrics_public,
        hooks=hooks,
        failed=_failed,
        services=services,
    )


def _pinging(database: Database) -> Probe:
    async def probe() -> None:
        await database.ping()

    return probe


def _receiving(channel: Channel) -> Probe:
    async def probe() -> None:
        if channel.problem is not None:
            raise OperatorError(channel.problem)

    return probe


def _fresh(directory: Directory) -> Probe:
    async def probe() -> str | None:
        stale = directory.stale()
        return f"not checked for 180 days: {', '.join(stale)}" if stale else None

    return probe


def _translating(translator: Translator) -> Probe:
    """A service without its engine is ready, and speaks English; so this is never a fault."""

    async def probe() -> str | None:
        try:
            async with asyncio.timeout(ENGINE_SECONDS):
                await translator.health()
        except FeedError as error:
            return f"posts go out in English: {error}"
        except TimeoutError:
            return f"posts go out in English: no answer of the engine in {ENGINE_SECONDS:g} seconds"
        return None

    return probe


def _failed(error: Exception) -> str:
    reference = chance.token_hex(3).upper()
    log.error("page_failed", reference=reference, exc_info=error)
    return reference


def _hook_words(keys: Secrets, settings: Settings, channel: str) -> tuple[str, str]:
    """The unguessable path and the secret header of a channel's webhook, the same at each start.

    A new token gives new ones, so that whoever held the old token knows neither.
    """
    token = settings.telegram_bot_token.get_secret_value() if settings.telegram_bot_token else ""
    words = (f"{purpose}:{channel}:{token}".encode() for purpose in ("hook path", "hook secret"))
    path, secret = (hmac.digest(keys.web_key, word, hashlib.sha256).hex() for word in words)
    return path[:32], secret


def _unspoken(settings: Settings, keys: Secrets) -> list[str]:
    """Words that must never stand in a log."""
    given = (settings.telegram_bot_token, settings.translate_key)
    return [*keys.words, *(each.get_secret_value() for each in given if each)]


async def _enter_mode(database: Database, concerns: Database, settings: Settings) -> None:
    """Keep a demo and a live service apart.

    The first start under the live rules erases the residents and concerns of a demo, where people
    were only trying things out; imported places stay. The first that is no demo erases the sample
    content. A database that was ever live never becomes a demo: one start without the token must
    not cost anybody what they follow.
    """
    mode = "live" if settings.is_live else "demo"
    async with database.write() as connection:
        before = await facts.read(connection, MODE)
        if before == MOVED:
            raise OperatorError(
                "this database was moved to another one: set DATABASE_URL and "
                "CONCERNS_DATABASE_URL to the new ones"
            )
        if before == "live" and mode == "demo":
            raise OperatorError(
                "this database belongs to a live service, and without a token this would be a "
                "demo: set the token, or DEMO=false, or another DATA_DIR for the demo"
            )
        demo_ends = before == "demo" and mode == "live"
        if demo_ends or (not settings.is_demo and await facts.read(connection, SAMPLES)):
            await samples.erase(connection)  # a pilot with sample content reads it anew
        await facts.write(connection, SAMPLES, "shown" if settings.is_demo else "")
        if demo_ends:
            log.info("demo_residents_erased", count=await subscribers.erase_all(connection))
            await _erase_concerns(concerns)
        await facts.write(connection, MODE, mode)


async def _erase_concerns(database: Database) -> None:
    async with database.write() as connection:
        count = await concerns.erase_all(connection)
    await concerns.leave_no_trace(database)
    log.info("demo_concerns_erased", count=count)


@contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set; a second signal then ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def receive(number: signal.Signals) -> None:
        log.info("stopping", signal=number.name)
        stop.set()
        loop.remove_signal_handler(number)

    for number in signals:
        loop.add_signal_handler(number, receive, number)
    try:
        yield stop
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
