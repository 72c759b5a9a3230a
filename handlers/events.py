"""/events: meetings in the areas a resident follows, with a reminder and a file for calendars."""

from bot import bulletin
from bot.conversation import Button, Context, Reply, Router
from bot.model import Meeting
from bot.text import _, _n, _p, written
from handlers import buttons

router = Router()

SHOWN = 5
_LONGEST = 24  # letters of a title that fit on a button


@router.command(_p("command", "events"), menu=_("See events near you"))
@router.choice("events")
async def show(ctx: Context) -> Reply:
    places = await ctx.services.places.of(ctx.resident)
    if not places:
        return Reply(_("You do not follow any area yet."), (buttons.FOLLOW, buttons.HELP))
    found = await ctx.services.meetings.to_come([place.area.id for place in places])
    if not found:
        return Reply(
            _("No events are published for your areas just now."),
            (buttons.OUTCOMES, buttons.TEAM, buttons.PLACES, buttons.HELP),
        )
    text = [_("<b>Events in your areas</b>")]
    text += [bulletin.meeting(each) for each in found[:SHOWN]]
    if len(found) > SHOWN:
        # Translators: {count} is a number of events, such as 4.
        text.append(_n("{count} more comes later.", "{count} more come later.", len(found) - SHOWN))
    text.append(_("Choose an event to be reminded, or to put it into your calendar."))
    choices = [_opening(number, each) for number, each in enumerate(found[:SHOWN], 1)]
    return Reply(text, (*choices, buttons.OUTCOMES, buttons.PLACES, buttons.HELP))


@router.choice("events.one")
async def open_one(ctx: Context) -> Reply:
    meeting = await _chosen(ctx)
    if meeting is None:
        return _over()
    text = [bulletin.meeting(meeting)]
    if meeting.about:
        text.append(written(meeting.about, meeting.language))
    return Reply(
        [*text, bulletin.source(meeting.origin)],
        (
            # Translators: A button: a message about an event will come the day before. Max 30
            Button(_p("button", "Remind me"), f"events.remind:{meeting.id}"),
            # Translators: A button that gives a file for the calendar of a phone. Max 30
            Button(_p("button", "Add to my calendar"), f"events.file:{meeting.id}"),
            buttons.back("events"),
        ),
    )


@router.choice("events.remind")
async def remind(ctx: Context) -> Reply:
    meeting = await _chosen(ctx)
    if meeting is None:
        return _over()
    due = await ctx.services.meetings.remind(ctx.resident, meeting)
    if due is None:
        text = _("That is too soon for a reminder. It begins on {time}.", time=meeting.starts)
    else:
        # Translators: {time} is a day and time, such as "Thursday 3 December, 10:00".
        text = _("I will remind you on {time}.", time=due)
    return Reply(text, (buttons.back("events"), buttons.PLACES, buttons.HELP))


@router.choice("events.file")
async def give_file(ctx: Context) -> Reply:
    meeting = await _chosen(ctx)
    if meeting is None:
        return _over()
    return Reply(
        _("Open this file to put the event into your calendar."),
        (buttons.back("events"), buttons.HELP),
        file=ctx.services.meetings.calendar(meeting),
    )


async def _chosen(ctx: Context) -> Meeting | None:
    number = ctx.choice[0] if ctx.choice else ""
    if not number.isdecimal() or len(number) > 9:
        return None
    return await ctx.services.meetings.find(int(number))


def _over() -> Reply:
    return Reply(
        _("That event is over, or was called off."), (buttons.EVENTS, buttons.PLACES, buttons.HELP)
    )


def _opening(number: int, meeting: Meeting) -> Button:
    title = meeting.title
    if len(title) > _LONGEST:
        title = f"{title[: _LONGEST - 1].rstrip()}…"
    # Translators: A button that opens an event, {title}, the {number}th of the list.
    label = _p("button", "{number}. {title}", number=number, title=title)
    return Button(label, f"events.one:{meeting.id}")
