"""Organizers' Markdown: what it may become, and what never."""

import pytest

from pages import texts


def test_markdown_becomes_html_whose_headings_fit_the_page() -> None:
    written = "# Big\n\n## Less\n\n- one\n- **two**\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nline\nbreak ~~no~~"

    html = texts.html(written)

    assert "".join(html.split("\n")) == (
        "<h3>Big</h3><h4>Less</h4><ul><li>one</li><li><strong>two</strong></li></ul>"
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
        "<p>line<br>break <s>no</s></p>"
    )


def test_links_outward_are_marked() -> None:
    html = texts.html("[list](https://example.org/?a=1&b=2)")

    assert html == '<p><a href="https://example.org/?a=1&amp;b=2" rel="noopener nofollow">list</a></p>\n'


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](data:text/html,hi)", "<p>[x](data:text/html,hi)</p>"),
        ("[x](ftp://example.org)", '<p><a rel="noopener nofollow">x</a></p>'),
        ("![spy](https://example.org/pixel.gif)", "<p></p>"),
        ("`<img>`", "<p><code>&lt;img&gt;</code></p>"),
        ("", ""),
    ],
)
def test_nothing_runs_and_nothing_foreign_is_loaded(written: str, shown: str) -> None:
    assert texts.html(written).strip() == shown
