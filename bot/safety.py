"""The safety phrases: the only source of ``safety.pot``, each reviewed by a second speaker."""

from bot.text import Text


def _(message: str, **values: str) -> Text:
    """Mark a safety phrase for translation."""
    return Text(message, values, domain="safety")


# Translators: Shown on every entry screen. Keep 999. Use the imperative.
EMERGENCY = _("If you or someone else is in danger now, or a crime is happening now, call 999.")
# Translators: Shown on entry screens.
NOT_WATCHED = _("Nobody watches this chat all the time. Do not use it in an emergency.")
# Translators: Mobile phones only. Keep 999 and 55.
SILENT = _(
    "If you cannot speak: call 999 on a mobile, listen, then cough or tap. If asked, press 55."
)
# Translators: Keep 18000, 999, emergencySMS and BSL (British Sign Language).
DEAF = _(
    "Deaf, hard of hearing or cannot speak: textphone 18000, text 999 if you have registered "
    "with emergencySMS, or use 999 BSL."
)
# Translators: Keep 18001 101.
NON_EMERGENCY_TEXT = _("Text relay, not an emergency: 18001 101.")
# Translators: Keep the name Crimestoppers and the number.
ANONYMOUS = _(
    "To tell an independent charity without giving your name: Crimestoppers, 0800 555 111."
)
# Translators: Shown before somebody writes to their police team.
NOT_A_REPORT = _(
    "Sending a concern here is not reporting a crime. You will not get a crime number."
)
# Translators: Shown before somebody writes to their police team.
PRIVACY = _(
    "You do not have to give your name. Do not put anything here that shows who you are unless "
    "you want to."
)
# Translators: Shown before somebody writes to their police team. "They" is the team.
OWN_LANGUAGE = _(
    "You can write in your own language. A computer may translate it for the team. They will also "
    "see what you wrote."
)
# Translators: Stands with words that no person translated. Max 60
MACHINE_LABEL = _("Translated by a computer. It may be wrong.")
# Translators: A button that shows the words as they were written. Max 30
SHOW_ORIGINAL = _("Show original")
# Translators: Stands with a translation that is older than its English.
CHANGED = _("The English version has changed since this was translated.")
# Translators: Keep /stop.
STOP = _("To stop all messages, send /stop.")


def report(url: str) -> Text:
    """How to report what is not an emergency, with the force's own address for it."""
    # Translators: {url} is the address of the force's online report form.
    return _("If it is not an emergency, call 101 or report online: {url}", url=url)


def interpreter(language_in_english: str) -> Text:
    """How to reach an interpreter on 999."""
    # Translators: The words in quotes stay in English, as they must be said; you may add how
    # to say them. {language_in_english} is for example Polish.
    return _(
        'If you speak little English: call 999, say "police", then say "Help" and your language '
        'in English, for example "Help, {language_in_english}". Stay on the line.',
        language_in_english=language_in_english,
    )


def cannot_read(language: str) -> Text:
    """That the team may need a computer for a language."""
    # Translators: {language} is a language by its own name, such as Polski.
    return _(
        "Our team may not be able to read {language} without a computer translation.",
        language=language,
    )
