"""The library of advice: what may be shown, in which words, and what is left out and why."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import safety
from bot.model import Topic
from bot.services.article_files import Grade
from bot.services.articles import Article, Library, Season, problems_of_draft
from bot.services.directory import Directory
from tests.conftest import FakeClock
from tests.library import ENGLISH, POLISH, write_english, write_polish


@pytest.fixture
def directory(clock: FakeClock) -> Directory:
    return Directory("thames-valley", clock)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of locales with one article in two languages."""
    write_english(tmp_path)
    write_polish(tmp_path)
    return tmp_path


def only(library: Library) -> Article:
    [article] = library.articles.values()
    return article


def test_an_article_is_what_its_front_matter_says(folder: Path, directory: Directory) -> None:
    library = Library(directory, folder)
    article = only(library)
    assert library.problems == ()
    assert article.topics == Topic.CRIME_PREVENTION
    assert article.crimes == {"bicycle-theft"}
    assert article.rest == timedelta(days=180)
    assert article.sources == ("https://example.org/bikes",)
    assert article.safety == [
        safety.EMERGENCY,
        safety.report("https://www.thamesvalley.police.uk/ro/report/"),
    ]


def test_the_short_form_is_plain_words_with_every_fact_in_its_place(
    folder: Path, directory: Directory
) -> None:
    assert only(Library(directory, folder)).in_language("en_GB").short == (
        "A thief wants a bike that is quick to take.\n\n"
        "• Use two locks.\n"
        "• Call Crimestoppers on 0800 555 111.\n\n"
        "See the register (https://www.immobilise.com/)."
    )


def test_the_page_has_the_long_form_and_no_markup_but_ours(
    folder: Path, directory: Directory
) -> None:
    write_english(folder, ENGLISH + "\nNever <script>alert()</script> [x](javascript:y).\n")
    page = only(Library(directory, folder)).in_language("en_GB").html
    assert "<h2>At home</h2>" in page
    assert '<a href="https://www.immobilise.com/">the register</a>' in page
    assert "<!--" not in page
    assert "<script" not in page
    assert 'href="javascript' not in page


def test_each_reader_gets_their_own_language_and_else_english(
    folder: Path, directory: Directory
) -> None:
    article = only(Library(directory, folder))
    assert article.in_language("pl").title == "Chroń swój rower"
    assert article.in_language("pl").status == "machine"
    assert article.in_language("ur").language == "en_GB"


def test_a_translation_that_fell_behind_is_shown_and_says_so(
    folder: Path, directory: Directory
) -> None:
    write_english(folder, ENGLISH.replace("Use two locks.", "Use two good locks."))
    library = Library(directory, folder)
    assert only(library).in_language("pl").changed
    assert [problem.grade for problem in library.problems] == [Grade.NOTE]


def test_a_translation_that_fell_behind_an_urgent_article_gives_way_to_english(
    folder: Path, directory: Directory
) -> None:
    urgent = ENGLISH.replace("status: draft", "status: draft\nurgent: true")
    write_english(folder, urgent.replace("Use two locks.", "Use two good locks."))
    assert only(Library(directory, folder)).in_language("pl").language == "en_GB"


def test_the_dates_and_names_above_an_article_do_not_make_its_translation_old(
    folder: Path, directory: Directory
) -> None:
    write_english(folder, ENGLISH.replace("2027-11-01", "2029-11-01") + "\n\n")
    assert not only(Library(directory, folder)).in_language("pl").changed


@pytest.mark.parametrize(
    ("was", "is_now", "told"),
    [
        ("---\nid", "id", "needs front matter first"),
        ("title: Keep", "title: [", "is not YAML"),
        ("title: Keep your bike safe\n", "", "correct “title”"),
        ("review_by: 2027-11-01", "review_by: soon", "correct “review_by”"),
        ("status: draft", "colour: red", "correct “colour”"),
        ("https://example.org/bikes", "a friend", "correct “sources"),
        ("crime-prevention", "crime-fighting", "no such topic"),
        ("bicycle-theft]", "bike-theft]", "no such crime"),
        ("[emergency, report]", "[emergency, reprot]", "no such safety phrase"),
        ("10-15 to 01-31", "02-30 to 03-01", "no such day"),
        ("{crimestoppers}", "{crimestopers}", "no such fact"),
        ("{page.property_register}", "{page.nowhere}", "no such fact"),
        ("{crimestoppers}", "{crimestoppers", "braces are for facts"),
        ("## At home", "![a bike](bike.png)", "take out: image"),
        ("## At home", "# At home", "take out: h1"),
        ("- Use two locks.", "- " + "Use two locks. " * 50, "the short form has"),
    ],
)
def test_a_broken_article_is_left_out_and_told_and_the_others_stay(
    folder: Path, directory: Directory, was: str, is_now: str, told: str
) -> None:
    assert was in ENGLISH
    write_english(folder, ENGLISH.replace(was, is_now, 1), id="bad")
    library = Library(directory, folder)
    assert list(library.articles) == ["bike-theft"]
    assert any(told in problem.mend for problem in library.broken), library.broken
    assert all("en_GB/advice/bad.md" in str(problem) for problem in library.broken)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"---\n", b"---\n- a\n---\nx\n"])
def test_no_file_raises_an_exception(folder: Path, directory: Directory, content: bytes) -> None:
    (folder / "en_GB" / "advice" / "bad.md").write_bytes(content)
    (folder / "pl" / "advice" / "bad.md").write_bytes(content)
    library = Library(directory, folder)
    assert list(library.articles) == ["bike-theft"]
    assert len(library.broken) == 2


def test_a_file_whose_name_is_not_its_id_is_left_out(folder: Path, directory: Directory) -> None:
    path = write_english(folder, id="other")
    path.rename(path.with_name("another.md"))
    [problem] = Library(directory, folder).broken
    assert problem.mend == "its id is other; give the file and the id one name"


@pytest.mark.parametrize(
    ("was", "is_now", "told"),
    [
        ("Użyj dwóch zapięć.", "", "list items"),
        ("## W domu", "W domu", "headings"),
        ("[rejestr]({page.property_register})", "rejestr", "links"),
        ("{crimestoppers}", "{samaritans}", "facts in {braces}"),
        ("Użyj dwóch", "Użyj 2", "numbers"),
        ("status: machine", "safety: [emergency]", "differs from the English"),
    ],
)
def test_a_translation_that_does_not_match_is_left_out_and_english_stays(
    folder: Path, directory: Directory, was: str, is_now: str, told: str
) -> None:
    assert was in POLISH
    text = POLISH.replace(f"- {was}\n", "") if not is_now else POLISH.replace(was, is_now)
    write_polish(folder, text)
    library = Library(directory, folder)
    assert any(told in problem.mend for problem in library.broken), library.broken
    assert only(library).in_language("pl").language == "en_GB"


def test_a_translation_may_stop_at_the_short_form(folder: Path, directory: Directory) -> None:
    write_polish(folder, POLISH.partition("<!-- more -->")[0])
    library = Library(directory, folder)
    assert library.problems == ()
    assert only(library).in_language("pl").language == "pl"


def test_words_that_changed_without_their_hash_are_not_shown(
    folder: Path, directory: Directory
) -> None:
    path = folder / "pl" / "advice" / "bike-theft.md"
    path.write_text(path.read_text().replace("dwóch", "trzech"))
    library = Library(directory, folder)
    [problem] = library.broken
    assert "the words have changed since" in problem.mend
    assert only(library).in_language("pl").language == "en_GB"


def test_a_translation_without_english_is_told(folder: Path, directory: Directory) -> None:
    (folder / "en_GB" / "advice" / "bike-theft.md").unlink()
    library = Library(directory, folder)
    assert library.articles == {}
    assert "no usable English" in library.broken[0].mend


SENSITIVE = ENGLISH.replace("crime-prevention", "domestic-abuse")


def test_a_sensitive_article_says_nothing_where_others_may_see_it(
    folder: Path, directory: Directory
) -> None:
    write_english(folder, SENSITIVE)
    assert only(Library(directory, folder)).sensitive
    for was, telling in (
        ("Keep your bike safe", "Leave an abuser"),
        ("Two locks and a stand.", "Help after violence."),
        ("A thief wants a bike", "Your partner wants a bike"),
    ):
        write_english(folder, SENSITIVE.replace(was, telling))
        library = Library(directory, folder)
        assert library.articles == {}
        assert "others may see the title" in library.broken[0].mend
    write_english(folder, SENSITIVE.replace("Use two locks.", "Leave an abuser."))
    assert Library(directory, folder).articles


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ("Call 0800 555 111.", "name the fact instead"),
        ("In an emergency call 999.", "name the fact instead"),
        ("See www.example.org now.", "name the fact instead"),
        ("Go to {form.crime} now.", "write [words for the link]({form.crime})"),
        ("a " * 25 + "a.", "this sentence has 26 words"),
        ("Municipal antisocial behaviour regulations necessitate notification. " * 9, "reading"),
    ],
)
def test_a_fault_of_style_is_told_to_the_editor_and_the_article_is_shown(
    folder: Path, directory: Directory, added: str, told: str
) -> None:
    write_english(folder, f"{ENGLISH}\n{added}\n", id="other")
    library = Library(directory, folder)
    assert "other" in library.articles
    [problem, *_] = library.problems
    assert told in problem.mend
    assert problem.grade is Grade.FAULT


def test_nothing_is_called_reviewed_without_a_name_and_a_day(
    folder: Path, directory: Directory
) -> None:
    reviewed = ENGLISH.replace("status: draft", "status: reviewed")
    write_english(folder, reviewed, id="other")
    [problem] = Library(directory, folder).problems
    assert "name the reviewer" in problem.mend
    named = "status: reviewed\nreviewer: A. Example\nreviewed: 2026-10-01"
    write_english(folder, reviewed.replace("status: reviewed", named), id="other")
    assert Library(directory, folder).problems == ()


def test_a_problem_names_the_line_of_the_words(folder: Path, directory: Directory) -> None:
    write_english(folder, f"{ENGLISH}\nCall 0800 555 111.\n", id="other")
    [problem] = Library(directory, folder).problems
    assert str(problem).partition(": ")[0].endswith("en_GB/advice/other.md:27")
    assert "“0800 555 111”" in str(problem)


def test_articles_past_their_day_are_told_and_still_shown(
    folder: Path, directory: Directory
) -> None:
    library = Library(directory, folder)
    assert library.overdue(date(2027, 11, 1)) == []
    assert library.overdue(date(2027, 11, 2)) == [only(library)]


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        (date(2026, 10, 14), False),
        (date(2026, 10, 15), True),
        (date(2027, 1, 31), True),
        (date(2027, 2, 1), False),
    ],
)
def test_a_season_may_run_over_the_new_year(
    folder: Path, directory: Directory, day: date, wanted: bool
) -> None:
    season = only(Library(directory, folder)).season
    assert season is not None
    assert (day in season) is wanted


def test_a_season_within_a_year_holds_both_its_ends() -> None:
    season = Season((5, 15), (9, 15))
    assert date(2026, 5, 15) in season
    assert date(2026, 9, 15) in season
    assert date(2026, 9, 16) not in season


def test_a_draft_outside_the_folder_is_checked_as_an_english_article(
    tmp_path: Path, directory: Directory
) -> None:
    path = tmp_path / "bike-theft.md"
    path.write_text(ENGLISH)
    assert problems_of_draft(path, directory) == []
    path.write_text(ENGLISH.replace("{crimestoppers}", "{nobody}"))
    assert "no such fact" in problems_of_draft(path, directory)[0].mend
    path.write_text("Use two locks.")
    assert "front matter" in problems_of_draft(path, directory)[0].mend
