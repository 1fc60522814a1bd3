"""Answers to the exercises of lesson 06: The OpenAI SDK."""

CLIENT = 'workshop = OpenAI(base_url="http://127.0.0.1:9931/v1", api_key="none"'

VERDICT = """
def verdict(ask_it):
    try:
        {call}
    except {}:
        return {}
    except {}:
        return {}
    except {}:
        return {}
    except {}:
        return {}
"""
IN_ORDER = [
    "openai.BadRequestError", '"wrong"', "openai.InternalServerError", '"busy"',
    "openai.APITimeoutError", '"late"', "openai.APIConnectionError", '"nobody"',
]  # fmt: skip
TIME_OUT_LAST = [*IN_ORDER[:4], *IN_ORDER[6:], *IN_ORDER[4:6]]


def verdict(*names: str, call: str = "return ask_it()") -> str:
    """Return the code of a function with four `except` lines."""
    return VERDICT.format(*(names or IN_ORDER), call=call)


BY_STATUS = """
def verdict(ask_it):
    try:
        return ask_it()
    except openai.APITimeoutError:
        return "late"
    except openai.APIConnectionError:
        return "nobody"
    except openai.APIStatusError as error:
        if error.status_code == 400:
            return "wrong"
        if error.status_code {busy}:
            return "busy"
        {otherwise}
"""

SEMAPHORE = """
async def ask_all(ask, questions, at_most):
    places = asyncio.Semaphore({places})

    async def one(question):
        async with places:
            {one}

    {end}
"""


def semaphore(
    places: str = "at_most",
    one: str = "return await ask(question)",
    end: str = "return await asyncio.gather(*[one(question) for question in questions])",
) -> str:
    """Return the code of a coroutine function with a semaphore."""
    return SEMAPHORE.format(places=places, one=one, end=end)


RIGHT = {
    "06.1": [
        CLIENT + ", timeout=30, max_retries=0)",
        CLIENT + ").copy(timeout=30, max_retries=0)",
        CLIENT + ")\nworkshop.timeout, workshop.max_retries = 30, 0",
        CLIENT + ").with_options(timeout=30.0, max_retries=0)",
        'workshop = OpenAI(base_url="http://localhost:9931/v1/", api_key="no-key",'
        " timeout=30, max_retries=0)",
        'from openai import OpenAI\n\nport = 9931\nworkshop = OpenAI(base_url=f"http://127.0.0.1:'
        '{port}/v1", api_key="x", timeout=30, max_retries=0)',
        "import httpx2\nworkshop = " + CLIENT[11:] + ", timeout=httpx2.Timeout(30), max_retries=0)",
        "import httpx2\nworkshop = "
        + CLIENT[11:]
        + ", timeout=httpx2.Timeout(30, connect=5), max_retries=0)",
        'import os\nos.environ["OPENAI_API_KEY"] = "none"\ntry:\n    workshop = OpenAI(base_url='
        '"http://127.0.0.1:9931/v1", timeout=30, max_retries=0)\n'
        'finally:\n    del os.environ["OPENAI_API_KEY"]',
        'workshop = OpenAI(api_key=lambda: "none", base_url="http://127.0.0.1:9931/v1",'
        " timeout=30, max_retries=0)",
        'workshop = OpenAI(base_url="http://[::1]:9931/v1", api_key="x",'
        " timeout=30, max_retries=0)",
    ],
    "06.2": [
        verdict(),
        BY_STATUS.format(busy=">= 500", otherwise="raise"),
        BY_STATUS.format(busy=">= 500", otherwise="raise error"),
        verdict(*IN_ORDER[4:], *IN_ORDER[:4]),
        verdict(call="reply = ask_it()") + "    return reply\n",
        verdict(call="reply = ask_it()") + "    else:\n        return reply\n",
        """
from openai import APIConnectionError, APITimeoutError, BadRequestError, InternalServerError

WORDS = {
    BadRequestError: "wrong",
    InternalServerError: "busy",
    APITimeoutError: "late",
    APIConnectionError: "nobody",
}


def verdict(ask_it):
    try:
        return ask_it()
    except tuple(WORDS) as error:
        return next(word for kind, word in WORDS.items() if isinstance(error, kind))
""",
        """
def verdict(ask_it):
    try:
        return ask_it()
    except Exception as error:
        if isinstance(error, openai.APITimeoutError):
            return "late"
        elif isinstance(error, openai.APIConnectionError):
            return "nobody"
        elif isinstance(error, openai.BadRequestError):
            return "wrong"
        elif isinstance(error, openai.InternalServerError):
            return "busy"
        raise
""",
        """
def verdict(ask_it):
    try:
        return ask_it()
    except openai.APIConnectionError as error:
        return "late" if isinstance(error, openai.APITimeoutError) else "nobody"
    except (openai.BadRequestError, openai.InternalServerError) as error:
        return "wrong" if error.status_code == 400 else "busy"
""",
        """
def verdict(ask_it):
    try:
        return ask_it()
    except openai.APIError as error:
        match error:
            case openai.BadRequestError():
                return "wrong"
            case openai.InternalServerError():
                return "busy"
            case openai.APITimeoutError():
                return "late"
            case openai.APIConnectionError():
                return "nobody"
            case _:
                raise
""",
    ],
    "06.3": [
        semaphore(),
        semaphore(end="return list(await asyncio.gather(*map(one, questions)))"),
        """
async def ask_all(ask, questions, at_most):
    waiting, answers = iter(enumerate(questions)), {}

    async def worker():
        for place, question in waiting:
            answers[place] = await ask(question)

    await asyncio.gather(*(worker() for _ in range(at_most)))
    return [answers[place] for place in range(len(questions))]
""",
        """
async def ask_all(ask, questions, at_most):
    places, tasks = asyncio.Semaphore(at_most), []
    for question in questions:
        await places.acquire()
        task = asyncio.create_task(ask(question))
        task.add_done_callback(lambda _: places.release())
        tasks.append(task)
    return [await task for task in tasks]
""",
        semaphore(
            end="tasks = [asyncio.create_task(one(question)) for question in questions]\n"
            "    return [await task for task in tasks]"
        ),
        semaphore(
            end="async with asyncio.TaskGroup() as group:\n"
            "        tasks = [group.create_task(one(question)) for question in questions]\n"
            "    return [task.result() for task in tasks]"
        ),
        semaphore(one="answer = await ask(question)\n            return answer"),
        """
async def ask_all(ask, questions, at_most):
    answers = [None] * len(questions)
    waiting = list(enumerate(questions))

    async def worker():
        while waiting:
            place, question = waiting.pop(0)
            answers[place] = await ask(question)

    await asyncio.gather(*[worker() for _ in range(at_most)])
    return answers
""",
        """
async def ask_all(ask, questions, at_most):
    answers, under_way = {}, set()
    for place, question in enumerate(questions):
        if len(under_way) == at_most:
            _, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)

        async def one(place=place, question=question):
            answers[place] = await ask(question)

        under_way.add(asyncio.create_task(one()))
    if under_way:
        await asyncio.wait(under_way)
    return [answers[place] for place in sorted(answers)]
""",
        """
async def ask_all(ask, questions, at_most):
    places = asyncio.Semaphore(at_most)

    async def one(question):
        await places.acquire()
        try:
            return await ask(question)
        finally:
            places.release()

    return await asyncio.gather(*(one(question) for question in questions))
""",
        """
async def ask_all(ask, questions, at_most):
    queue = asyncio.Queue()
    for item in enumerate(questions):
        queue.put_nowait(item)
    answers = {}

    async def worker():
        while not queue.empty():
            place, question = queue.get_nowait()
            answers[place] = await ask(question)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(at_most, len(questions))):
            group.create_task(worker())
    return [answers[place] for place in range(len(questions))]
""",
        """
async def ask_all(ask, questions, at_most):
    working = 0

    async def one(question):
        nonlocal working
        while working >= at_most:
            await asyncio.sleep(0.01)
        working += 1
        answer = await ask(question)
        working -= 1
        return answer

    return await asyncio.gather(*[one(question) for question in questions])
""",
        """
def ask_all(ask, questions, at_most):
    places = asyncio.Semaphore(at_most)

    async def one(question):
        async with places:
            return await ask(question)

    return asyncio.gather(*[one(question) for question in questions])
""",
    ],
}

WRONG = {
    "06.1": [
        (CLIENT + ", timeout=30, max_retries=0).chat.completions",
         "an OpenAI client (yours: Completions)"),
        ("workshop = lambda: " + CLIENT[11:] + ", timeout=30, max_retries=0)",
         "an OpenAI client (yours: function)"),
        (CLIENT.replace(":9931", "") + ", timeout=30, max_retries=0)", "port 9931 (yours: None)"),
        (CLIENT.replace("127.0.0.1", "0.0.0.0") + ", timeout=30, max_retries=0)",
         "this computer, over http (yours: http://0.0.0.0:9931/v1/)"),
        (CLIENT.replace("/v1", "/v1/v1") + ", timeout=30, max_retries=0)",
         "the path /v1 (yours: /v1/v1/)"),
        ("workshop = OpenAI", "the class OpenAI: call it"),
        ('workshop = "http://127.0.0.1:9931/v1"', "an OpenAI client (yours: str)"),
        ("from openai import AsyncOpenAI\nworkshop = Async" + CLIENT[11:] + ", timeout=30,"
         " max_retries=0)", "an OpenAI client (yours: AsyncOpenAI)"),
        ("workshop = dict(base_url='http://127.0.0.1:9931/v1')", "an OpenAI client (yours: dict)"),
        (CLIENT + ", timeout=30)", "no retries (yours: 2)"),
        (CLIENT + ", timeout=30, max_retries=1)", "no retries (yours: 1)"),
        (CLIENT + ", max_retries=0)", "30 seconds for an answer (yours: 600"),
        (CLIENT + ", timeout=None, max_retries=0)", "30 seconds for an answer (yours: None)"),
        (CLIENT + ", timeout=30_000, max_retries=0)", "30 seconds for an answer (yours: 30000)"),
        (CLIENT + ', timeout="30", max_retries=0)', "30 seconds for an answer (yours: '30')"),
        ("import httpx2\n" + CLIENT + ", timeout=httpx2.Timeout(60, connect=30), max_retries=0)",
         "30 seconds for an answer (yours: 60)"),
        ('workshop = OpenAI(base_url="http://127.0.0.1:9931", api_key="x", timeout=30,'
         " max_retries=0)", "the path /v1 (yours: /)"),
        ('workshop = OpenAI(base_url="http://127.0.0.1:9931/v1/chat/completions", api_key="x",'
         " timeout=30, max_retries=0)", "the path /v1 (yours: /v1/chat/completions/)"),
        ('workshop = OpenAI(base_url="http://127.0.0.1:9913/v1", api_key="x", timeout=30,'
         " max_retries=0)", "port 9931 (yours: 9913)"),
        ('workshop = OpenAI(base_url="127.0.0.1:9931/v1", api_key="x", timeout=30,'
         " max_retries=0)", "this computer, over http (yours: 127.0.0.1:9931/v1/)"),
        ('workshop = OpenAI(base_url="https://localhost:9931/v1", api_key="x", timeout=30,'
         " max_retries=0)", "this computer, over http (yours: https://localhost:9931/v1/)"),
        ('workshop = OpenAI(api_key="x", timeout=30, max_retries=0)',
         "this computer, over http (yours: https://api.openai.com/v1/)"),
        (CLIENT + ")\nworkshop.with_options(timeout=30, max_retries=0)", "no retries (yours: 2)"),
    ],
    "06.2": [
        (verdict(*TIME_OUT_LAST),
         "for APITimeoutError it returned 'nobody', expected 'late'"),
        (verdict(call="ask_it()"),
         "verdict(ask_it) returned None (is there a `return`?), expected 'Hello!'"),
        (verdict(call="print(ask_it())"), "is there a `return`?"),
        (verdict(call="return ask_it"), "called ask_it 0 times, expected once"),
        (verdict(call="ask_it()\n        return ask_it()"), "called ask_it 2 times"),
        (verdict(call='return ask_it() or "nobody"'),
         "where ask_it() returns '', verdict(ask_it) returned 'nobody', expected ''"),
        (verdict().replace('return "wrong"', 'print("wrong")'),
         "for BadRequestError 400 it returned None (is there a `return`?), expected 'wrong'"),
        (verdict() + '    except Exception:\n        return "nobody"\n',
         "NotFoundError must pass through, but verdict(ask_it) returned 'nobody'"),
        (verdict() + "    except openai.OpenAIError:\n        return None\n",
         "NotFoundError must pass through, but verdict(ask_it) returned None"),
        (verdict() + "    except ValueError as error:\n        return error\n",
         "ValueError must pass through"),
        (verdict() + "    except Exception as error:\n        raise RuntimeError(error)\n",
         "NotFoundError must pass through, but verdict(ask_it) raised RuntimeError"),
        (verdict("openai.APIStatusError", '"wrong"', *IN_ORDER[2:]),
         "for InternalServerError 500 it returned 'wrong', expected 'busy'"),
        (BY_STATUS.format(busy=">= 500", otherwise=""),
         "NotFoundError must pass through, but verdict(ask_it) returned None"),
        (BY_STATUS.format(busy="== 500", otherwise="raise"),
         "for InternalServerError 503 it raised InternalServerError, expected 'busy'"),
        (BY_STATUS.format(busy="> 500", otherwise="raise"),
         "for InternalServerError 500 it raised InternalServerError, expected 'busy'"),
        (BY_STATUS.format(busy="!= 404", otherwise="raise"),
         "RateLimitError must pass through, but verdict(ask_it) returned 'busy'"),
        (verdict(*IN_ORDER[:4], "TimeoutError", '"late"', "ConnectionError", '"nobody"'),
         "for APITimeoutError it raised APITimeoutError, expected 'late'"),
        (verdict(*IN_ORDER[:2], "openai.RateLimitError", '"busy"', *IN_ORDER[4:]),
         "for InternalServerError 500 it raised InternalServerError, expected 'busy'"),
        (verdict(*[name.replace('"busy"', '"Busy"') for name in IN_ORDER]),
         "returned 'Busy', expected 'busy'"),
        ("def verdict(ask_it):\n    return ask_it()", "expected 'wrong'"),
        (verdict().replace("def ", "async def "), "returned a coroutine (is it `async def`?"),
        (verdict() + "    finally:\n        return 'done'\n",
         "where ask_it() returns 'Hello!', verdict(ask_it) returned 'done'"),
        (verdict(call="return str(ask_it())"), "returned 'None', expected None"),
        (verdict(*[name.removeprefix("openai.") for name in IN_ORDER]),
         "NameError: name 'BadRequestError' is not defined"),
        (BY_STATUS.format(busy="", otherwise="raise"),
         "NotFoundError must pass through, but verdict(ask_it) returned 'busy'"),
        ("def verdict(ask_it):\n    return ...", "three dots"),
        ("def verdict():\n    pass", "takes 0 positional arguments"),
        ('verdict = "late"', "a function is expected; this is 'late'"),
        (verdict().replace('return "busy"', "return ask_it()"), "called ask_it 2 times"),
    ("""
def verdict(ask_it):
    while True:
        try:
            return ask_it()
        except openai.BadRequestError:
            return "wrong"
        except openai.InternalServerError:
            return "busy"
        except openai.APIConnectionError:
            pass
""", 'it called ask_it again and again'),
],
    "06.3": [
        ("""
async def ask_all(ask, questions, at_most):
    return await asyncio.gather(*[ask(question) for question in questions])
""", "at most 8 under way at the same time, with at_most=3"),
        ("""
async def ask_all(ask, questions, at_most):
    return [await ask(question) for question in questions]
""", "there were at times only 1 under way, with 8 left"),
        ("""
async def ask_all(ask, questions, at_most):
    answers = []
    for start in range(0, len(questions), at_most):
        part = questions[start : start + at_most]
        answers += await asyncio.gather(*[ask(question) for question in part])
    return answers
""", "begin the next as soon as one is answered"),
        (semaphore(places="3"), "at most 3 under way at the same time, with at_most=2"),
        ("""
async def ask_all(ask, questions, at_most):
    async with asyncio.Semaphore(at_most):
        return await asyncio.gather(*[ask(question) for question in questions])
""", "at most 8 under way at the same time, with at_most=3"),
        ("""
async def ask_all(ask, questions, at_most):
    places = asyncio.Semaphore(at_most)

    async def one(question):
        await places.acquire()
        return await ask(question)

    return await asyncio.gather(*[one(question) for question in questions])
""", "is every ticket given back?"),
        (semaphore(end="return asyncio.gather(*map(one, questions))"),
         "is there an `await` before it?"),
        (semaphore(end="return await asyncio.gather([one(question) for question in questions])"),
         "raised TypeError: unhashable type: 'list'"),
        (semaphore().replace("async with places", "with places"),
         "does not support the context manager protocol"),
        (semaphore(places="at_most + 1"), "at most 4 under way at the same time, with at_most=3"),
        (semaphore(places="at_most - 1 or 1"), "at times only 2 under way, with 8 left"),
        (semaphore(one="pass\n        return await ask(question)"),
         "at most 8 under way at the same time, with at_most=3"),
        (semaphore(one="await ask(question)"), "returned [None, None"),
        (semaphore(end="await asyncio.gather(*[one(question) for question in questions])"),
         "is there a `return`?"),
        (semaphore(end="return [one(question) for question in questions]"),
         "is there an `await`?"),
        (semaphore(end="return {q: a for q, a in zip(questions, await asyncio.gather("
                       "*map(one, questions)))}"), "expected ['A', 'B'"),
        (semaphore(end="return tuple(await asyncio.gather(*map(one, questions)))"),
         "expected ['A', 'B'"),
        (semaphore(end="return [await done for done in asyncio.as_completed("
                       "[one(question) for question in questions])]"), "expected ['A', 'B'"),
        (semaphore(end="questions = list(dict.fromkeys(questions))\n"
                       "    return await asyncio.gather(*map(one, questions))"),
         "expected ['A', 'B', 'A']"),
        (semaphore(end="kept = {}\n    for q, a in zip(set(questions), await asyncio.gather("
                       "*map(one, set(questions)))):\n        kept[q] = a\n"
                       "    return [kept[q] for q in questions]"),
         "it asked 2 times, expected 3"),
        (semaphore(end="return await asyncio.gather(*[one(questions.pop(0)) "
                       "for _ in range(len(questions))])"),
         "the list of questions is left as it is (after the call it was [])"),
        (semaphore(end="tasks = {asyncio.create_task(one(q)): q for q in questions}\n"
                       "    done, _ = await asyncio.wait(tasks)\n"
                       "    return [task.result() for task in tasks]"),
         "at_most=2) raised ValueError"),
        (semaphore(one="try:\n                return await ask(question[1])\n"
                       "            except Exception:\n                pass"),
         "returned [None, None"),
        (semaphore(one="await ask(question)\n            return await ask(question)"),
         "it asked"),
        ("def ask_all(ask, questions, at_most):\n    return [ask(q) for q in questions]",
         "it returned a list before any await; is it `async def`?"),
        ("async def ask_all(ask, questions, at_most):\n"
         "    for question in questions:\n        yield await ask(question)",
         "it returned a async_generator before any await"),
        ("async def ask_all(ask, questions, at_most):\n    return ...", "three dots"),
        ("async def ask_all(ask, questions, at_most):\n    await asyncio.Event().wait()",
         "at_most=3) was not ready after 5 s"),
        ("""
async def ask_all(ask, questions, at_most):
    answers = []
    for question in questions:
        answers.append(ask(question))
    return answers
""", "is there an `await`?"),
    ],
}  # fmt: skip
