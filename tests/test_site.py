"""The pages that `make site` makes: whole, in order, and without a request to anywhere else.

What only a browser can show (colours, the drawn diagrams, the search) has its own tests.
"""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from conftest import is_lesson

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "site" / "_build" / "html"
NOTEBOOKS = sorted(filter(is_lesson, ROOT.glob("notebooks/**/*.ipynb")))
PAGES = {  # each with what it is made from
    **{path.relative_to(ROOT).with_suffix(".html"): path for path in NOTEBOOKS},
    **{path.relative_to(ROOT).with_suffix(".html"): path for path in ROOT.glob("notebooks/*.md")},
    Path("index.html"): ROOT / "site" / "index.md",
    Path("README.html"): ROOT / "README.md",
    Path("CONTRIBUTING.html"): ROOT / "CONTRIBUTING.md",
    Path("models/README.html"): ROOT / "models" / "README.md",
    Path("classroom/README.html"): ROOT / "classroom" / "README.md",
    Path("classroom/hub/README.html"): ROOT / "classroom" / "hub" / "README.md",
    Path("classroom/kubernetes/README.html"): ROOT / "classroom" / "kubernetes" / "README.md",
    Path("site/lab/README.html"): ROOT / "site" / "lab" / "README.md",
    Path("search.html"): ROOT / "site" / "index.md",
}
IN_A_TAB = {"00", "03", "04", "05", "06", "07", "08", "12"}  # the lessons that have a button
LOADED = {"img": "src", "script": "src", "iframe": "src", "source": "src", "link": "href"}


class Page(HTMLParser):
    """The elements of a page in their order, each with its attributes."""

    def __init__(self, path: Path):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.ids = [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def all(self, tag: str, attribute: str) -> list[str]:
        """The values of one attribute in all elements of one kind that have it."""
        return [
            found[attribute] for name, found in self.elements if name == tag and attribute in found
        ]


read = cache(Page)


def why_not_built() -> str:
    """Why the pages cannot be tested, or nothing if they can."""
    if not (SITE / "index.html").exists():
        return "there are no pages yet: `make site` makes them"
    for page, source in PAGES.items():
        made = SITE / page
        if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
            return f"{source.relative_to(ROOT)} has changed since the last `make site`"
    return ""


@pytest.fixture(scope="module", autouse=True)
def built():
    if why := why_not_built():
        pytest.skip(why)


@pytest.fixture(params=PAGES, ids=str)
def path(request) -> Path:
    return SITE / request.param


def test_each_page_has_its_source():
    made = {path.relative_to(SITE) for path in SITE.glob("**/*.html")}
    assert {path for path in made if path.parts[0] not in {"_static", "lab"}} == set(PAGES)


@pytest.mark.parametrize("name", [path.relative_to(ROOT) for path in NOTEBOOKS], ids=str)
def test_a_notebook_is_whole(name):
    """As many cells, diagrams and pictures as in the notebook."""
    cells = nbformat.read(ROOT / name, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    code = [cell for cell in cells if cell.cell_type == "code"]
    outputs = [output for cell in code for output in cell.outputs]
    elements = read((SITE / name).with_suffix(".html")).elements
    classes = [found.get("class", "").split() for _, found in elements]
    assert sum("cell_input" in names for names in classes) == len(code)
    assert classes.count(["mermaid"]) == text.count("```mermaid")
    pictures = sum("image/png" in output.get("data", {}) for output in outputs)
    assert sum(tag == "img" for tag, _ in elements) >= pictures


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_that_runs_in_a_tab_has_a_button(path):
    page = path.relative_to(ROOT).with_suffix(".html")
    links = read(SITE / page).all("a", "href")
    buttons = [link for link in links if "lab/index.html?path=" in link]
    solution = path.parent.name == "solutions"
    expected = path.stem[:2] in IN_A_TAB - ({"12"} if solution else set())
    assert len(buttons) == expected
    for button in buttons:
        address = urlsplit(button)
        assert (SITE / page.parent / address.path).resolve() == SITE / "lab" / "index.html"
        assert address.query == f"path={path.relative_to(ROOT).as_posix()}"
        assert (SITE / "lab" / "files" / path.relative_to(ROOT)).is_file()


def test_links_lead_somewhere(path):
    for tag, name in [("a", "href"), *LOADED.items()]:
        for link in read(path).all(tag, name):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), link
            if parts.fragment and target.suffix == ".html":
                assert unquote(parts.fragment) in read(target).ids, link


def test_nothing_is_loaded_from_elsewhere(path):
    """Links lead out; pictures, programs and styles come from the folder of the pages."""
    for tag, name in LOADED.items():
        for link in read(path).all(tag, name):
            assert urlsplit(link).scheme in {"", "data"} and not urlsplit(link).netloc, link


def test_no_style_loads_from_elsewhere():
    for path in [*SITE.glob("*.css"), *SITE.glob("_static/**/*.css")]:
        loaded = re.findall(
            r"(?:url\(|@import)\s*['\"]?(https?:[^'\")]+)", path.read_text(encoding="utf-8")
        )
        assert not loaded, path


def test_headings_are_in_order(path):
    """One first heading, and no level left out: a screen reader lists them."""
    elements = read(path).elements
    classes = [found.get("class") for _, found in elements]
    start = classes.index("bd-search-container" if path.stem == "search" else "bd-article")
    levels = [int(tag[1]) for tag, _ in elements[start:] if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1 and levels[0] == 1, levels
    for above, below in zip(levels, levels[1:], strict=False):
        assert below <= above + 1, levels


def test_each_picture_says_what_is_to_be_seen(path):
    for tag, attributes in read(path).elements:
        if tag == "img":
            said = attributes.get("alt", "")
            assert len(said.split()) > 2, attributes["src"][:80]


def test_ids_are_unique(path):
    ids = read(path).ids
    assert len(ids) == len(set(ids)), {name for name in ids if ids.count(name) > 1}
