"""Every grader takes the right answers, and refuses the empty cell and the wrong ones.

The answers are in `answers/`, a file a lesson: as learners write them, right ones in different
styles and wrong ones of many kinds.
"""

import asyncio
import re
import sys
import threading
import time
from importlib import import_module
from pathlib import Path

import nbformat
import openai
import pytest
import requests
from processes import WINE

from helpers import exercises
from helpers.exercises import check, exercise, grade, hint

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
SOLUTIONS = sorted((NOTEBOOKS / "solutions").glob("*.ipynb"))
NAMES = [f"{path.name[:2]}.{number}" for path in SOLUTIONS for number in (1, 2, 3)]


@pytest.fixture(autouse=True)
def numpy_loads(request):
    """Skip lesson 09, which counts with numpy, where it does not load."""
    if WINE and ("09" in request.node.name or "10" in request.node.name):
        pytest.skip("Wine lacks a function that numpy needs; Windows has it")


def answers(notebook: Path) -> dict:
    """Run the cells of a notebook in which exercises are answered; return the answers."""
    space: dict = {}
    cells = nbformat.read(notebook, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    checks = [re.search(r'^check\("(\d\d\.\d)", (\w+)\)', source, re.M) for source in sources]
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


ANSWERS = [import_module(f"answers.{path.stem}") for path in
           sorted(Path(__file__).parent.glob("answers/lesson_*.py"))]  # fmt: skip
RIGHT = [(name, code) for lesson in ANSWERS for name, codes in lesson.RIGHT.items()
         for code in codes]  # fmt: skip
WRONG = [(name, code, message) for lesson in ANSWERS for name, codes in lesson.WRONG.items()
         for code, message in codes]  # fmt: skip


def written(name: str, code: str):
    """Run a learner's cell as the notebook would; return what it hands to `check`."""
    (solution,) = [path for path in SOLUTIONS if path.name.startswith(name[:2])]
    cells = nbformat.read(solution, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    space: dict = {}
    exec(sources[0], space)
    exec(code, space)
    called = next(filter(None, (re.search(rf'check\("{name}", (\w+)\)', one) for one in sources)))
    return space[called[1]]


def test_there_are_answers_to_every_exercise():
    for name in NAMES:
        assert sum(name == one for one, _ in RIGHT) >= 6, f"right answers to {name}"
        assert sum(name == one for one, *_ in WRONG) >= 10, f"wrong answers to {name}"


@pytest.mark.parametrize(("name", "code"), RIGHT)
def test_takes_a_right_answer_in_another_style(name, code):
    findings = grade(name, written(name, code))
    assert all(fine for fine, _ in findings), f"{code}\n{findings}"


@pytest.mark.parametrize(("name", "code", "message"), WRONG)
def test_refuses_a_wrong_answer_and_says_why(name, code, message):
    refused = [finding for fine, finding in grade(name, written(name, code)) if not fine]
    assert refused, code
    assert any(message in finding for finding in refused), f"{code}\n{refused}"


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


async def waits_for_ever(ask, questions, at_most):
    await asyncio.Event().wait()


A_DATE = 'root ::= [0-9]{{4}} "-" {} "-" {}'
A_MONTH, A_DAY = '("0" [1-9] | "1" [0-2])', '("0" [1-9] | [12] [0-9] | "3" [01])'

NEARLY = [
    ("01.2", ready_if_anybody_answers),
    ("01.3", "USER: Hi\nBOT: Hello\nUSER: Bye\nBOT:"),
    ("06.1", openai.AsyncOpenAI(
        base_url="http://127.0.0.1:9931/v1", api_key="x", timeout=30, max_retries=0)),
    ("06.1", openai.OpenAI(
        base_url="https://127.0.0.1:9931/v1", api_key="x", timeout=30, max_retries=0)),
    ("06.2", verdict_that_says("nobody")), ("06.2", verdict_that_says(None)),
    ("06.3", as_they_come), ("06.3", two_at_once), ("06.3", waits_for_ever),
    ("07.2", 'root ::= [0-9]{4,3} "-"'),  # llama.cpp would not come to an end
    ("07.2", A_DATE.format(A_MONTH, '("0" [1-9] | [12] [0-9] | "30")')),
    ("07.2", A_DATE.format('("0" [1-9] | "1" [01])', A_DAY)),
    ("09.3", lambda share, z: int((z / (2 * (share - 0.5))) ** 2)),  # rounded down
    ("12.2", lambda messages: messages[:3] if len(messages) > 3 else messages[:1]),
    ("12.3", lambda measured, wait: [way for way in measured if measured[way][0] <= wait][-1]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer"), NEARLY)
def test_refuses_what_is_nearly_right(name, answer):
    assert sum(not fine for fine, _ in grade(name, answer)) in {1, 2, 3}


def test_refuses_a_day_or_a_month_that_does_not_exist():
    assert not right("07.2", A_DATE.format(A_MONTH, "[0-2] [0-9]"))
    assert not right("07.2", A_DATE.format("[01] [0-2]", A_DAY))
    assert right("07.2", A_DATE.format(A_MONTH, A_DAY))


def test_asks_cria_for_dates_whatever_model_and_server_the_learner_has(monkeypatch):
    monkeypatch.setenv("LLM_MODEL", "no-such-model.gguf")
    monkeypatch.setenv("LLM_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("LLAMA_API_KEY", "open-sesame")
    assert right("07.2", A_DATE.format(A_MONTH, A_DAY))


def test_takes_a_seed_for_the_same_reply_but_not_a_random_one():
    asked = [{"role": "user", "content": "what is gguf?"}]
    assert right("03.1", {"model": "m", "messages": asked, "max_tokens": 20, "seed": 1})
    assert not right("03.1", {"model": "m", "messages": asked, "max_tokens": 20, "seed": -1})


def test_takes_another_name_of_this_computer():
    fields = {"api_key": "no-key", "timeout": 30, "max_retries": 0}
    assert right("06.1", openai.OpenAI(base_url="http://localhost:9931/v1", **fields))


NONSENSE = [None, ..., 7, "text", [], {}, lambda: 1 / 0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda value: type(value).__name__)
def test_never_raises(name, nonsense):
    assert not right(name, nonsense)


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
    assert threading.active_count() == before


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
    exercises._load("01.2")
    grader, text, _ = exercises._GRADERS["01.2"]
    monkeypatch.setitem(exercises._GRADERS, "01.2", (grader, text, 1))

    def waits_until_it_is_ready(url):
        while True:
            try:
                if requests.get(f"{url}/health", timeout=5).status_code == 200:
                    return True
            except requests.ConnectionError:
                time.sleep(0.01)

    assert grade("01.2", waits_until_it_is_ready)[-1][1].endswith("it had not ended after 1 s")


def test_does_not_wait_for_an_answer_that_sleeps_for_ever():
    async def nobody_wakes_it(ask, questions, at_most):
        await asyncio.Event().wait()

    assert grade("06.3", nobody_wakes_it)[-1] == (False, "ready within 5 s, with at_most=3")


def test_takes_no_program_that_ends_itself_for_a_right_answer():
    assert grade("99.1", sys.exit)[-1] == (False, "it could not be tried: SystemExit: ")


def test_says_what_is_right_and_what_is_missing(capsys):
    check("05.3", lambda arrivals: (arrivals[0], 4.0))
    *lines, last = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("✓ 0.5 s") and lines[1].startswith("✗ 10 tokens a second")
    assert last == 'Not yet. If you are stuck: hint("05.3")'
    check("05.3", ...)
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
    found = grade("09.2", lambda llm, letter: lambda tokens, logits: 1 / 0)
    assert any("ZeroDivisionError" in words and not fine for fine, words in found)
