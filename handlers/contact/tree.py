"""The questions of /contact and the ends they lead to; docs/contact.md shows them as a table.

Labels and first lines are seen by whoever glances at the phone: none may name what is private.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.text import Text, _, _p


class Kind(StrEnum):
    """Where an end sends people: to exactly one of these."""

    EMERGENCY = "999"
    NON_EMERGENCY = "101"
    FORM = "online form"
    COUNCIL = "council"
    CRIMESTOPPERS = "Crimestoppers"
    REPORT_FRAUD = "Report Fraud"
    HELPLINE = "helpline"
    TEAM = "local team"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question, and the name of the step it leads to."""

    label: Text
    to: str


@dataclass(frozen=True, slots=True)
class Question:
    """One step: ``hints`` explain the labels, ``skip`` is where those go who do not answer."""

    text: Text
    choices: tuple[Choice, ...]
    skip: str
    hints: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """One place to turn to.

    ``lines`` and ``pages`` name facts of ``data/helplines.toml``, and so does ``form``: the way
    to tell the police online. ``portal`` tells how to follow one's case. ``watched`` is for those
    whose phone or words may be watched: how to hide the chat and how to call without a word.
    """

    kind: Kind
    advice: tuple[Text, ...] = ()
    lines: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    form: str | None = None
    portal: bool = False
    watched: bool = False


FIRST = "start"

# Translators: A button that answers a question with yes. Max 30
_YES = _p("button", "Yes")
# Translators: A button that answers a question with no. Max 30
_NO = _p("button", "No")
_USED = _("<b>Someone being used</b>: they are made to work, or cannot leave or keep their pay.")

QUESTIONS: Mapping[str, Question] = {
    FIRST: Question(
        _("Is anyone in danger, or is a crime happening now?"),
        (
            # Translators: A button that answers "Is anyone in danger now?". Max 30
            Choice(_p("button", "Yes, now"), "now"),
            Choice(_NO, "topics"),
        ),
        skip="topics",
    ),
    "topics": Question(
        _("What is it about?"),
        (
            # Translators: A button: a crime that happened and has ended. Max 30
            Choice(_p("button", "A crime that is over"), "crime"),
            # Translators: A button: noise, rubbish, parking, drugs and the like. Max 30
            Choice(_p("button", "A problem in my area"), "area"),
            # Translators: A button: fraud, false messages, hacked accounts. Max 30
            Choice(_p("button", "Money or online"), "money"),
            # Translators: A button: someone else may need help. Max 30
            Choice(_p("button", "Someone I worry about"), "person"),
            # Translators: A button: help for oneself, named so that nobody is given away. Max 30
            Choice(_p("button", "Support for me"), "support"),
            # Translators: A button: collisions, bad driving, trains, traffic. Max 30
            Choice(_p("button", "Roads and trains"), "travel"),
            # Translators: A button: something a person knows and wants to pass on. Max 30
            Choice(_p("button", "Something I know"), "know"),
            # Translators: A button: news of a report, complaint, lost things, advice. Max 30
            Choice(_p("button", "Anything else"), "other"),
        ),
        skip="general",
    ),
    "crime": Question(
        _("What happened?"),
        (
            # Translators: A button: someone broke into a home or a building. Max 30
            Choice(_p("button", "Burglary"), "burglary"),
            # Translators: A button: something was stolen. Max 30
            Choice(_p("button", "Theft"), "theft"),
            # Translators: A button: a car, van or bike was stolen, broken into or damaged. Max 30
            Choice(_p("button", "Car, van or bike"), "vehicle"),
            # Translators: A button: something was broken or painted on purpose. Max 30
            Choice(_p("button", "Damage"), "damage"),
            # Translators: A button: an attack, a fight or a threat. Max 30
            Choice(_p("button", "Someone was hurt"), "hurt"),
            # Translators: A button: hate crime, named so that nobody is given away. Max 30
            Choice(_p("button", "Targeted for who I am"), "targeted"),
            # Translators: A button: crime against a shop or a business. Max 30
            Choice(_p("button", "Shop or business"), "shop"),
            # Translators: A button: crime on farms, on land or against wildlife. Max 30
            Choice(_p("button", "Farm or countryside"), "rural"),
        ),
        skip="report",
    ),
    "area": Question(
        _("What is the problem?"),
        (
            # Translators: A button: loud music, parties, alarms, barking. Max 30
            Choice(_p("button", "Noise"), "noise"),
            # Translators: A button: people who are loud, rude or frightening. Max 30
            Choice(_p("button", "Bad behaviour"), "behaviour"),
            # Translators: A button: drugs are sold or used nearby. Max 30
            Choice(_p("button", "Drugs"), "drugs"),
            # Translators: A button: rubbish dumped where it should not be. Max 30
            Choice(_p("button", "Dumped rubbish"), "rubbish"),
            # Translators: A button: a car that somebody has left for good. Max 30
            Choice(_p("button", "Abandoned vehicle"), "abandoned"),
            # Translators: A button: cars parked badly. Max 30
            Choice(_p("button", "Parking"), "parking"),
            # Translators: A button: street lights that do not work, holes in the road. Max 30
            Choice(_p("button", "Street lights or potholes"), "street"),
        ),
        skip="behaviour",
    ),
    "noise": Question(
        _("Does anyone feel threatened or targeted by it?"),
        (Choice(_YES, "behaviour"), Choice(_NO, "nuisance")),
        skip="nuisance",
    ),
    "parking": Question(
        _("Does it block the road, or could someone get hurt?"),
        (Choice(_YES, "blocked"), Choice(_NO, "parked")),
        skip="parked",
    ),
    "money": Question(
        _("What happened?"),
        (
            # Translators: A button: money or bank details went to someone dishonest. Max 30
            Choice(_p("button", "Money or details lost"), "lost_money"),
            # Translators: A button: an account, a phone or a computer was broken into. Max 30
            Choice(_p("button", "Account or device hacked"), "hacked"),
            # Translators: A button: an e-mail, text or call that may be false. Max 30
            Choice(_p("button", "A strange message or call"), "message"),
        ),
        skip="lost_money",
    ),
    "person": Question(
        _("Who is it about?"),
        (
            # Translators: A button: worry about a child. Max 30
            Choice(_p("button", "A child"), "child"),
            # Translators: A button: a missing person. Max 30
            Choice(_p("button", "Someone I cannot find"), "missing"),
            # Translators: A button: worry about someone's health or how they live. Max 30
            Choice(_p("button", "Someone who is not well"), "welfare"),
            # Translators: A button: someone is hurt or controlled by a person close to them. Max 30
            Choice(_p("button", "A friend or relative"), "home"),
            # Translators: A button: someone may be made to work. Max 30
            Choice(_p("button", "Someone being used"), "used"),
        ),
        skip="general",
        hints=(
            _("<b>A friend or relative</b>: someone close to them frightens or controls them."),
            _USED,
        ),
    ),
    "welfare": Question(
        _("What do they need most?"),
        (
            # Translators: A button: help with how someone thinks or feels. Max 30
            Choice(_p("button", "Help with their mood"), "mood"),
            # Translators: A button: help for someone who is ill. Max 30
            Choice(_p("button", "Medical help"), "ill"),
            # Translators: A button: help for an older or disabled person who cannot cope. Max 30
            Choice(_p("button", "Care at home"), "care"),
        ),
        skip="ill",
    ),
    "support": Question(
        _("Which fits best?"),
        (
            # Translators: A button: domestic abuse, named so that nobody is given away. Max 30
            Choice(_p("button", "Support at home"), "home"),
            # Translators: A button: stalking, named so that nobody is given away. Max 30
            Choice(_p("button", "Unwanted contact"), "contact"),
            # Translators: A button: rape and sexual abuse, named to give nobody away. Max 30
            Choice(_p("button", "Personal support"), "personal"),
            # Translators: A button: low mood or thoughts of self-harm. Max 30
            Choice(_p("button", "How I feel"), "feel"),
            # Translators: A button: help for children and young people. Max 30
            Choice(_p("button", "I am under 18"), "young"),
            # Translators: A button: help after a crime. Max 30
            Choice(_p("button", "Support for victims"), "victims"),
        ),
        skip="victims",
        hints=(
            _("<b>Support at home</b>: someone close to you frightens, hurts or controls you."),
            _("<b>Unwanted contact</b>: someone follows you, or keeps getting in touch."),
            _("<b>Personal support</b>: someone touched you, or made you do things, unwanted."),
        ),
    ),
    "travel": Question(
        _("What is it about?"),
        (
            # Translators: A button: a road accident. Max 30
            Choice(_p("button", "A collision"), "collision"),
            # Translators: A button: someone drives dangerously. Max 30
            Choice(_p("button", "Bad driving"), "driving"),
            # Translators: A button: something on a train or at a station. Max 30
            Choice(_p("button", "Train or station"), "railway"),
            # Translators: A button: closed roads and queues. Max 30
            Choice(_p("button", "Traffic news"), "traffic"),
        ),
        skip="general",
    ),
    "collision": Question(
        _("Was someone hurt, or did a driver leave without giving a name?"),
        (Choice(_YES, "injury"), Choice(_NO, "exchange")),
        skip="injury",
    ),
    "know": Question(
        _("What do you know about?"),
        (
            # Translators: A button: a crime, or who did it. Max 30
            Choice(_p("button", "A crime or who did it"), "crimestoppers"),
            # Translators: A button: terrorism, named so that nobody is given away. Max 30
            Choice(_p("button", "A threat to many people"), "threat"),
            # Translators: A button: guns, knives and other weapons. Max 30
            Choice(_p("button", "A weapon"), "weapon"),
            # Translators: A button: someone may be made to work. Max 30
            Choice(_p("button", "Someone being used"), "used"),
            # Translators: A button: news for the neighbourhood police. Max 30
            Choice(_p("button", "Something for my team"), "team"),
        ),
        skip="crimestoppers",
        hints=(_USED,),
    ),
    "other": Question(
        _("What do you need?"),
        (
            # Translators: A button: what has become of a report already made. Max 30
            Choice(_p("button", "News of my report"), "update"),
            # Translators: A button: to reach the neighbourhood police. Max 30
            Choice(_p("button", "My neighbourhood team"), "team"),
            # Translators: A button: things lost or found. Max 30
            Choice(_p("button", "Lost or found things"), "lost"),
            # Translators: A button: to complain about the police, or thank them. Max 30
            Choice(_p("button", "Complaint or thanks"), "feedback"),
            # Translators: A button: how to keep safe from crime. Max 30
            Choice(_p("button", "Advice to stay safe"), "advice"),
        ),
        skip="general",
    ),
}

ENDS: Mapping[str, End] = {
    "now": End(Kind.EMERGENCY),
    "general": End(
        Kind.NON_EMERGENCY,
        (_("Say it in your own words. The person who answers will find out who can help."),),
    ),
    "report": End(Kind.FORM, form="crime", portal=True),
    "burglary": End(
        Kind.FORM,
        (
            _("Try not to touch or tidy anything before you have reported it."),
            _("Make a list of what is gone. Photos and serial numbers help."),
        ),
        form="crime",
    ),
    "theft": End(
        Kind.FORM,
        (
            _("If cards are gone, call your bank. If a phone is gone, call the phone company."),
            _("If someone used force or threats, call the police instead of using the form."),
        ),
        form="crime",
    ),
    "vehicle": End(
        Kind.FORM,
        (_("Have the number plate or the frame number ready, and tell your insurer."),),
        form="crime",
    ),
    "damage": End(Kind.FORM, (_("Take photos before you clean or mend anything."),), form="crime"),
    "hurt": End(
        Kind.NON_EMERGENCY,
        (
            _("If someone needs medical help, get that first."),
            _("Keep clothes and messages that may show what happened."),
        ),
    ),
    "targeted": End(
        Kind.FORM,
        (
            _(
                "It is a hate crime if you feel it was done because of your race, religion, "
                "disability, sexuality or gender identity."
            ),
            _("You can get support as well, also if you do not want to talk to the police."),
        ),
        lines=("victims",),
        form="hate_crime",
    ),
    "shop": End(
        Kind.FORM,
        (
            _(
                "Keep the camera pictures and the receipts. If staff were hurt, call instead of "
                "using the form."
            ),
        ),
        form="crime",
    ),
    "rural": End(
        Kind.FORM,
        (_("Say exactly where it was, such as a grid reference or a gate."),),
        form="crime",
    ),
    "behaviour": End(
        Kind.FORM,
        (_("Write down what happens, when and where. Several reports show the pattern."),),
        form="antisocial",
    ),
    "nuisance": End(
        Kind.COUNCIL, (_("Councils have powers over noise. A diary of dates and times helps."),)
    ),
    "drugs": End(
        Kind.CRIMESTOPPERS,
        (_("Where, when, who and which cars: every small thing helps."),),
        lines=("crimestoppers",),
    ),
    "rubbish": End(
        Kind.COUNCIL,
        (_("Do not touch it: it may hurt you. Note the place and any number plate."),),
    ),
    "abandoned": End(
        Kind.COUNCIL,
        (_("Note the make, the colour, the number plate and how long it has been there."),),
    ),
    "blocked": End(
        Kind.NON_EMERGENCY, (_("Say where it is, and give the number plate if you can see it."),)
    ),
    "parked": End(Kind.COUNCIL, (_("Note the place, the time and the number plate."),)),
    "street": End(
        Kind.COUNCIL, (_("If the lamp post has a number, give it. It finds the place at once."),)
    ),
    "lost_money": End(
        Kind.REPORT_FRAUD,
        (
            _("Keep messages, names and account numbers."),
            _("Send no more money, even if someone promises to get the rest back."),
        ),
        lines=("report_fraud",),
    ),
    "hacked": End(
        Kind.REPORT_FRAUD,
        (_("Change your passwords from another device. Start with the one for your e-mail."),),
        lines=("report_fraud",),
    ),
    "message": End(
        Kind.ADVICE,
        (
            _("Do not press links, and do not call back."),
            _("If it may be real, contact the company in a way you already know."),
            _("Then report it, so that others are not caught by it."),
        ),
        pages=("suspicious_messages",),
    ),
    "child": End(
        Kind.HELPLINE,
        (
            _("You do not have to be sure. They listen and tell you what can be done."),
            _("The first number is for adults who worry. The second is for the child."),
        ),
        lines=("nspcc", "childline"),
    ),
    "missing": End(
        Kind.NON_EMERGENCY,
        (
            _("You do not have to wait. If they may come to harm now, it is an emergency."),
            _("A photo, what they wore and where they like to go all help."),
        ),
        lines=("missing_people",),
    ),
    "mood": End(
        Kind.HELPLINE,
        (
            _("When NHS 111 answers, choose the mental health option."),
            _("You can call for yourself or for someone else."),
            _("The police are not the right help for this, unless someone is in danger."),
        ),
        lines=("nhs_111", "samaritans", "shout"),
    ),
    "ill": End(
        Kind.HELPLINE,
        (_("NHS 111 can say what to do next, and send help if it is needed."),),
        lines=("nhs_111",),
    ),
    "care": End(
        Kind.COUNCIL,
        (_("Ask for adult social care. Say what you have seen and why you worry."),),
    ),
    "used": End(
        Kind.HELPLINE,
        (
            _("Someone may be made to work, kept somewhere, or have their papers taken away."),
            _("You do not have to give your name."),
        ),
        lines=("modern_slavery",),
    ),
    "home": End(
        Kind.HELPLINE,
        (
            _("You can call for yourself or for someone else. They listen and help you plan."),
            _("Men can also call the second number."),
        ),
        lines=("domestic_abuse", "mens_advice"),
        form="domestic_abuse",
        watched=True,
    ),
    "contact": End(
        Kind.HELPLINE,
        (_("Do not answer that person. Keep every message, and write down each time it happens."),),
        lines=("stalking",),
        form="crime",
        watched=True,
    ),
    "personal": End(
        Kind.HELPLINE,
        (
            _("It was not your fault. You decide what happens next, and when."),
            _("You can get help without telling the police."),
        ),
        lines=("sexual_abuse", "victims"),
        form="sexual_offence",
        watched=True,
    ),
    "feel": End(
        Kind.HELPLINE,
        (_("You do not have to be alone with this. They listen, and do not judge."),),
        lines=("samaritans", "shout", "nhs_111"),
    ),
    "young": End(
        Kind.HELPLINE,
        (_("You can talk about anything at all."),),
        lines=("childline",),
    ),
    "victims": End(
        Kind.ADVICE,
        (
            _("Help is free, also if you never told the police."),
            _("The Victims' Code says what you can expect: to be heard, told and supported."),
        ),
        lines=("victims",),
        pages=("victims_code",),
        portal=True,
    ),
    "injury": End(
        Kind.FORM,
        (
            _("The law says to report it as soon as you can, and within 24 hours."),
            _("Tell your insurer as well."),
        ),
        form="collision",
    ),
    "exchange": End(
        Kind.ADVICE,
        (
            _("If nobody was hurt and everyone gave their details, the police may need no report."),
            _("Take photos, write down names and number plates, and tell your insurer."),
        ),
    ),
    "driving": End(
        Kind.FORM,
        (_("Keep a dash-cam film if you have one. Say where and when, and the number plate."),),
        form="driving",
    ),
    "railway": End(
        Kind.HELPLINE,
        (_("Say where you are, or which train, and what you see."),),
        lines=("transport_police",),
    ),
    "traffic": End(
        Kind.ADVICE,
        (_("This page shows motorways and main roads. For other roads, ask your council."),),
        pages=("traffic",),
    ),
    "crimestoppers": End(
        Kind.CRIMESTOPPERS,
        (_("It is a charity, not the police. You are never asked who you are."),),
        lines=("crimestoppers",),
    ),
    "threat": End(
        Kind.HELPLINE,
        (_("Trust your feeling. It does not matter if it turns out to be nothing."),),
        lines=("anti_terrorist",),
    ),
    "weapon": End(
        Kind.NON_EMERGENCY,
        (_("Do not touch or move a weapon. Ask how to hand it in, or say what you know."),),
    ),
    "team": End(Kind.TEAM, pages=("neighbourhood",)),
    "update": End(
        Kind.ADVICE,
        (_("Have the crime number or the name of the officer ready, if you have them."),),
        portal=True,
    ),
    "lost": End(
        Kind.ADVICE,
        (
            _("The police do not deal with most lost things. Ask where you may have left it."),
            _("For cards ask the bank, for a phone the phone company."),
            _("If it may be dangerous, such as a weapon, do not touch it. Call the police."),
        ),
    ),
    "feedback": End(
        Kind.FORM, (_("You can also tell the officer's supervisor."),), form="feedback"
    ),
    "advice": End(Kind.ADVICE, pages=("prevention",)),
}


def before(name: str) -> str:
    """The question that a step belongs to: the first that leads there."""
    for asked, question in QUESTIONS.items():
        if name in {question.skip, *(choice.to for choice in question.choices)}:
            return asked
    return FIRST
