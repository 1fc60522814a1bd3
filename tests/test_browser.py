"""The course in JupyterLab as a learner meets it, in a real browser.

Every lesson by Run All Cells from a fresh kernel, and what people do with mouse and keyboard.
"""

import re

import psutil
import pytest
from answers import lesson_04
from browser import LIMIT, Lab, browser, expect, screenshot, window
from conftest import IN_PROCESS, NOT_COMPILED
from lab import PATIENCE, ROOT, jupyterlab
from lessons import LESSONS
from processes import commands, gone

pytestmark = LIMIT
WIDGETS = {"04_sampling", "12_choosing"}  # the lessons that show some


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A window in which JupyterLab has opened by itself, as after `make lab`."""
    folder = tmp_path_factory.mktemp("lab")
    with jupyterlab(folder) as address, browser() as found, window(found) as page:
        page.goto(address)
        yield page


@pytest.fixture(scope="module")
def first(page) -> Lab:
    return Lab(page)


@pytest.fixture
def lab(first):
    """JupyterLab without an open lesson, and without a kernel."""
    first.close_all()
    yield first
    first.close_all()


# --- as it opens ---------------------------------------------------------------------------------


def test_opens_on_the_first_lesson_with_its_contents_at_the_side(first):
    heading = first.lesson.get_by_role("heading", name="00 · Start here")
    expect(heading).to_be_in_viewport()
    contents = first.page.locator("#table-of-contents")
    expect(contents).to_be_visible()
    expect(contents).to_contain_text("How a lesson works")
    screenshot(first.page, "lab")


def test_opens_quietly(first):
    """No question, no news, and nothing that the course does not need."""
    for box in [".jp-Dialog", ".Toastify__toast", ".jp-Launcher"]:
        expect(first.page.locator(box)).to_have_count(0)
    for panel in ["extensionmanager.main-view", "jp-debugger-sidebar"]:
        expect(first.page.locator(f'[data-id="{panel}"]')).to_have_count(0)


def test_a_click_in_the_contents_leads_to_the_section(first):
    first.page.locator("#table-of-contents").get_by_text("A first reply").click()
    expect(first.lesson.get_by_role("heading", name="A first reply")).to_be_in_viewport()


# --- every lesson --------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS)
def test_runs_from_top_to_bottom(lab, lesson):
    """No error; every widget, plot and diagram is drawn, and has words for who cannot see it."""
    if lesson in IN_PROCESS and NOT_COMPILED:
        pytest.skip(NOT_COMPILED)
    lab.open_clear(f"notebooks/{lesson}.ipynb")
    lab.run_all()
    if lesson in WIDGETS:
        expect(lab.lesson.locator(".jp-OutputArea .jupyter-widgets").first).to_be_visible()
    expect(lab.lesson.get_by_text("Error displaying widget")).to_have_count(0)
    pictures = lab.lesson.locator(".jp-RenderedHTMLCommon img, .jp-RenderedMermaid img")
    if "```mermaid" in (ROOT / "notebooks" / f"{lesson}.ipynb").read_text(encoding="utf-8"):
        expect(pictures).not_to_have_count(0)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        lab.page.wait_for_function(
            "image => image.complete && image.naturalWidth > 0", arg=picture.element_handle()
        )
        assert len((picture.get_attribute("alt") or "").split()) >= 2
    screenshot(lab.page, lesson)


def test_stored_outputs_look_like_pages(lab):
    """Before anything has run there is a sentence where a widget will be, and no Python."""
    for lesson in sorted(WIDGETS):
        lab.open(f"notebooks/{lesson}.ipynb")
        expect(lab.lesson.get_by_text("VBox(children=")).to_have_count(0)


# --- lesson 04: the sliders ----------------------------------------------------------------------


def test_the_sliders_move_the_bars(lab):
    lab.open_clear("notebooks/04_sampling.ipynb")
    lab.menu("Run", "Run All Cells")
    table = lab.lesson.locator(".jp-OutputArea table").filter(has_text="%").last
    expect(table).to_be_visible(timeout=120_000 * PATIENCE)
    shares = table.locator("tr td:last-child")
    before = shares.all_inner_texts()
    field = lab.lesson.get_by_label("temperature", exact=True)
    field.fill("0")
    field.press("Enter")
    expect(shares.first).to_have_text("100.0%")
    assert before[0] != "100.0%"
    handle = lab.lesson.get_by_role("slider").first
    handle.focus()
    for _ in range(10):
        handle.press("ArrowRight")
    expect(field).to_have_value("1")
    expect(shares.first).to_have_text(before[0])


def test_the_sliders_have_a_track_in_a_narrow_window(lab):
    lab.open_clear("notebooks/04_sampling.ipynb")
    lab.menu("Run", "Run All Cells")
    track = lab.lesson.locator(".noUi-target").first
    expect(track).to_be_visible(timeout=120_000 * PATIENCE)
    lab.page.set_viewport_size({"width": 768, "height": 900})
    try:
        lab.page.wait_for_timeout(500)
        assert track.bounding_box()["width"] > 60
    finally:
        lab.page.set_viewport_size({"width": 1280, "height": 900})


# --- an exercise ---------------------------------------------------------------------------------


def test_an_exercise_wrong_then_a_hint_then_right(lab):
    lab.open_clear("notebooks/04_sampling.ipynb")
    answer, checks = lab.cell("def heat(numbers, temperature)"), lab.cell('check("04.1", heat)')
    lab.write(answer, "from math import exp\n\n" + lesson_04.WRONG["04.1"][0][0])
    lab.run(answer)
    expect(lab.run(checks)).to_contain_text("Not yet")
    lab.write(checks, 'from helpers.exercises import hint\n\nhint("04.1")')
    expect(lab.run(checks)).to_contain_text(re.compile(r"\w+ \w+ \w+"))
    lab.write(answer, "from math import exp\n\n" + lesson_04.RIGHT["04.1"][1])
    lab.run(answer)
    lab.write(checks, 'from helpers.exercises import check\n\ncheck("04.1", heat)')
    expect(lab.run(checks)).to_contain_text("Well done!")


def test_solutions_are_a_click_away(lab):
    lab.open("notebooks/04_sampling.ipynb")
    lab.lesson.get_by_role("link", name="solution").first.click()
    heading = lab.lesson.get_by_role("heading", name="04.1 From logarithms to probabilities")
    expect(heading).to_be_visible()
    lab.page.wait_for_function(  # the page is there a moment before its tab is the one in front
        "jupyterapp.shell.currentWidget?.context?.path.includes('solutions/04_sampling')"
    )


# --- the kernel ----------------------------------------------------------------------------------


@pytest.fixture
def started(lab):
    """Lesson 03 with a running server, and the process of its kernel."""
    before = set(psutil.Process().children(recursive=True))
    lab.open_clear("notebooks/03_raw_http.ipynb")
    lab.run(lab.cell("LlamaServer().start()"))
    new = set(psutil.Process().children(recursive=True)) - before
    found = commands(new).items()
    (kernel,) = [process for process, command in found if "ipykernel_launcher" in command]
    return lab, kernel


def servers(kernel: psutil.Process) -> list[psutil.Process]:
    """The processes that a kernel has started: the watcher of its server, and the server."""
    found = kernel.children(recursive=True)
    assert found
    return found


def test_interrupt_ends_the_cell_and_not_the_server(started):
    lab, kernel = started
    cell = lab.cell("LlamaServer().start()")
    lab.write(cell, 'print("begun", flush=True)\nwhile True:\n    pass')
    lab.page.keyboard.press("ControlOrMeta+Enter")
    output = cell.locator(".jp-OutputArea-output")
    expect(output).to_contain_text("begun")
    lab.menu("Kernel", "Interrupt Kernel")
    expect(output.last).to_contain_text("KeyboardInterrupt")
    assert all(process.is_running() for process in servers(kernel))


def test_restart_ends_the_server(started):
    lab, kernel = started
    here = servers(kernel)
    lab.menu("Kernel", "Restart Kernel")
    lab.page.get_by_role("dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    assert gone(here, 15 * PATIENCE)
    lab.wait_until_idle()


def test_a_killed_kernel_is_told_and_leaves_no_server(started):
    lab, kernel = started
    here = servers(kernel)
    kernel.kill()
    expect(lab.page.get_by_role("dialog")).to_contain_text("appears to have died")
    lab.page.get_by_role("dialog").get_by_role("button").first.click()
    assert gone(here, 15 * PATIENCE)


# --- links ---------------------------------------------------------------------------------------


def test_links_to_sections_land_on_their_headings(lab):
    lab.open("notebooks/03_raw_http.ipynb")
    ends = lab.lesson.locator(".jp-MarkdownCell").last
    links = ends.locator('a[href^="#"]:not(.jp-InternalAnchorLink)')
    expect(links.first).to_be_attached()
    targets = links.evaluate_all("all => all.map(link => link.getAttribute('href').slice(1))")
    assert len(targets) >= 3
    for link, target in zip(links.all(), targets, strict=True):
        link.scroll_into_view_if_needed()
        link.click()
        expect(lab.lesson.locator(f'[id="{target}"], [data-jupyter-id="{target}"]').first
               ).to_be_in_viewport()  # fmt: skip


def test_each_lesson_leads_to_the_next(lab):
    lab.open("notebooks/00_start_here.ipynb")
    lab.lesson.locator("p", has_text="Next:").get_by_role("link").click()
    expect(lab.lesson.get_by_role("heading", name="01 · A server of your own")).to_be_in_viewport()
    assert lab.path() == "notebooks/01_server.ipynb"


def test_a_term_leads_to_its_entry_in_the_glossary(lab):
    """The page is shown to be read, not as its source."""
    lab.open("notebooks/01_server.ipynb")
    lab.lesson.locator('a[href*="glossary.md"]').first.click()
    expect(lab.page.locator(".jp-MarkdownViewer").get_by_role("heading").first).to_be_visible()


def test_a_readme_opens_as_a_page(lab):
    lab.page.evaluate("void jupyterapp.commands.execute('docmanager:open', {path: 'README.md'})")
    viewer = lab.page.locator(".jp-MarkdownViewer")
    expect(viewer.get_by_role("heading", name="Local LLMs from Python")).to_be_visible()
