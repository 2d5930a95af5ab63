"""Reads a page as strictly as a validator would: nesting, ids, headings, charts, and what it would ask of the network."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "wbr"}
CHILDREN = {"tr": {"thead", "tbody", "table"}, "td": {"tr"}, "th": {"tr"}, "li": {"ul", "ol"}, "summary": {"details"}}
"""Where some elements must stand."""


@dataclass
class Figure:
    """What one figure holds besides its drawing."""

    title: str = ""
    description: str = ""
    caption: str = ""
    n_rows: int = 0
    is_named: bool = False


@dataclass
class Read:
    """What is in a page."""

    wrong: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read, self.open, self.words = Read(), [], ""  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.read.tags.add(tag)
        self.read.attributes |= set(said)
        if len(said) != len(attrs):
            self.read.wrong.append(f"{tag}: an attribute twice")
        if tag in CHILDREN and (not self.open or self.open[-1] not in CHILDREN[tag]):
            self.read.wrong.append(f"{tag} within {self.open[-1] if self.open else 'nothing'}")
        self.read.ids += [one] if (one := said.get("id")) else []
        self.read.links += [value for name in ("href", "xlink:href", "src", "data") if (value := said.get(name))]
        if tag == "figure":
            self.read.figures.append(Figure())
        if tag == "svg":
            named = (said.get("aria-labelledby") or "").split()
            self.read.figures[-1].is_named = said.get("role") == "img" and len(named) == 2
        if tag == "tr" and "figure" in self.open and "tbody" in self.open:
            self.read.figures[-1].n_rows += 1
        if tag not in VOID:
            self.open.append(tag)
        self.words = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.read.wrong.append(f"</{tag}> closes {self.open[-1] if self.open else 'nothing'}")
            return
        self.open.pop()
        words = self.words.strip()
        if tag in {"h1", "h2", "h3", "h4"}:
            self.read.headings.append((int(tag[1]), words))
        if tag in {"td", "th"}:
            self.read.cells.append(words)
        if self.read.figures and "figure" in self.open:
            figure = self.read.figures[-1]
            if tag == "title" and self.open[-1] == "svg":
                figure.title = words
            elif tag == "desc" and self.open[-1] == "svg":
                figure.description = words
            elif tag == "figcaption":
                figure.caption = words

    def handle_data(self, data: str) -> None:
        self.words += data
        if self.open and self.open[-1] not in {"style", "script"}:
            self.read.text += data


def read_page(text: str) -> Read:
    """Return what is in a page, and what is wrong with its nesting and its ids."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    read = reader.read
    read.wrong += [f"{tag} is never closed" for tag in reader.open]
    read.wrong += [f"id {one} twice" for one in read.ids if read.ids.count(one) > 1]
    there = {f"#{one}" for one in read.ids}
    read.wrong += [f"{link} leads nowhere" for link in read.links if link.startswith("#") and link not in there]
    read.wrong += [
        f"#{one} is painted with and not there"
        for one in re.findall(r"url\(#([^)]+)\)", text)
        if f"#{one}" not in there
    ]
    read.wrong += [
        f"h{level} follows h{before}"
        for (before, _), (level, _) in zip([(0, ""), *read.headings], read.headings, strict=False)
        if level > before + 1
    ]
    if [level for level, _ in read.headings].count(1) != 1:
        read.wrong.append("not one h1")
    return read
