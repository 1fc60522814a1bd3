"""How a class gets on with the class server, and how with a bare llama-server of the same size.

Learners ask as the lessons do: over plain HTTP, in streams, with the official client, and with
pauses, each until the time is over. At the end one of them sends many questions at once.
"""

import contextlib
import itertools
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import requests
from limits import Limits
from openai import OpenAI

from classroom import keys
from classroom.size import size
from helpers import LlamaServer, model
from helpers.network import free_port, is_open

ROOT = Path(__file__).resolve().parents[2]
PAUSE, TOKENS = 0.5, 40  # PAUSE: seconds at most, a tenth of what people take
TEXT = (b'"content":"', b'"reasoning_content":"')


@dataclass
class Result:
    """What the learners have noted."""

    first: list[float] = field(default_factory=list)
    tokens: int = 0
    failed: int = 0
    seconds: float = 0

    def row(self) -> dict:
        """Return it as numbers: seconds to the first token, and tokens a second."""
        first = sorted(self.first) or [float("nan")]
        return {
            "p50": statistics.median(first), "p95": first[int(0.95 * (len(first) - 1) + 0.5)],
            "tokens_per_second": self.tokens / self.seconds, "failed": self.failed,
        }  # fmt: skip


def body(name: str) -> dict:
    """Return a learner's question; its reply always has the same length."""
    messages = [{"role": "user", "content": f"I am {name}. Tell me a story."}]
    return {"messages": messages, "max_tokens": TOKENS, "ignore_eos": True}


def whole(url: str, person: keys.Person, result: Result) -> None:
    """Ask over plain HTTP."""
    answer = post(url, person)
    result.tokens += answer.json()["usage"]["completion_tokens"]


def streamed(url: str, person: keys.Person, result: Result) -> None:
    """Ask for a stream, and note when its first token comes."""
    begin, count = time.perf_counter(), 0
    with post(url, person, stream=True) as answer:
        for line in answer.iter_lines(chunk_size=1):
            if any(mark in line for mark in TEXT):
                count += 1
                if count == 1:
                    result.first.append(time.perf_counter() - begin)
            elif b'"error"' in line:
                raise ValueError(line)
    result.tokens += count


def official(url: str, person: keys.Person, result: Result) -> None:
    """Ask with the official client."""
    client = OpenAI(base_url=f"{url}/v1", api_key=person.key, timeout=600)
    asked = body(person.name)
    extra = {"ignore_eos": asked.pop("ignore_eos")}
    answer = client.chat.completions.create(model="cria", **asked, extra_body=extra)
    result.tokens += answer.usage.completion_tokens


def post(url: str, person: keys.Person, stream: bool = False) -> requests.Response:
    """Send a question and return the answer."""
    answer = requests.post(
        f"{url}/v1/chat/completions",
        json=body(person.name) | {"stream": stream},
        headers={"Authorization": f"Bearer {person.key}"},
        stream=stream,
        timeout=600,
    )
    answer.raise_for_status()
    return answer


WAYS = [streamed, whole, official]  # the first is asked in any case


def taught(
    url: str, people: list[keys.Person], seconds: float, ways: list[Callable] = WAYS
) -> Result:
    """Return what a class has noted that asks for so long."""
    result, begin = Result(), time.perf_counter()

    def learner(person: keys.Person, ways: Iterator[Callable]) -> None:
        while time.perf_counter() - begin < seconds:
            time.sleep(random.uniform(0, PAUSE))
            try:
                next(ways)(url, person, result)
            except Exception as error:  # whatever it is, it is counted and shown
                result.failed += 1
                print("   ", str(error)[:150])

    together(lambda person: learner(person, itertools.cycle(ways)), people)
    result.seconds = time.perf_counter() - begin
    return result


def together(work: Callable[[object], None], things: list) -> None:
    """Do this for all of them at the same time."""
    threads = [threading.Thread(target=work, args=[thing]) for thing in things]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def memory(process: psutil.Process) -> dict[str, float]:
    """Return the millions of bytes of each program that this one has started, and its own."""
    family = {"gateway": [process], "llama-server": process.children(recursive=True)}
    return {
        name: sum(one.memory_info().rss for one in processes) / 1e6
        for name, processes in family.items()
    }


@contextlib.contextmanager
def class_server(file: Path, learners: int) -> Iterator[tuple[str, psutil.Process]]:
    """Start the class server with the command that a teacher types."""
    port = free_port()
    command = [sys.executable, "-m", "classroom", "--keys", file, "--here", "--port", str(port)]
    gateway = subprocess.Popen(
        [*command, "--learners", str(learners)], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        while not is_open(port):
            if gateway.poll() is not None:
                raise RuntimeError("The class server has ended; its message stands above.")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", psutil.Process(gateway.pid)
    finally:
        gateway.terminate()
        gateway.wait()


def classes(limits: Limits) -> dict:
    """Return a row for each size of a class, and what a crowd does to the others."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        file, most = Path(folder) / "keys.txt", max(limits.classes)
        people = keys.add(file, [f"Learner {n}" for n in range(1, max(4, most) + 1)])
        planned = size(model(), most, psutil.virtual_memory().available)
        with (
            LlamaServer(options=planned.options, own=True) as bare,
            class_server(file, most) as (url, process),
        ):
            for number in limits.classes:
                plain, ours = (  # in turns, so that whatever else the computer does meets both
                    taught(where, people[:number], limits.class_seconds).row()
                    for where in [bare.url, url]
                )
                speeds = [row["tokens_per_second"] for row in (ours, plain)]
                rows.append({
                    "learners": number, "bare": plain, "class server": ours,
                    "ratio": speeds[0] / speeds[1], "memory": memory(process),
                })  # fmt: skip
            return {"slots": planned.slots, "classes": rows, "crowd": crowd(limits, url, people)}


def crowd(limits: Limits, url: str, people: list[keys.Person]) -> dict:
    """Return how long three learners wait for a first token, alone and beside a crowd of one."""
    three, statuses = people[1:4], []
    alone = taught(url, three, limits.class_seconds, [streamed]).row()

    def ask(_: int) -> None:
        sent = {"Authorization": f"Bearer {people[0].key}"}
        where, asked = f"{url}/v1/chat/completions", body(people[0].name)
        statuses.append(requests.post(where, json=asked, headers=sent, timeout=600).status_code)

    flood = threading.Thread(target=together, args=[ask, list(range(limits.crowd))])
    flood.start()
    time.sleep(0.2)
    beside = taught(url, three, limits.class_seconds, [streamed]).row()
    flood.join()
    return {
        "questions": limits.crowd, "answered": statuses.count(200), "later": statuses.count(429),
        "alone": alone["p50"], "beside": beside["p50"], "ratio": beside["p50"] / alone["p50"],
    }  # fmt: skip
