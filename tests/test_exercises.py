"""Every grader takes the right answers, and refuses the empty cell and the wrong ones.

The answers are in `answers/`, a file a lesson: as learners write them, right ones in different
styles and wrong ones of many kinds.
"""

import asyncio
import linecache
import re
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import nbformat
import openai
import pytest
import requests
from conftest import is_lesson
from IPython.core.interactiveshell import InteractiveShell
from processes import WINE
from traitlets.config import Config

from helpers import exercises
from helpers.exercises import check, exercise, grade, hint
from helpers.graders import words

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
SOLUTIONS = sorted(filter(is_lesson, (NOTEBOOKS / "solutions").glob("*.ipynb")))
NAMES = [f"{path.name[:2]}.{number}" for path in SOLUTIONS for number in (1, 2, 3)]


@lru_cache
def cells(notebook: Path) -> list[tuple[str, str]]:
    """The kind and the source of each cell."""
    return [(c.cell_type, c.source) for c in nbformat.read(notebook, as_version=4).cells]


def numbered(title: str) -> str:
    """The number of an exercise, such as "03.1", by its heading: lessons may be renumbered."""
    prose = "\n".join(
        source for path in SOLUTIONS for kind, source in cells(path) if kind == "markdown"
    )
    found = re.findall(rf"(?m)^##+ (\d\d\.\d) {re.escape(title)}$", prose)
    assert len(set(found)) == 1, f"exercises with the heading {title!r}: {found}"
    return found[0]


# Exercises that tests below name, each by its heading: the numbers stand in the notebooks alone.
READY = "Is it ready?"
TEMPLATE = "A template of your own"
REQUEST = "A request"
SPEED = "How fast?"
CLIENT = "A client for the workshop"
WHAT_HAPPENED = "What happened?"
NOT_TOO_MANY = "Not too many at once"
DATE = "A date"
LETTER = "A letter is missing"
LENGTH = "How long must a text be?"
TAKE_BACK = "Take it back"
DECIDE = "Decide by measurement"


@pytest.fixture(autouse=True)
def numpy_loads(request):
    """Skip the lessons that count with numpy where it does not load."""
    if WINE and re.search(r"\b(?:09|10|11)[._]|letter|long must", request.node.name):
        pytest.skip("Wine lacks a function that numpy needs; Windows has it")


CHECK = re.compile(r'(?m)^check\("(\d\d\.\d)", (\w+)\)')


def answers(notebook: Path) -> dict:
    """Run the cells of a notebook in which exercises are answered; return the answers."""
    space: dict = {}
    sources = [source for kind, source in cells(notebook) if kind == "code"]
    checks = [CHECK.search(source) for source in sources]
    for source, called, following in zip(sources, checks, [*checks[1:], None], strict=True):
        first_of_solutions = notebook.parent.name == "solutions" and source is sources[0]
        if first_of_solutions or (following and not called):
            exec(source, space)
    return {called[1]: space[called[2]] for called in checks if called}


def right(name: str, answer) -> bool:
    return all(fine for fine, _ in grade(name, answer))


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_takes_the_solutions(path):
    if path.stem.startswith(("09", "10")):
        pytest.importorskip("llama_cpp", reason="the binding is not here")
    solved = answers(path)
    assert len(solved) == 3
    for name, answer in solved.items():
        assert right(name, answer), grade(name, answer)


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_refuses_the_empty_cells_of_the_lesson(path):
    empty = answers(NOTEBOOKS / path.name)
    assert len(empty) == 3
    for name, answer in empty.items():
        assert not right(name, answer)


# --- as learners write them ----------------------------------------------------------------------

ANSWERS = [import_module(f"answers.{path.stem}") for path in
           sorted(Path(__file__).parent.glob("answers/lesson_*.py"))]  # fmt: skip
RIGHT = [pytest.param(name, code, id=f"{name}-{number}") for lesson in ANSWERS
         for name, codes in lesson.RIGHT.items()
         for number, code in enumerate(codes, 1)]  # fmt: skip
WRONG = [pytest.param(name, code, message, id=f"{name}-{number}") for lesson in ANSWERS
         for name, codes in lesson.WRONG.items()
         for number, (code, message) in enumerate(codes, 1)]  # fmt: skip
NO_END = "had not ended"


@lru_cache
def frame(lesson: str) -> tuple[dict, dict[str, str]]:
    """What a lesson's answers share: the names that its first cell gives, and what is checked."""
    (solution,) = [path for path in SOLUTIONS if path.name.startswith(lesson)]
    first, *others = [source for kind, source in cells(solution) if kind == "code"]
    space: dict = {}
    exec(first, space)
    return space, dict(CHECK.findall("\n".join(others)))


def run_cell(code: str, names: dict) -> dict:
    """Run code as a cell of a notebook, whose lines an error can show; return all the names."""
    space, cell = {**names}, f"<cell {hash(code)}>"
    linecache.cache[cell] = len(code), None, code.splitlines(keepends=True), cell
    exec(compile(code, cell, "exec"), space)
    return space


def written(name: str, code: str):
    """Run a learner's cell as the notebook would; return what it hands to `check`."""
    names, checked = frame(name[:2])
    try:
        return run_cell(code, names)[checked[name]]
    except Exception as error:
        pytest.fail(f"The cell does not get as far as check: {error!r}\n{code}", pytrace=False)


def told(name: str, code: str, findings: list, why: str) -> str:
    """An answer and what was found, to be read where a test fails."""
    lines = [f"{'✓' if fine else '✗'} {finding}" for fine, finding in findings]
    return "\n".join([
        f"Exercise {name}: {why}", textwrap.indent(code.strip("\n"), "    "), "Its grader says:",
        textwrap.indent("\n".join(lines), "    "),
    ])  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_there_are_answers_to_every_exercise(name):
    right_ones = sum(len(lesson.RIGHT.get(name, [])) for lesson in ANSWERS)
    wrong_ones = sum(len(lesson.WRONG.get(name, [])) for lesson in ANSWERS)
    assert right_ones >= 6 and wrong_ones >= 10


def test_there_are_answers_to_exercises_only():
    assert {name for lesson in ANSWERS for name in [*lesson.RIGHT, *lesson.WRONG]} <= set(NAMES)


@pytest.mark.parametrize(("name", "code"), RIGHT)
def test_takes_a_right_answer_in_another_style(name, code):
    findings = grade(name, written(name, code))
    if not all(fine for fine, _ in findings):
        pytest.fail(told(name, code, findings, "a right answer is refused."), pytrace=False)


def hurry(monkeypatch, name: str, seconds: float):
    """Let a grader stop an answer that does not end after so many seconds."""
    exercises._load(name)
    grader, text, _ = exercises._GRADERS[name]
    monkeypatch.setitem(exercises._GRADERS, name, (grader, text, seconds))


@pytest.mark.parametrize(("name", "code", "message"), WRONG)
def test_refuses_a_wrong_answer_and_says_why(name, code, message, monkeypatch):
    if NO_END in message or message == "it was stopped":  # two seconds are enough to see that
        message = message.partition(" after ")[0]
        hurry(monkeypatch, name, 2)
    findings = grade(name, written(name, code))
    if all(fine for fine, _ in findings):
        pytest.fail(told(name, code, findings, "a wrong answer is taken."), pytrace=False)
    if not any(message in finding for fine, finding in findings if not fine):
        why = f"a wrong answer is not told {message!r}."
        pytest.fail(told(name, code, findings, why), pytrace=False)


# --- the cells of a lesson -----------------------------------------------------------------------

FIRST = "# NameError? Run the cell above first."  # shown in the error, beside the arrow


def check_cells() -> list:
    """The cells of the lessons in which a grader is called."""
    found = []
    for path in SOLUTIONS:
        sources = [source for kind, source in cells(NOTEBOOKS / path.name) if kind == "code"]
        found += [
            pytest.param(path.name, source, id=called[1])
            for source in sources
            if (called := CHECK.search(source))
        ]
    return found


@pytest.mark.parametrize(("lesson", "source"), check_cells())
def test_a_check_cell_runs_by_itself_and_says_what_it_needs(lesson, source, capsys):
    """Run alone, it lacks the answer only, and the error shows which cell to run."""
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    done = shell.run_cell(source)
    error, name = done.error_in_exec, CHECK.search(source)[2]
    assert isinstance(error, NameError) and error.name == name, f"{lesson}: {error!r}"
    assert FIRST in capsys.readouterr().out, f"{lesson}: write {FIRST} after the call of check"


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_the_cell_of_an_answer_stands_right_before_its_check(path):
    sources = [source for kind, source in cells(NOTEBOOKS / path.name) if kind == "code"]
    for before, source in zip(sources, sources[1:], strict=False):
        if called := CHECK.search(source):
            assert re.search(rf"(?m)^(?:(?:async )?def|class)? ?{called[2]}\b", before), called[0]


# --- answers of other kinds ----------------------------------------------------------------------


def verdict_that_says(word):
    def verdict(ask):
        try:
            return ask()
        except openai.BadRequestError:
            return "wrong"
        except openai.InternalServerError:
            return "busy"
        except openai.APITimeoutError:
            return "late"
        except openai.APIConnectionError:
            return "nobody"
        except Exception:
            return word

    return verdict


async def as_they_come(ask, questions, at_most):
    answers, places = [], asyncio.Semaphore(at_most)

    async def one(question):
        async with places:
            answers.append(await ask(question))

    await asyncio.gather(*[one(question) for question in questions])
    return answers


async def two_at_once(ask, questions, at_most):
    places = asyncio.Semaphore(2)

    async def one(question):
        async with places:
            return await ask(question)

    return await asyncio.gather(*[one(question) for question in questions])


def ready_if_anybody_answers(url):
    try:
        return requests.get(f"{url}/health", timeout=5).status_code != 404
    except requests.RequestException:
        return False


A_DATE = 'root ::= [0-9]{{4}} "-" {} "-" {}'
A_MONTH, A_DAY = '("0" [1-9] | "1" [0-2])', '("0" [1-9] | [12] [0-9] | "3" [01])'

NEARLY = [
    (READY, ready_if_anybody_answers),
    (TEMPLATE, "USER: Hi\nBOT: Hello\nUSER: Bye\nBOT:"),
    (CLIENT, openai.AsyncOpenAI(
        base_url="http://127.0.0.1:9931/v1", api_key="x", timeout=30, max_retries=0)),
    (CLIENT, openai.OpenAI(
        base_url="https://127.0.0.1:9931/v1", api_key="x", timeout=30, max_retries=0)),
    (WHAT_HAPPENED, verdict_that_says("nobody")), (WHAT_HAPPENED, verdict_that_says(None)),
    (NOT_TOO_MANY, as_they_come), (NOT_TOO_MANY, two_at_once),
    (DATE, 'root ::= [0-9]{4,3} "-"'),  # llama.cpp would not come to an end
    (DATE, A_DATE.format(A_MONTH, '("0" [1-9] | [12] [0-9] | "30")')),
    (DATE, A_DATE.format('("0" [1-9] | "1" [01])', A_DAY)),
    (LENGTH, lambda share, z: int((z / (2 * (share - 0.5))) ** 2)),  # rounded down
    (TAKE_BACK, lambda messages: messages[:3] if len(messages) > 3 else messages[:1]),
    (DECIDE, lambda measured, wait: [way for way in measured if measured[way][0] <= wait][-1]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "answer"),
    [pytest.param(title, answer, id=f"{title}-{i}") for i, (title, answer) in enumerate(NEARLY)],
)
def test_refuses_what_is_nearly_right(title, answer):
    assert sum(not fine for fine, _ in grade(numbered(title), answer)) in {1, 2, 3}


def test_refuses_a_day_or_a_month_that_does_not_exist():
    assert not right(numbered(DATE), A_DATE.format(A_MONTH, "[0-2] [0-9]"))
    assert not right(numbered(DATE), A_DATE.format("[01] [0-2]", A_DAY))
    assert right(numbered(DATE), A_DATE.format(A_MONTH, A_DAY))


def test_asks_cria_for_dates_whatever_model_and_server_the_learner_has(monkeypatch):
    monkeypatch.setenv("LLM_MODEL", "no-such-model.gguf")
    monkeypatch.setenv("LLM_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("LLAMA_API_KEY", "open-sesame")
    assert right(numbered(DATE), A_DATE.format(A_MONTH, A_DAY))


def test_takes_a_seed_for_the_same_reply_but_not_a_random_one():
    asked = [{"role": "user", "content": "what is gguf?"}]
    assert right(numbered(REQUEST), {"model": "m", "messages": asked, "max_tokens": 20, "seed": 1})
    assert not right(
        numbered(REQUEST), {"model": "m", "messages": asked, "max_tokens": 20, "seed": -1}
    )


def test_takes_another_name_of_this_computer():
    fields = {"api_key": "no-key", "timeout": 30, "max_retries": 0}
    assert right(numbered(CLIENT), openai.OpenAI(base_url="http://localhost:9931/v1", **fields))


NONSENSE = [None, ..., 7, "text", [], {}, lambda: 1 / 0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda value: type(value).__name__)
def test_never_raises(name, nonsense):
    assert not right(name, nonsense)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("nonsense", [7, "text", [], {}], ids=lambda value: type(value).__name__)
def test_says_which_kind_of_answer_is_expected(name, nonsense):
    for fine, finding in grade(name, nonsense):
        assert fine or not re.search(r"be tried: (?:Type|Attribute)Error: ", finding), finding


@exercise("99.3", "It is a function.")
def _measured(answer: Callable[[], str]):
    yield answer.__name__ != "", "it has a name"


@exercise("99.4", "It is a list or nothing.")
def _either(answer: list | None):
    yield len(answer) == 0, "it is empty"


def test_names_the_kind_that_an_exercise_expects():
    why = "a function is expected; this is [1, 2]"
    assert grade("99.3", [1, 2]) == [(False, why)]
    assert grade("99.4", 7)[0][1].startswith("it could not be tried: TypeError: object of type")


def test_says_in_which_line_an_answer_fails():
    code = "def answer():\n    numbers = []\n    return numbers[0]\n"
    answer = run_cell(code, {})["answer"]
    why = "IndexError: list index out of range (line 3 of the cell: return numbers[0])"
    assert grade("99.1", answer)[-1] == (False, f"it could not be tried: {why}")


def test_says_what_came_of_a_call():
    assert words.tried(len, "abc") == (3, "returned 3")
    assert words.tried(print) == (None, "returned None (is there a `return`?)")
    assert words.tried(len, 7)[1] == "raised TypeError: object of type 'int' has no len()"
    assert words.tried(str.upper, "a" * 500)[1] == f"returned '{'A' * 199}…"


def test_says_what_may_help_only_where_an_answer_is_wrong():
    came = "returned None (is there a `return`?)"
    assert words.finding(True, came, None) == (True, "returned None")
    assert words.finding(False, came, 3) == (False, f"{came}, expected 3")


def test_ends_after_three_faults():
    @words.first_faults
    def grader(answer):
        yield from [(True, "a"), (False, "b"), (False, "c"), (False, "d"), (True, "e")]

    assert "".join(finding for _, finding in grader(7)) == "abcd"


# --- answers that do not end ---------------------------------------------------------------------


def runs_in_circles():
    while True:
        pass


def asks_again_and_again():
    while True:
        time.sleep(0.01)


def goes_on_and_on():
    while True:
        yield 1


@exercise("99.1", "It calls your function.", seconds=0.3)
def _called(function):
    yield True, "it is there"
    yield list(function() or []) == [1], "it ends"


@pytest.mark.parametrize("endless", [runs_in_circles, asks_again_and_again, goes_on_and_on])
def test_stops_an_answer_that_does_not_end(endless):
    before = threading.active_count()
    why = "it was stopped: it had not ended after 0.3 s"
    assert grade("99.1", endless) == [(True, "it is there"), (False, why)]
    assert threading.active_count() <= before


def test_leaves_an_answer_behind_that_cannot_be_stopped(monkeypatch):
    goes_on = threading.Event()

    def catches_everything():
        while not goes_on.is_set():
            try:
                goes_on.wait(0.01)
            except BaseException as error:
                print(error)

    monkeypatch.setattr(exercises, "PATIENCE", 0.05)
    assert grade("99.1", catches_everything)[-1][1].endswith("restart the kernel")
    goes_on.set()


def test_stops_an_answer_that_takes_the_memory(monkeypatch):
    def grows():
        kept = []
        while True:
            kept.append(bytearray(b"x" * 100_000))

    monkeypatch.setattr(exercises, "MEMORY", 1e8)
    assert grade("99.2", grows)[-1] == (False, "it was stopped: it took more than 0.1 GB of memory")


@exercise("99.2", "It calls your function.", seconds=60)
def _grown(function):
    yield function() is None, "it ends"


def test_stops_the_answer_to_a_real_exercise_and_its_servers(monkeypatch):
    name = numbered(READY)
    hurry(monkeypatch, name, 1)

    def waits_until_it_is_ready(url):
        while True:
            try:
                if requests.get(f"{url}/health", timeout=5).status_code == 200:
                    return True
            except requests.ConnectionError:
                time.sleep(0.01)

    before = threading.active_count()
    assert grade(name, waits_until_it_is_ready)[-1][1].endswith("it had not ended after 1 s")
    deadline = time.monotonic() + 30
    while threading.active_count() > before:
        assert time.monotonic() < deadline, "a server of the exercise goes on"
        time.sleep(0.05)


def test_does_not_wait_for_an_answer_that_sleeps_for_ever():
    async def nobody_wakes_it(ask, questions, at_most):
        await asyncio.Event().wait()

    fine, why = grade(numbered(NOT_TOO_MANY), nobody_wakes_it)[-1]
    assert not fine and why.endswith("was not ready after 5 s: is every ticket given back?")


def test_takes_no_program_that_ends_itself_for_a_right_answer():
    assert grade("99.1", sys.exit)[-1] == (False, "it could not be tried: SystemExit: ")


def test_says_what_is_right_and_what_is_missing(capsys):
    name = numbered(SPEED)
    check(name, lambda arrivals: (arrivals[0], 4.0))
    *lines, last = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("✓ 0.5 s") and lines[1].startswith("✗ 10 tokens a second")
    assert last == f'Not yet. If you are stuck: hint("{name}")'
    check(name, ...)
    assert "three dots" in capsys.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_has_a_hint(name, capsys):
    hint(name)
    assert len(capsys.readouterr().out) > 20


def test_says_so_if_there_is_no_such_exercise(capsys):
    hint("09.9")
    assert "no exercise 09.9" in capsys.readouterr().out
    check("nonsense", 1)
    assert "no exercise nonsense" in capsys.readouterr().out


def test_a_processor_that_raises_is_told():
    """The package itself would drop it, and the reply would look like one without a processor."""
    pytest.importorskip("llama_cpp", reason="the binding is not here")
    found = grade(numbered(LETTER), lambda llm, letter: lambda tokens, logits: 1 / 0)
    assert any("ZeroDivisionError" in words and not fine for fine, words in found)
