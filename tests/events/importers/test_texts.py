"""Texts of strangers, cleaned; HTML as Markdown."""

import pytest

from events.importers import texts
from events.importers.entries import Unfit
from events.importers.markup import from_html
from events.operations.drafting import DraftTopic


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\x00b\x1b[0m\x85c\u2028d\ufeff", "ab[0mcd"),
        ("\ud800x", "x"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\u1112\u1161\u11ab", "한"),
        ("  a\xa0b ", "a b"),
        (None, ""),
        (7, "7"),
        (True, ""),
        ([1], ""),
    ],
)
def test_no_control_character_stays(raw: object, clean: str) -> None:
    assert texts.cleaned(raw) == clean


def test_indentation_of_pretty_printed_xml_is_taken_away() -> None:
    assert (
        texts.paragraphs("One\n\n        Two\n          - item\n\n\n\n        Three") == "One\n\nTwo\n  - item\n\nThree"
    )


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>a<b>b</b></p>\r\n<p>c</p>", "ab\n\nc"),
        ("a<br>b", "a\nb"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>d", "- a\n- b\n  - c\n\nd"),
        ("<ol><li><p>a</p></li><li>b</li></ol>", "1. a\n2. b"),
        ("<h2>a</h2>b", "### a\n\nb"),
        ('<a href="https://x.org/a">b</a>', "[b](https://x.org/a)"),
        ('<a href="https://x.org/">https://x.org</a>', "https://x.org"),
        ('<a href="javascript:alert(1)">b</a>', "b"),
        ('<a href="https://x.org/a b">b]</a>', "b]"),
        ("<script>alert(1)</script><style>p{}</style><!-- c -->a", "a"),
        ("<xml><w:WordDocument>Normal</w:WordDocument></xml><o:p>a</o:p>", "a"),
        ("<table><tr><td><p>8:45</p></td><td>Tea</td></tr><tr><td>9</td></tr></table>", "8:45 | Tea\n\n9"),
        ("a &lt;b&gt; &amp; &nbsp;c", "a <b> & c"),
        ("<p>a<p>b</div></li></table>", "a\n\nb"),
        ("a < b and c > d", "a < b and c > d"),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert from_html(html) == markdown


def test_plain_text_keeps_its_lines() -> None:
    assert texts.paragraphs("a\nb <https://x.org>\n\nc") == "a\nb <https://x.org>\n\nc"


def test_each_text_goes_under_its_own_language() -> None:
    worded = texts.worded(title="Python 3.4: AsyncIO", summary="", description="비동기와 코루틴")

    assert worded == {
        "title_ko": "",
        "title_en": "Python 3.4: AsyncIO",
        "summary_ko": "",
        "summary_en": "",
        "description_ko": "비동기와 코루틴",
        "description_en": "",
    }


def test_a_long_summary_is_cut_at_a_word_and_kept_whole_in_the_description() -> None:
    long = "word " * 120

    summary, description = texts.summary_and_description(long.strip(), "More.")

    assert texts.shortened(summary) == "word " * 98 + "word\N{HORIZONTAL ELLIPSIS}"
    assert description == f"{long.strip()}\n\nMore."


def test_a_source_id_that_is_too_long_stays_stable() -> None:
    assert texts.source_id("x" * 300) == texts.source_id("x" * 300)
    assert texts.source_id("x" * 300) != texts.source_id("x" * 301)
    assert len(texts.source_id("x" * 300)) == 71


@pytest.mark.parametrize(
    ("name", "slug", "expected"),
    [
        ("Ethics, Society & Politics", "", DraftTopic("ethics-society-politics", "Ethics, Society & Politics")),
        ("Café", "", DraftTopic("cafe", "Café")),
        ("파이썬 일반", "general", DraftTopic("general", "파이썬 일반")),
        ("촬영", "", DraftTopic("topic-b9791ade", "촬영")),
        ("VFX 촬영", "", DraftTopic("topic-278b2e37", "VFX 촬영")),
    ],
)
def test_topics_have_usable_slugs(name: str, slug: str, expected: DraftTopic) -> None:
    assert texts.topic(name, slug) == expected


@pytest.mark.parametrize(
    ("said", "tag"), [("de, en", "de"), ("en_AU", "en-AU"), ("Korean", ""), ("", ""), (None, ""), ("ko", "ko")]
)
def test_languages_are_tags(said: object, tag: str) -> None:
    assert texts.language_of(said) == tag


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://a b", 'https://a"b', "//x", "mailto:a@b.c"])
def test_only_web_addresses_are_web_addresses(address: str) -> None:
    with pytest.raises(Unfit) as unfit:
        texts.web_address(address)

    assert (unfit.value.field, unfit.value.code) == ("url", "invalid")
