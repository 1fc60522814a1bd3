"""The rules that every lesson keeps, read off the stored notebooks.

nbval runs the lessons and compares their outputs. These tests look where nbval is blind (a cell
that was never run has nothing to compare; a failing `!command` passes) and hold the frame and the
rhythm that CONTRIBUTING.md describes.
"""

import re
import statistics
from pathlib import Path

import nbformat
import pytest
from conftest import is_lesson

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
LESSONS = sorted(filter(is_lesson, NOTEBOOKS.glob("*.ipynb")))
ALL = sorted(LESSONS + list(filter(is_lesson, (NOTEBOOKS / "solutions").glob("*.ipynb"))))
TAGS = {"nbval-ignore-output"}


def name_of(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize(
    ("name", "is_ours"),
    {
        "03_raw_http": True, "03_raw_http.mine": False, "03_raw_http.mine-2": False,
        "03_raw_http-Copy1": False, "Untitled": False, "03_raw_http copy": False,
    }.items(),
)  # fmt: skip
def test_a_learners_own_notebooks_are_not_tested(name, is_ours):
    assert is_lesson(Path(f"{name}.ipynb")) is is_ours


@pytest.fixture(params=ALL, ids=name_of)
def path(request) -> Path:
    return request.param


@pytest.fixture
def notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@pytest.fixture(params=LESSONS, ids=name_of)
def lesson(request) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=4)


def code(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def prose(notebook) -> str:
    return "\n\n".join(cell.source for cell in text(notebook))


def unfenced(source: str) -> str:
    """A text without its diagrams and blocks of code."""
    return re.sub(r"(?s)```.*?```", "", source)


def printed(cell) -> str:
    """Everything that a cell's stored outputs show as text."""
    parts = []
    for output in cell.outputs:
        parts.append(output.get("text", ""))
        parts += [
            str(value) for kind, value in output.get("data", {}).items() if "image/" not in kind
        ]
    return "\n".join(parts)


# --- well-formed and run -------------------------------------------------------------------------


def test_there_are_lessons_numbered_without_a_gap():
    assert [lesson.stem[:2] for lesson in LESSONS] == [f"{i:02d}" for i in range(14)]


def test_is_valid(notebook):
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.kernelspec.display_name == "Python 3 (ipykernel)"
    assert "widgets" not in notebook.metadata, "a state of widgets, which no run renews"


def test_was_run_top_to_bottom_from_a_fresh_kernel(notebook):
    counts = [cell.execution_count for cell in code(notebook)]
    assert counts == list(range(1, len(counts) + 1)), "run `make notebooks`"


def test_shows_no_stack_trace_and_no_warning(notebook):
    for cell in code(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", f"{cell.source}\n-> {output.get('text')}"


def test_uses_no_shell_escape_and_no_magic(notebook):
    """They fail without failing the test, and differ between systems."""
    for cell in code(notebook):
        assert not re.search(r"(?m)^\s*[!%]", cell.source), cell.source


def test_shows_nothing_of_the_computer_it_ran_on(notebook):
    private = re.compile(rf"/home/|/Users/|/root\b|/tmp/|\\Users\\|{re.escape(str(Path.home()))}/")
    for cell in code(notebook):
        assert not private.search(printed(cell)), cell.source


def test_lesson_11_shows_what_a_real_model_said():
    """Its outputs are stored where there is one, and the page names it."""
    (path,) = [path for path in LESSONS if path.name.startswith("11")]
    shown = "\n".join(map(printed, code(nbformat.read(path, as_version=4))))
    assert "SmolLM2-135M" in shown, "run `make real-model`, and then `make notebooks`"


def test_what_is_not_compared_is_asserted(notebook):
    """A cell whose output is ignored makes its claim in code: there or in the next code cell."""
    cells = code(notebook)
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        tags = set(cell.metadata.get("tags", []))
        assert tags <= TAGS, f"unknown tags {tags - TAGS}"
        if tags:
            claim = cell.source + (following.source if following else "")
            assert "assert" in claim, f"nothing is asserted about:\n{cell.source}"


def test_loads_nothing_from_the_network(notebook):
    assert not re.search(r"!\[[^\]]*\]\(\s*https?:|<(?:img|script|iframe)\b", prose(notebook))


def test_a_diagram_can_be_heard(notebook):
    """What a screen reader says in the place of the picture."""
    for diagram in re.findall(r"(?s)```mermaid\n(.*?)```", prose(notebook)):
        assert re.search(r"(?m)^\s*accTitle: \S", diagram), diagram
        assert re.search(r"(?m)^\s*accDescr(?:: \S| \{)", diagram), diagram


def test_a_plot_can_be_heard(notebook):
    """`show` of helpers.plots gives it words; a picture of plt.show() has none."""
    for cell in code(notebook):
        for output in cell.outputs:
            assert "image/png" not in output.get("data", {}), f"show it with words:\n{cell.source}"


# --- frame ---------------------------------------------------------------------------------------


def verbs(part: str) -> list[str]:
    """The bullet points of a text, without their links."""
    points = re.findall(r"(?m)^- (.+(?:\n  .+)*)", part)
    return [re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", " ".join(p.split())) for p in points]


def test_frame_is_complete(lesson):
    first, last = text(lesson)[0].source, text(lesson)[-1].source
    assert re.match(r"# \d\d · .+\n\n\S", first), "a title and a promise"
    for part in ["**You will**", "**You need**", "**Time**"]:
        assert part in prose(lesson), part
    assert "## You can now" in last
    assert "**Next:**" in last


def test_what_was_promised_was_learned(lesson):
    opening = next(cell.source for cell in text(lesson) if "**You will**" in cell.source)
    ending = text(lesson)[-1].source
    promised = verbs(opening.split("**You will**")[1].split("**You need**")[0])
    learned = verbs(ending.split("## You can now")[1].split("**Next:**")[0])
    assert 3 <= len(promised) <= 6
    assert promised == learned, "the same points, in the same words and order"
    assert len(re.findall(r"\]\(#", ending)) >= len(learned), "each linked to its section"


def test_leaves_nothing_running(lesson):
    source = "\n".join(cell.source for cell in code(lesson))
    for name in re.findall(r"(\w+) = LlamaServer\(.*\)\.start\(\)", source):
        assert f"{name}.stop()" in source, name
    assert re.search(r"\.(stop|close)\(\)", code(lesson)[-1].source)


def test_links_resolve(path, notebook):
    headings = re.findall(r"(?m)^#+ (.+)$", unfenced(prose(notebook)))
    anchors = {anchor(heading) for heading in headings}
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(notebook)):
        if target.startswith("#"):
            assert target[1:] in anchors, f"{target} is none of {sorted(anchors)}"
        elif not re.match(r"https?://", target):
            assert (path.parent / target.split("#")[0]).exists(), target


def title(path: Path) -> str:
    """The heading of a lesson, such as "03 · Raw HTTP"."""
    return text(nbformat.read(path, as_version=4))[0].source.splitlines()[0].removeprefix("# ")


def minutes(notebook) -> int:
    """How long a lesson says that it takes."""
    return int(re.search(r"\*\*Time\*\*\D*(\d+) minutes", prose(notebook))[1])


@pytest.mark.parametrize("number", range(len(LESSONS) - 1))
def test_leads_to_the_next_lesson(number):
    ending = text(nbformat.read(LESSONS[number], as_version=4))[-1].source
    following = LESSONS[number + 1]
    assert f"**Next:** [{title(following)}]({following.name})" in ending


ROW = re.compile(r"(?m)^\| \[(\d\d · [^\]]+)\]\(([^)]+)\) \|.*\| (\d+) \|$")


@pytest.mark.parametrize("page", ["README.md", "notebooks/README.md", "00_start_here.ipynb"])
def test_a_map_says_what_the_lessons_say(page):
    """Their titles and how long they take."""
    if page.endswith(".md"):
        rows, lessons = ROW.findall((ROOT / page).read_text(encoding="utf-8")), LESSONS
    else:
        rows, lessons = ROW.findall(prose(nbformat.read(NOTEBOOKS / page, 4))), LESSONS[1:]
    said = [(name, Path(link).name, int(number)) for name, link, number in rows]
    assert said == [
        (title(path), path.name, minutes(nbformat.read(path, as_version=4))) for path in lessons
    ]


def test_the_page_for_teachers_says_what_the_lessons_say():
    """How long they take, and which sections they have."""
    page = (NOTEBOOKS / "TEACHING.md").read_text(encoding="utf-8")
    books = {path.name: nbformat.read(path, as_version=4) for path in LESSONS}
    blocks = re.findall(r"(?m)^\| \[(\d\d)\]\(([^)]+)\) \| (\d+) \|", page)
    assert [(name, int(said)) for _, name, said in blocks] == [
        (name, minutes(book)) for name, book in books.items()
    ]
    for number, heading in re.findall(r"\*\*Lesson (\d\d)\*\*, \*([^*]+)\*", page):
        (book,) = [book for name, book in books.items() if name.startswith(number)]
        assert re.search(rf"(?m)^#+ {re.escape(heading)}$", prose(book)), heading


def test_only_lessons_are_named_that_exist():
    numbers = {path.name[:2] for path in LESSONS}
    pages = [*ROOT.glob("*.*"), *NOTEBOOKS.glob("*.md"), *ROOT.glob("models/*.md")]
    sources = [*ROOT.glob("helpers/**/*.py"), *ROOT.glob("setup/**/*.py"), *ALL, *pages]
    for path in sources:
        if path.suffix in {".py", ".md", ".toml", ".yml", ".ipynb"}:
            source = path.read_text(encoding="utf-8")
            for named in re.findall(r"(?i)\blessons? (\d\d(?:(?:, | and | to )\d\d)*)", source):
                assert set(re.findall(r"\d\d", named)) <= numbers, f"{path.name}: lesson {named}"


def anchor(heading: str) -> str:
    """The name under which JupyterLab finds a heading: its text, with hyphens for spaces."""
    plain = re.sub(r"[`*_]|\[([^\]]+)\]\([^)]+\)", r"\1", heading)
    return plain.strip().replace(" ", "-")


# --- rhythm --------------------------------------------------------------------------------------


def test_rhythm(lesson):
    lengths = [len(cell.source.strip().splitlines()) for cell in code(lesson)]
    assert len(text(lesson)) >= len(lengths), "at least as many text cells as code cells"
    assert statistics.median(lengths) <= 5
    assert statistics.quantiles(lengths, n=10)[-1] <= 15, "nine in ten cells under 15 lines"
    assert max(lengths) <= 30


LIMITS = {
    "00": 15, "01": 60, "02": 45, "03": 60, "04": 45, "05": 60, "06": 60, "07": 50, "08": 60,
    "09": 60, "10": 45, "11": 60, "12": 75, "13": 60,
}  # fmt: skip


def test_takes_as_long_as_it_says(lesson):
    """180 words a minute, half a minute a code cell, five minutes an exercise."""
    number = re.match(r"# (\d\d)", text(lesson)[0].source)[1]
    words = len(unfenced(prose(lesson)).split())
    exercises = len(re.findall(r"(?m)^### \d\d\.\d", prose(lesson)))
    counted = words / 180 + 0.5 * len(code(lesson)) + 5 * exercises
    said = minutes(lesson)
    assert counted <= said <= LIMITS[number], f"it takes {counted:.0f} minutes"
    assert said < counted + 10, f"it takes {counted:.0f} minutes only"
    assert said % 5 == 0


FRAME = {"Exercises", "Clean up", "You can now", "How a lesson works", "The map"}


def test_each_section_ends_with_something_to_try(lesson):
    """More than Shift+Enter: one thing to change, and what is to be seen then."""
    sections = re.split(r"(?m)^## ", unfenced(prose(lesson)))[1:]
    for section in sections:
        heading = section.splitlines()[0]
        if heading not in FRAME:
            assert re.search(r"(?m)^\*\*Try it:\*\* \S", section), heading


def test_no_empty_cell(notebook):
    assert all(cell.source.strip() for cell in notebook.cells)


def test_each_word_is_earned(lesson):
    """What is called simple makes whoever does not find it so feel slow."""
    words = re.findall(r"(?i)\b(?:simply|just|obviously|of course|trivial(?:ly)?)\b", prose(lesson))
    assert not words
