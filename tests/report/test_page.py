"""A page is sound HTML, says everything to everyone, and carries all that it needs."""

import re
from html.parser import HTMLParser

from inkdigits.report.drawings import VARIABLES, Drawing, drawing
from inkdigits.report.markup import Html, element, join, table
from inkdigits.report.page import Section, to_page

VOID = {"img", "meta"}


class Outline(HTMLParser):
    """Notes elements, and checks on the way that each ends where it should."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element of SVG that ends at once."""
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Check that this is the element to end."""
        assert self._open.pop() == tag

    def every(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all elements of a name."""
        return [attributes for name, attributes in self.found if name == tag]


def check_page(page: str) -> Outline:
    """Hold a page to what every page of ours promises."""
    outline = Outline(page)
    ids = [attributes["id"] for _, attributes in outline.found if "id" in attributes]
    assert len(set(ids)) == len(ids), "an id is used twice"
    links = [attributes["href"] for attributes in outline.every("a")]
    targets = [attributes["popovertarget"] for attributes in outline.every("button")]
    assert {link[1:] for link in links if link} | set(targets) <= set(ids)
    assert all(attributes.get("alt") is not None for attributes in outline.every("img"))
    assert all(attributes["scope"] in ("row", "col") for attributes in outline.every("th"))
    assert all(attributes.get("aria-label") for _, attributes in outline.found if attributes.get("role") == "img")
    sources = [attributes["src"] for _, attributes in outline.found if "src" in attributes]
    assert all(source and source.startswith("data:image/png;base64,") for source in sources)
    style = page[page.index("<style>") : page.index("</style>")]
    assert not re.search(r"url\(|@import", style)
    assert not {"script", "link", "iframe"} & {name for name, _ in outline.found}
    assert "default-src 'none'" in str([attributes.get("content") for attributes in outline.every("meta")])
    return outline


def make_drawing(name: str) -> Drawing:
    """A figure with a line, a word and a grid."""
    with drawing(2, 2) as (figure, axes):
        axes.plot([0, 1], [1, 0], label="a < b")
        axes.legend()
    return Drawing(name, figure, "a line")


def test_text_never_becomes_markup():
    """Names and captions come from folders and files of anybody."""
    assert element("p", "<b>", title='"x"') == '<p title="&quot;x&quot;">&lt;b&gt;</p>'
    assert join(Html("<i>"), "<i>") == "<i>&lt;i&gt;"
    assert element("img", alt="", hidden=True, src=None, class_="a") == '<img alt="" hidden class="a">'


def test_a_table_names_its_rows_and_columns():
    """For those who hear it read."""
    shown = table(("label", "n"), [("1", "2")], "counts")
    assert '<th scope="col">n</th>' in shown
    assert '<th scope="row">1</th><td>2</td>' in shown
    assert "<caption>counts</caption>" in shown


def test_a_page_is_sound_and_needs_nothing_else():
    """Two figures beside each other share no id, and every section is in the contents."""
    drawings = (make_drawing("one"), make_drawing("two"))
    body = join(*(each.to_html(each.alt) for each in drawings))
    outline = check_page(to_page("A <title>", "lead", [Section("First part", body, drawings), Section("2nd", Html())]))
    assert [link["href"] for link in outline.every("a")] == ["#content", "#first-part", "#2nd"]


def test_a_figure_follows_the_colours_of_the_page():
    """None of its own is left, so that dark mode can set them."""
    svg = make_drawing("one").to_html()
    assert "var(--ink)" in svg
    assert "var(--grid)" in svg
    assert not [colour for colour in VARIABLES if colour in svg]
    assert "a &lt; b" in svg
