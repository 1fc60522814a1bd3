"""Whatever somebody writes as a grammar or a schema: an error that says why, and nothing dies.

The server and the binding that the set-up compiles carry `setup/llama_cpp.patch`. Others (conda's,
the prebuilt xllamacpp) do not: a server of theirs is ended by the watcher before it takes all the
memory, and in process `helpers.grammar.checked` looks before a grammar is used.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import requests
from processes import HERE, family
from small_course import load

from helpers import LlamaServer, ServerError, model
from helpers.errors import WrongGrammar
from helpers.grammar import checked

ROOT = Path(__file__).resolve().parent.parent
try:
    import llama_cpp
except ImportError:
    llama_cpp = None
PATCHED = hasattr(llama_cpp, "llama_sampler_grammar_reason")
CONDA = (Path(sys.prefix) / "conda-meta").is_dir()
OURS = pytest.mark.skipif(
    CONDA or not llama_cpp, reason="the llama.cpp that carries the patch is not here"
)
UNPATCHED = HERE["llama-server"] and not PATCHED
SECONDS = 30  # generous: neighbours may be at work


def nested(count: int) -> str:
    return "root ::= " + "(" * count + '"a"' + ")" * count


def chain(count: int) -> str:
    return "".join(f"{r(i)} ::= {r(i + 1)}\n" for i in range(count)) + f'r{count} ::= "a"'


def alternatives(count: int) -> str:
    return "root ::= " + " | ".join(f'"{i}"' for i in range(count))


def r(number: int) -> str:
    return f"r{number}" if number else "root"


GRAMMARS = {  # what is wrong: the grammar, words of the error
    "bounds the wrong way round": ('root ::= "a"{2,1}', "wrong way round"),
    "bounds the wrong way round, inside": ('root ::= ("b" | [x-z]{5,3})+', "wrong way round"),
    "text without an end": ('root ::= "yes', "unexpected end"),
    "class without an end": ("root ::= [a", "unexpected end"),
    "one colon": ('root := "a"', "expecting ::="),
    "single quotes": ("root ::= 'a'", "expecting"),
    "an underscore in a name": ("root ::= my_rule", "expecting"),
    "not a rule": ("root ::= other", "Undefined rule"),
    "no root": ('start ::= "a"', "root"),
    "nothing": ("# nothing", ""),
    "left recursion": ('root ::= root "a" | "b"', "left recursion"),
    "left recursion by way of an empty rule": (
        'root ::= x root "c" | "b"\nx ::= y\ny ::= "a"?',
        "too many ways",
    ),
    "a range from z to a": ("root ::= [z-a]", "ends before it begins"),
    "a character that there is not": (r'root ::= "\UFFFFFFFF"', "no such character"),
    "a character that no token has": (r'root ::= "\x00"', ""),
    "a token that there is not": ("root ::= <[999999]>", "no token"),
    "a negative bound": ('root ::= "a"{-1,3}', "expecting an int"),
    "too many times": ('root ::= "a"{99999999}', "repetitions"),
    "too many times too much": (f'root ::= "{"a" * 200_000}"{{2000}}', "too large"),
    "so many ways to begin": ('root ::= ((((("a"?){40}){40}){40}){40}){40}', "too many ways"),
    "so many ways to go on": ('root ::= "x" (((("a"?){40}){40}){40}){40}', "too many ways"),
    "rules that double": (
        "".join(f"{r(i)} ::= {r(i + 1)}? {r(i + 1)}?\n" for i in range(40)) + 'r40 ::= "a"',
        "too many ways",
    ),
    "30,000 parentheses": (nested(30_000), "nested"),
    "100,000 rules in a row": (chain(100_000), "begin with one another"),
    "100,000 alternatives": (alternatives(100_000), "too many ways"),
}
LIST = {"type": "array", "items": {"type": "string"}}
SCHEMAS = {
    "lengths the wrong way round": (
        {"type": "string", "minLength": 3, "maxLength": 1},
        "minLength is greater",
    ),
    "a pattern the wrong way round": (
        {"type": "string", "pattern": "^a{2,1}$"},
        "wrong way round",
    ),
    "a list the wrong way round": (
        {"type": "object", "properties": {"l": {**LIST, "minItems": 3, "maxItems": 2}}},
        "minItems is greater",
    ),
    "a list far the wrong way round": (
        {**LIST, "minItems": 5, "maxItems": 1},
        "minItems is greater",
    ),
    "numbers the wrong way round": (
        {"type": "integer", "minimum": 10, "maximum": 5},
        "minimum is greater",
    ),
    "unknown type": ({"type": "text"}, "type"),
    "dead $ref": ({"$ref": "#/$defs/nowhere"}, "$ref"),
    "a $ref to itself": ({"$defs": {"A": {"$ref": "#/$defs/A"}}, "$ref": "#/$defs/A"}, "recursion"),
    "empty enum": ({"enum": []}, "enum"),
    "50,000 values": ({"enum": [f"w{i}" for i in range(50_000)]}, "too large"),
    "3,000 schemas": ({"anyOf": [{"minLength": i} for i in range(3000)]}, "2000 parts"),
    "a pattern that nests": ({"type": "string", "pattern": "^(((a?){40}){40}){40}$"}, "too many"),
}
ENDLESS = {"$defs": {a: {"$ref": f"#/$defs/{b}"} for a, b in ["AB", "BA"]}}
FINE = {
    "a repetition": {"grammar": 'root ::= "a"{1,3}'},
    "1,000 parentheses": {"grammar": nested(1000)},
    "1,000 alternatives": {"grammar": alternatives(1000)},
    "empty repetitions": {"grammar": 'root ::= ("a"?)* "b"'},
    "a large minimum": {"json_schema": {"type": "integer", "minimum": 2_500_000_000_000_000}},
    "a larger minimum": {"json_schema": {"type": "integer", "minimum": 200_000_000_000_000_000}},
    "a long name": {"json_schema": {"properties": {"é" * 100_000: {"type": "string"}}}},
    "300 properties": {"json_schema": {"properties": {f"p{i}": {} for i in range(300)}}},
    "a $ref that goes round": {"json_schema": {**ENDLESS, "allOf": [{"$ref": "#/$defs/A"}]}},
}


def ask(server: LlamaServer, **fields) -> requests.Response:
    question = {"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 8, **fields}
    question["model"] = server.model
    return requests.post(f"{server.base_url}/chat/completions", json=question, timeout=2 * SECONDS)


def form(schema: object) -> dict:
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}


# --- the server that we compile ------------------------------------------------------------------


@pytest.fixture(scope="module")
def server():
    with LlamaServer(engine="llama-server") as server:
        yield server


@OURS
def test_the_compile_carries_the_patch():
    assert PATCHED, "set the course up again:  make clean lab"


def refused(server: LlamaServer, words: str, **fields) -> None:
    """Ask, and see that the answer is an error with these words, soon, and at no cost."""
    process = next(p for p in family(server._watcher.pid) if "llama-server" in p.name())
    before, begin = process.memory_info().rss, time.monotonic()
    answer = ask(server, **fields)
    assert time.monotonic() - begin < SECONDS
    assert answer.status_code in {400, 500}, answer.text
    assert words in answer.json()["error"]["message"]
    assert process.memory_info().rss - before < 2**29
    assert ask(server).json()["choices"][0]["message"]["content"], "it answers others"


@OURS
@pytest.mark.parametrize("what", GRAMMARS)
def test_a_wrong_grammar_is_an_answer(server, what):
    grammar, words = GRAMMARS[what]
    refused(server, words, grammar=grammar)


@OURS
@pytest.mark.parametrize("what", SCHEMAS)
def test_a_wrong_schema_is_an_answer(server, what):
    schema, words = SCHEMAS[what]
    refused(server, words, response_format=form(schema))


@OURS
@pytest.mark.parametrize("what", FINE)
def test_what_is_right_or_harmless_still_works(server, what):
    assert ask(server, **FINE[what]).ok


@OURS
@pytest.mark.parametrize("choice", ["auto", "required"])
def test_a_tool_with_a_wrong_schema_is_an_answer(server, choice):
    parameters = {"type": "object", "properties": {"a": SCHEMAS["lengths the wrong way round"][0]}}
    tool = {"type": "function", "function": {"name": "f", "parameters": parameters}}
    refused(server, "minLength is greater", tools=[tool], tool_choice=choice)


@OURS
def test_json_that_nests_too_deep_is_an_answer(server):
    body = '{"messages": [], "x": ' + "[" * 100_000 + "]" * 100_000 + "}"
    answer = requests.post(f"{server.base_url}/chat/completions", data=body, timeout=SECONDS)
    assert "nested more than 300 deep" in answer.text
    assert ask(server).ok


# --- servers of others ---------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["grammar", "response_format"])
@pytest.mark.parametrize("engine", ["xllamacpp", *["llama-server"] * UNPATCHED])
def test_a_server_that_eats_memory_is_ended_and_says_why(engine, wrong, capfd):
    fields = {
        "grammar": GRAMMARS["bounds the wrong way round"][0],
        "response_format": form(SCHEMAS["lengths the wrong way round"][0]),
    }
    with LlamaServer(engine=engine) as server:
        watcher = server._watcher
        with pytest.raises(requests.ConnectionError):
            ask(server, **{wrong: fields[wrong]})
        watcher.wait(SECONDS)
        with pytest.raises(ServerError, match=r"wrong way round.*\n.*server.start\(\)"):
            server.url  # noqa: B018 (to ask for it is the test)
        assert "wrong way round" in server.log()
        deadline = time.monotonic() + SECONDS
        said = ""
        while "Correct the last request" not in (said := said + capfd.readouterr().err):
            assert time.monotonic() < deadline, "the notebook is told, too"
            time.sleep(0.01)
        assert ask(server.start()).ok


def test_a_server_that_is_stopped_tells_nothing(capfd):
    with LlamaServer() as server:
        processes = family(server._watcher.pid)
    assert not psutil.wait_procs(processes, timeout=SECONDS)[1]
    assert capfd.readouterr().err == ""


# --- in process ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def llm():
    if not llama_cpp:
        pytest.skip("the binding is not here")
    llm = llama_cpp.Llama(str(model("cria")), n_ctx=512, verbose=False, n_threads=1)
    yield llm
    llm.close()


IN_PROCESS = """
import json, sys
from llama_cpp import Llama, LlamaGrammar
wrong = json.load(sys.stdin)
grammar = LlamaGrammar.from_string(wrong) if isinstance(wrong, str) else None
form = None if grammar else {"type": "json_object", "schema": wrong}
llm = Llama(sys.argv[1], n_ctx=512, verbose=False, n_threads=1, n_threads_batch=1)
question = [{"role": "user", "content": "Hello!"}]
try:
    llm.create_chat_completion(question, max_tokens=8, grammar=grammar, response_format=form)
except Exception as error:
    print("caught:", error)
llm.create_chat_completion(question, max_tokens=8)
print("alive")
"""


@OURS
@pytest.mark.parametrize("what", [name for name in GRAMMARS if "100,000" not in name])
def test_a_wrong_grammar_in_process_is_an_error(what):
    grammar, words = GRAMMARS[what]
    program = [sys.executable, "-c", IN_PROCESS, str(model("cria"))]
    given = json.dumps(grammar)
    ran = subprocess.run(program, input=given, capture_output=True, text=True, timeout=2 * SECONDS)
    assert ran.stdout.startswith("caught:") and words in ran.stdout
    assert ran.stdout.endswith("alive\n") and not ran.returncode


@OURS
@pytest.mark.parametrize("what", ["unknown type", "dead $ref", "50,000 values"])
def test_a_wrong_schema_in_process_is_an_error(what):
    program = [sys.executable, "-c", IN_PROCESS, str(model("cria"))]
    given = json.dumps(SCHEMAS[what][0])
    ran = subprocess.run(program, input=given, capture_output=True, text=True, timeout=2 * SECONDS)
    assert ran.stdout.startswith("caught:") and ran.stdout.endswith("alive\n")


@pytest.mark.parametrize("what", [*GRAMMARS, "unknown type", "dead $ref", "empty enum"])
def test_checked_finds_it_with_any_llama_cpp(llm, what):
    rules, _ = {**GRAMMARS, **SCHEMAS}[what]
    begin = time.monotonic()
    with pytest.raises(WrongGrammar, match=r"^This (GBNF|schema) cannot be used: .{5}") as caught:
        checked(rules, llm)
    assert time.monotonic() - begin < SECONDS
    assert len(str(caught.value)) < 400 and not caught.value.__context__
    assert "crashes" not in str(caught.value) or not PATCHED, "it says what is wrong"


def test_checked_gives_a_grammar(llm):
    for rules, replies in [('root ::= "é"', {"é"}), ({"enum": ["x", "y"]}, {'"x"', '"y"'})]:
        grammar = checked(rules, llm)
        question = [{"role": "user", "content": "Hello!"}]
        answer = llm.create_chat_completion(question, grammar=grammar)
        assert answer["choices"][0]["message"]["content"].strip() in replies


# --- the patch -----------------------------------------------------------------------------------


def test_a_patch_that_does_not_fit_stops_the_compile(tmp_path):
    compile_llama = load("compile_llama")
    patch = compile_llama.PATCH = tmp_path / "x.patch"
    patch.write_text("--- a.c\n+++ a.c\n@@ -1,3 +1,3 @@ here\n one\n-two\n+2\n three\n", "utf-8")
    (tmp_path / "a.c").write_bytes(b"one\ntwo\nthree\n")
    compile_llama.apply_patch(tmp_path)
    assert (tmp_path / "a.c").read_bytes() == b"one\n2\nthree\n"
    with pytest.raises(SystemExit, match="x.patch does not fit a.c"):
        compile_llama.apply_patch(tmp_path)
