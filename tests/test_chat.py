"""The chat application of lesson 12 as a person uses it, in a real browser."""

import os
import re

import psutil
import pytest
from browser import LIMIT, Lab, browser, expect, screenshot, window
from conftest import NOT_COMPILED
from lab import PATIENCE, jupyterlab
from processes import commands, gone

pytestmark = [LIMIT, pytest.mark.skipif(bool(NOT_COMPILED), reason=NOT_COMPILED)]
STORY = "Tell me a story."


class Chat:
    """The window of the chat: its field, its buttons, and the page above them."""

    def __init__(self, lab: Lab):
        self.lab, self.page = lab, lab.page
        self.log = lab.lesson.get_by_role("log")
        self.field = lab.lesson.get_by_label("You:")
        self.temperature = lab.lesson.get_by_label("Temperature:")
        self.lines = self.log.locator("> div")

    def button(self, name: str):
        buttons = self.lab.lesson.locator(".jupyter-button")
        return buttons.filter(has_text=re.compile(f"^{name}$"))

    def ask(self, text: str) -> None:
        """Write into the field, as fast as nobody does, and press Enter."""
        self.field.fill(text)
        self.field.press("Enter")

    def said(self, role: str):
        """The lines of the user, of the assistant, or the notes."""
        return self.lines.filter(has=self.page.locator("b", has_text=re.compile(f"^{role}$")))

    def wait(self) -> None:
        """Wait until the reply is complete: its text does not change any more."""
        self.lab.wait_until_idle()
        before, same = None, 0
        while same < 5:  # a computer with other work to do may pause for as long as a look takes
            now = self.log.inner_text()
            same = same + 1 if now == before and not now.endswith("…") else 0
            before = now
            self.page.wait_for_timeout(100 * PATIENCE)


@pytest.fixture(scope="module")
def window_of_the_chat(tmp_path_factory):
    """Lesson 12 from the section that builds the conversation to its end."""
    folder = tmp_path_factory.mktemp("lab")
    with jupyterlab(folder) as address, browser() as found, window(found) as page:
        page.goto(address)
        lab = Lab(page)
        lab.open_clear("notebooks/12_choosing.ipynb")
        lab.cell("## Build a conversation").get_by_role("heading").click()
        lab.menu("Run", "Run Selected Cell and All Below")
        lab.wait_until_run("assert not server.running")
        yield Chat(lab)


@pytest.fixture
def chat(window_of_the_chat):
    """The chat with a new conversation, at temperature 0."""
    chat = window_of_the_chat
    chat.wait()  # for a reply of the test before
    chat.button("New conversation").click()
    expect(chat.lines).to_have_count(1)
    chat.field.fill("")
    chat.temperature.fill("0")
    return chat


def test_is_empty_and_ready_at_first(window_of_the_chat):
    """What the cells above have said to the model is not shown."""
    chat = window_of_the_chat
    expect(chat.lines).to_have_count(1)
    expect(chat.field).to_have_value("")
    expect(chat.log).to_have_attribute("aria-live", "polite")
    for name in ["Send", "Stop", "New conversation", "Save"]:
        expect(chat.button(name)).to_be_visible()
    expect(chat.temperature).to_be_visible()


def test_a_reply_grows(chat):
    """The question is there at once; then the reply gets longer and longer."""
    chat.ask(STORY)
    expect(chat.said("user")).to_contain_text(STORY)
    expect(chat.field).to_have_value("")
    reply = chat.said("assistant")
    lengths = set()
    for _ in range(60):
        lengths.add(len(reply.inner_text()) if reply.count() else 0)
        chat.page.wait_for_timeout(20)
    chat.wait()
    lengths.add(len(reply.inner_text()))
    assert len(lengths) > 5
    screenshot(chat.page, "chat")


def test_the_newest_line_is_in_sight(chat):
    for _ in range(3):
        chat.ask(STORY)
        chat.wait()
    expect(chat.lines.last).to_be_in_viewport()


def test_stop_is_seen_and_the_chat_goes_on(chat):
    chat.ask(STORY)
    expect(chat.said("assistant")).to_contain_text(re.compile(r"\w+ \w+"))
    chat.button("Stop").click()
    expect(chat.said("note").last).to_contain_text("Stopped.")
    expect(chat.field).to_be_focused()
    chat.ask("What is a token?")
    expect(chat.said("assistant")).to_have_count(2)


def test_new_conversation_forgets(chat):
    chat.ask("My name is Ada.")
    chat.wait()
    chat.button("New conversation").click()
    expect(chat.lines).to_have_count(1)
    expect(chat.lines).to_contain_text("helpful")


def test_temperature_changes_the_reply(chat):
    """At 0 the same story comes twice, and at 2 another one."""
    stories = []
    for temperature in ["0", "0", "2"]:
        chat.button("New conversation").click()
        chat.temperature.fill(temperature)
        chat.ask(STORY)
        chat.wait()
        stories.append(chat.said("assistant").inner_text())
    assert stories[0] == stories[1] != stories[2]


def test_keyboard_alone(chat):
    """Tab leads from the field to the buttons; letters are never taken for commands."""
    chat.field.focus()
    chat.page.keyboard.type("What is a token?")
    chat.page.keyboard.press("Enter")
    expect(chat.said("assistant")).to_contain_text(re.compile(r"\w+ \w+"))
    chat.wait()
    expect(chat.field).to_have_value("")
    expect(chat.field).to_be_focused()
    cells = chat.lab.lesson.locator(".jp-Cell").count()
    chat.page.keyboard.type("eddie")  # `dd` deletes a cell where letters are commands
    expect(chat.field).to_have_value("eddie")
    chat.page.keyboard.press("Tab")
    expect(chat.button("Send")).to_be_focused()
    chat.page.keyboard.press("Space")
    expect(chat.said("user")).to_have_count(2)
    expect(chat.field).to_be_focused()
    assert chat.lab.lesson.locator(".jp-Cell").count() == cells


def test_no_letter_is_lost_on_a_slow_computer(chat):
    """The whole question is sent, however long its letters take, and the field is empty again."""
    slow = chat.page.context.new_cdp_session(chat.page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 20})
    try:
        chat.field.focus()
        chat.page.keyboard.type("What is a token?")
        chat.page.keyboard.press("Enter")
        expect(chat.said("user")).to_contain_text("What is a token?")
    finally:
        slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    chat.wait()
    expect(chat.field).to_have_value("")


def test_a_second_question_waits_for_the_first_reply(chat):
    """Two quick sends: nothing is lost, and nothing is asked twice."""
    chat.ask(STORY)
    expect(chat.said("user")).to_have_count(1)
    chat.ask("What is a token?")
    expect(chat.field).to_have_value("What is a token?")
    chat.wait()
    expect(chat.said("user")).to_have_count(1)
    chat.field.press("Enter")
    expect(chat.said("user")).to_have_count(2)


def servers() -> list[psutil.Process]:
    """The servers that this test's JupyterLab has started, without their watchers."""
    return [
        process
        for process, command in commands(psutil.Process().children(recursive=True)).items()
        if re.search("llama-server|xllamacpp", command) and "watcher.py" not in command
    ]


def running(chat) -> list[psutil.Process]:
    """Return the servers of the chat after a first reply, which starts one where there is none."""
    chat.ask("What is a token?")
    chat.wait()
    found = servers()
    assert found
    return found


def kill(found: list[psutil.Process]) -> None:
    """End the servers, and wait until their watchers have ended too."""
    watchers = [server.parent() for server in found]
    for server in found:
        server.kill()
    assert gone(found + watchers, 15 * PATIENCE)


def test_a_dead_server_is_started_again(chat):
    kill(running(chat))
    chat.ask("What is a token?")
    expect(chat.said("note").last).to_contain_text("started again", timeout=60_000 * PATIENCE)
    expect(chat.said("assistant")).to_have_count(2, timeout=60_000 * PATIENCE)


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot suspend a server for a while")
def test_a_server_that_hangs_is_stopped_and_the_question_comes_back(chat):
    found = running(chat)
    for server in found:
        server.suspend()
    try:
        chat.ask(STORY)
        expect(chat.said("user").last).to_contain_text(STORY)
        chat.button("Stop").click()
        expect(chat.said("note").last).to_contain_text("No reply to")
        expect(chat.field).to_have_value(STORY)
    finally:
        for server in found:
            server.resume()
    chat.field.press("Enter")
    expect(chat.said("assistant")).to_have_count(2)


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot suspend a server for a while")
def test_what_was_begun_meanwhile_is_not_overwritten(chat):
    """The server ends while the next question is being written: the letters stay."""
    found = running(chat)
    for server in found:
        server.suspend()
    chat.ask(STORY)
    expect(chat.said("user").last).to_contain_text(STORY)
    chat.page.keyboard.type("What is a tok")
    kill(found)
    expect(chat.said("note").last).to_contain_text("No reply to")
    expect(chat.field).to_have_value("What is a tok")


def test_an_empty_question_asks_nothing(chat):
    chat.ask("   ")
    chat.page.wait_for_timeout(500)
    expect(chat.lines).to_have_count(1)


def test_twenty_turns_and_a_full_context(chat):
    """The oldest questions are forgotten, the page says so, and the chat goes on."""
    for turn in range(20):
        chat.ask(f"{turn}. " + 24 * "What is a token? ")
        expect(chat.field).to_have_value("", timeout=60_000 * PATIENCE)
        chat.wait()
    expect(chat.said("note").first).to_contain_text("oldest")
    expect(chat.said("user").last).to_contain_text("19.")
    expect(chat.lines.last).to_contain_text(re.compile(r"\w+ \w+"))


def test_what_was_written_stays_text(chat):
    chat.ask("Is <b>1</b> < 2 & 3 > 2?")
    expect(chat.said("user")).to_contain_text("<b>1</b> < 2 & 3 > 2?")
