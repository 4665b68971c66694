"""Sections -> one HTML file that needs nothing else: no network, no script, its looks inside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from inkdigits import __version__
from inkdigits.report.drawings import Drawing
from inkdigits.report.markup import Html, element, join

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What the page may load: nothing but what it carries. A browser that knows it refuses anything else."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page."""

    title: str
    body: Html
    drawings: tuple[Drawing, ...] = ()
    """What also goes into files of its own."""

    @property
    def anchor(self) -> str:
        """What links to it say."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


def to_page(title: str, lead: str, sections: Sequence[Section]) -> str:
    """Return the whole page, with a table of contents."""
    style = (resources.files("inkdigits.report") / "style.css").read_text(encoding="utf-8")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Html(style)),
    )
    body = element(
        "body",
        element("a", "Skip to the content", href="#content", class_="skip"),
        element("header", element("h1", title), element("p", lead)),
        _contents(sections),
        element("main", *map(_to_html, sections), id="content"),
        element("footer", element("p", f"Made by inkdigits {__version__}.")),
    )
    return "<!doctype html>\n" + element("html", head, body, lang="en") + "\n"


def _contents(sections: Sequence[Section]) -> Html:
    links = (element("li", element("a", each.title, href=f"#{each.anchor}")) for each in sections)
    return element("nav", element("ol", *links), aria_label="Contents")


def _to_html(section: Section) -> Html:
    heading = element("h2", section.title, id=f"{section.anchor}-title")
    return element("section", join(heading, section.body), id=section.anchor, aria_labelledby=f"{section.anchor}-title")
