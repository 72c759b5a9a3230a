"""XML from outside is decoded as feeds need it, and refused where it could do harm."""

import pytest

from bot.errors import FeedError, Refused
from bot.reading import markup

PRICE = "<rss><title>It’s £5 – Überall</title></rss>"
DECLARED = "<?xml version='1.0' encoding='{}'?>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (PRICE.encode(), ""),
        (PRICE.encode("cp1252"), ""),
        (PRICE.encode("cp1252"), "text/xml; charset=windows-1252"),
        (PRICE.encode("cp1252"), "text/xml; charset=iso-8859-1"),
        (PRICE.encode("cp1252"), 'application/xml; CHARSET="utf-8"'),
        (PRICE.encode(), "text/xml"),
        (PRICE.encode(), "text/xml; charset=no-such-thing"),
        (PRICE.encode("utf-8-sig"), "text/xml"),
        (PRICE.encode("utf-16"), ""),
        (PRICE.encode("utf-32"), ""),
        ((DECLARED.format("utf-16") + PRICE).encode("utf-16-le"), ""),
        ((DECLARED.format("utf-16") + PRICE).encode("utf-16-be"), ""),
        ((DECLARED.format("windows-1252") + PRICE).encode("cp1252"), ""),
        ((DECLARED.format("utf-8") + PRICE).encode("cp1252"), ""),
        ((DECLARED.format("utf-8") + PRICE).encode(), "application/xml; charset=utf-8"),
        (PRICE.replace("–", "@").encode().replace(b"@", b"\x96"), "text/xml; charset=utf-8"),
    ],
)
def test_words_are_read_whatever_the_source_says_of_their_encoding(
    body: bytes, content_type: str
) -> None:
    assert PRICE in markup.read(body, content_type).body.decode()


def test_the_servers_word_goes_before_the_declaration() -> None:
    body = (DECLARED.format("utf-8") + "<rss>é</rss>").encode("iso-8859-2")
    assert "<rss>é</rss>" in markup.read(body, "text/xml; charset=iso-8859-2").body.decode()


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("<rss/>", "rss"),
        ("\n\t <rdf:RDF xmlns:rdf='x'/>", "rdf"),
        ("<?xml version='1.0'?><!-- <html> --><?style x?><feed/>", "feed"),
        ('<!DOCTYPE rss PUBLIC "-//N//DTD" "http://example.com/a.dtd"><rss/>', "rss"),
        ("<!DOCTYPE rss [<!ENTITY a 'b'>] ><rss/>", "rss"),
        ("<!doctype html><HTML lang='en'>", "html"),
    ],
)
def test_the_first_element_tells_what_it_is(text: str, root: str) -> None:
    assert markup.read(text.encode()).root == root


@pytest.mark.parametrize("text", ["", "Not found", "{}", "<", "<!-- " * 9, "<!---->" * 9_999])
def test_what_has_no_element_is_no_xml(text: str) -> None:
    with pytest.raises(FeedError, match="not XML"):
        markup.read(text.encode())


def doctype(declarations: str, use: str = "&a;") -> str:
    return f"<!DOCTYPE rss [{declarations}]><rss><title>{use}</title></rss>"


LAUGHS = "<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize(
    "text",
    [
        doctype("<!ENTITY a SYSTEM 'file:///etc/passwd'>"),
        doctype("<!ENTITY a PUBLIC 'x' 'https://example.com/'>"),
        doctype("<!ENTITY % a SYSTEM 'https://example.com/'> %a;", ""),
        doctype("<!ENTITY % a '<!ENTITY b \"c\">'> %a;", "&b;"),
        doctype(LAUGHS, "&j;"),
        doctype(f"<!ENTITY a '{'x' * 1025}'>", ""),
        doctype(f"<!ENTITY a '{'x' * 1024}'>", "&a;" * 200),
        doctype(f"<!ENTITY a '{'x' * 1024}'>", "&a;" * 200) + "<broken",
    ],
)
def test_entities_that_could_do_harm_are_refused(text: str, encoding: str) -> None:
    with pytest.raises(Refused):
        markup.read(text.encode(encoding))


def test_harmless_entities_and_an_external_doctype_are_left_alone() -> None:
    text = '<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd" [<!ENTITY eacute "&#233;">]><rss/>'
    assert markup.read(text.encode()).root == "rss"


def test_broken_xml_is_taken_while_it_is_small() -> None:
    assert markup.read(b"<rss><item>").root == "rss"
    with pytest.raises(Refused, match="broken"):
        markup.read(b"<rss><item>" + b"<" * markup.LARGEST_BROKEN)


def test_the_body_to_parse_declares_what_it_is() -> None:
    body = markup.read((DECLARED.format("utf-16") + PRICE).encode("utf-16")).body
    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?><rss>')
    assert PRICE in body.decode()


def test_a_document_may_be_cut_after_its_first_items() -> None:
    text = "<rss><channel><t>é</t><item>1</item><item><b/></item>\n<item>3</item></channel></rss>"
    cut = markup.read(text.encode(), most=2)
    assert cut.body.endswith("<t>é</t><item>1</item><item><b/></item>\n</channel></rss>".encode())
    assert cut.items == 3
    assert markup.read(text.encode(), most=3).body.endswith(text.encode())


@pytest.mark.parametrize(
    "text", ["<rss>" + "<a>" * 300, "<rss " + " ".join(f"a{n}=''" for n in range(101)) + "/>"]
)
def test_a_shape_that_would_keep_a_parser_busy_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="too deep"):
        markup.read(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "<rss><item>" + "<category>a</category>" * 5_001 + "</item></rss>",
        "<rss><item><media:keywords>" + "a," * 5_001 + "</media:keywords></item></rss>",
        "<rss><item>" + "<b/>" * 50_000 + "</item></rss>",
    ],
)
def test_more_of_it_than_a_parser_gets_through_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="it has more than"):
        markup.read(text.encode())


def test_what_is_cut_off_may_hold_anything() -> None:
    text = "<rss><item/><item>" + "<category>a</category>" * 5_001 + "</item></rss>"
    assert markup.read(text.encode(), most=1).items == 2


def test_a_web_page_is_known_as_one_however_long_and_untidy() -> None:
    page = "<!DOCTYPE html><html><head>" + "<p>one<br>" * 20_000
    assert markup.read(page.encode()).root == "html"
