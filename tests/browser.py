"""A browser that the tests drive, with Playwright, and what a learner does in JupyterLab with it.

The browser is one that this computer has: Chromium, Chrome or Edge. None is downloaded. Where one
is missing, or Playwright, the tests are skipped and say so; in continuous integration, which sets
CI, they fail.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from lab import PATIENCE


def missing(what: str) -> None:
    """Leave out the tests that need something, or fail where all of them have to run."""
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what, allow_module_level=True)


if not find_spec("playwright"):
    missing("there is no Playwright, which drives the browser: `make browser` installs it")

from axe_playwright_python.sync_playwright import Axe  # noqa: E402, F401 (tests take it from here)
from playwright.sync_api import (  # noqa: E402
    Browser,
    BrowserContext,
    Error,
    Locator,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

COMMANDS = filter(None, map(shutil.which, ["chromium", "chromium-browser"]))
PLACES = [{"executable_path": path} for path in COMMANDS] + [
    {"channel": name}
    for name in ["chromium", "chrome", "msedge"]  # where they usually are
]
NO_BROWSER = (
    "there is no Chromium, Chrome or Edge on this computer. Install one (on Debian and Ubuntu: "
    "sudo apt install chromium)"
)
OUTSIDE = re.compile(r"^(http|ws)s?://(?!(127\.0\.0\.1|localhost)[:/])")
LIMIT = pytest.mark.timeout(300 * PATIENCE)

expect.set_options(timeout=15_000 * PATIENCE)


def launched(playwright: Playwright, **options: object) -> Browser:
    """Start the first browser that is there."""
    for place in PLACES:
        try:
            return playwright.chromium.launch(timeout=60_000 * PATIENCE, **place, **options)
        except Error as error:
            if not re.search("not found|doesn't exist", str(error)):
                raise
    missing(NO_BROWSER)


@contextmanager
def browser(**options: object) -> Iterator[Browser]:
    """Start a browser, and close it in the end; `options` are those of Playwright's `launch`.

    While it is open, this thread has an asyncio loop; so no test of another module may run.
    """
    with sync_playwright() as playwright:
        found = launched(playwright, **options)
        yield found
        found.close()


@contextmanager
def window(found: Browser, **options: object) -> Iterator[Page]:
    """Open a window that reaches this computer alone; fail if it asked for anything else."""
    asked: list[str] = []
    context = found.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    context.set_default_timeout(30_000 * PATIENCE)
    keep_inside(context, asked)
    yield context.new_page()
    context.close()
    assert not asked, f"the page has asked for {asked}"


def keep_inside(context: BrowserContext, asked: list[str]) -> None:
    """Refuse every request that would leave the computer, and note its address."""

    def refuse(route):
        asked.append(route.request.url)
        route.abort()

    def close(socket):
        asked.append(socket.url)
        socket.close()

    context.route(OUTSIDE, refuse)
    context.route_web_socket(OUTSIDE, close)


class Lab:
    """JupyterLab in a window, and the lesson that is open in it."""

    def __init__(self, page: Page):
        self.page = page
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        """Wait until the lesson in front has a kernel that has nothing to do."""
        self.page.wait_for_function(
            "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status"
            " === 'idle'",
            timeout=60_000 * PATIENCE,
        )
        self.lesson = self.page.locator(".jp-NotebookPanel:visible")

    def open(self, notebook: str) -> None:
        """Open a notebook, as a double click in the list of files does."""
        self.page.evaluate(
            """async path => {  // what the command returns is too large to be handed over
                await jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'});
            }""",
            notebook,
        )
        self.wait_until_idle()

    def open_clear(self, notebook: str) -> None:
        """Open a notebook, and clear the outputs that came with it."""
        self.open(notebook)
        self.menu("Edit", "Clear Outputs of All Cells")

    def path(self) -> str:
        """Return the file in the tab in front."""
        return self.page.evaluate("jupyterapp.shell.currentWidget.context.path")

    def close_all(self) -> None:
        """Close all tabs without saving, and end all kernels."""
        self.page.evaluate(
            """async () => {
                for (const tab of [...jupyterapp.shell.widgets('main')]) {
                    if (tab.context) tab.context.model.dirty = false;
                    tab.close();
                }
                const { sessions } = jupyterapp.serviceManager;
                const again = async () => {  // one that restarts cannot be ended at that moment
                    await new Promise(resolve => setTimeout(resolve, 2000));
                    await sessions.shutdownAll();
                };
                await sessions.shutdownAll().catch(again);
            }"""
        )

    def menu(self, *names: str) -> None:
        """Choose an entry of the menu bar, such as "Run" and then "Run All Cells"."""
        for name in names:  # dots or a shortcut may follow
            entry = re.compile(rf"^{re.escape(name)}(…| [A-Z0-9]|$)")
            self.page.get_by_role("menuitem", name=entry).first.click()

    def run_all(self) -> None:
        """Choose Run All Cells, and wait until each has run; fail with the error of one."""
        self.menu("Run", "Run All Cells")
        self.wait_until_run("")

    def wait_until_run(self, text: str) -> None:
        """Wait until the cell that contains a text has run; fail with the error of any cell."""
        done = self.page.wait_for_function(
            CELLS,
            arg=text,
            polling=500,  # at every frame, it would take the time that the lesson needs
            timeout=240_000 * PATIENCE,
        )
        found = done.json_value()
        assert found == "has run", found

    def cell(self, text: str) -> Locator:
        """Return the first cell whose source contains a text; it stays the same cell."""
        number = self.page.evaluate(
            """text => jupyterapp.shell.currentWidget.content.widgets.findIndex(
                cell => cell.model.sharedModel.getSource().includes(text)
            )""",
            text,
        )
        assert number >= 0, f"no cell contains {text!r}"
        return self.lesson.locator(".jp-Cell").nth(number)

    def write(self, cell: Locator, source: str) -> None:
        """Click into a cell, and replace what it says."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)

    def run(self, cell: Locator) -> Locator:
        """Run a cell with Ctrl+Enter; return its output once it is complete."""
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.inner_text()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"))
        return cell.locator(".jp-OutputArea-output")


# What the cells that contain a text say: nothing yet, an error of any cell, or that they have run.
CELLS = """text => {
    const lesson = jupyterapp.shell.currentWidget;
    const code = lesson.content.widgets.filter(cell => cell.model.type === 'code');
    const outputs = code.flatMap(cell => cell.model.outputs.toJSON());
    const error = outputs.find(output => output.output_type === 'error');
    if (error) return error.traceback.join('\\n');
    const prompts = code
        .filter(cell => cell.model.sharedModel.getSource().includes(text))
        .map(cell => cell.promptNode?.textContent ?? '');
    const idle = lesson.sessionContext.session?.kernel?.status === 'idle';
    return idle && prompts.every(prompt => /\\d/.test(prompt)) && 'has run';
}"""


def screenshot(page: Page, name: str) -> None:
    """Keep a picture for a person to look at, where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")
