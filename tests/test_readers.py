"""What lessons 03 and 05 read with: errors and streams as servers really send them."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import requests
from stand_ins import running

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


def chunk(text, reason=None, **more):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return json.dumps({"choices": [choice], **more})


def sse(*events, begin="data: ", end="\n\n"):
    return "".join(f"{begin}{event}{end}" for event in events).encode()


HEL, LO = chunk("Hel"), chunk("lo")
STOP = '{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}'
HELLO = [HEL, LO, STOP, "[DONE]"]
THOUGHT = '{"choices": [{"delta": {"reasoning": "Hm", "content": null}}]}'
READ = {
    "as it should be": sse(*HELLO),
    "no space": sse(*HELLO, begin="data:"),
    "CR LF": sse(*HELLO, end="\r\n\r\n"),
    "CR": sse(*HELLO, end="\r\r"),
    "a mark in front": b"\xef\xbb\xbf" + sse(*HELLO),
    "comments": sse(*HELLO, begin=": still here\n\ndata: "),
    "other fields": sse(*HELLO, begin="id: 7\nretry: 100\nevent: message\ndata: "),
    "an event of two lines": sse(HEL.replace(": ", ":\ndata: ", 1), LO, STOP, "[DONE]"),
    "an empty event": sse(HEL, "", LO, " ", STOP, "[DONE]"),
    "spaces around DONE": sse(HEL, LO, STOP, "  [DONE] "),
    "nothing after DONE": sse(HEL, LO, STOP) + b"data: [DONE]",
    "a null chunk": sse(HEL, "null", LO, STOP, "[DONE]"),
    "a null delta": sse(HEL, LO, STOP.replace("{}", "null"), "[DONE]"),
    "no delta": sse(HEL, LO, '{"choices": [{"finish_reason": "stop"}]}', "[DONE]"),
    "a null choice": sse(HEL, '{"choices": [null]}', LO, STOP, "[DONE]"),
    "null choices": sse(HEL, LO, STOP, '{"choices": null, "usage": null}', "[DONE]"),
    "no choices": sse('{"prompt_filter_results": []}', HEL, LO, STOP, "{}", "[DONE]"),
    "a null error": sse(chunk("Hello", error=None), STOP, "[DONE]"),
    "a thought": sse(THOUGHT, HEL, LO, STOP, "[DONE]"),
    "a null index": sse(HEL.replace('"index": 0', '"index": null'), LO, STOP, "[DONE]"),
    "a second choice": sse(
        HEL, chunk("No").replace('"index": 0', '"index": 1'), LO, STOP, "[DONE]"
    ),
}
CRLF = sse(*HELLO, end="\r\n\r\n")
PAD = 511 - CRLF.index(b"\r")  # requests takes 512 bytes at a time
READ["cut between CR and LF"] = b":" + b"x" * (PAD - 3) + b"\r\n" + CRLF
WRONG = {
    "an error": sse(HEL, '{"error": {"message": "out of memory", "code": null}}'),
    "an error that is a text": sse(HEL, '{"error": "out of memory"}', "[DONE]"),
    "two texts in one event": sse(HEL + LO, STOP, "[DONE]"),
}
CUT = {
    "the end is missing": sse(HEL),
    "cut off in an event": sse(HEL, LO)[:-30],
    "nothing at all": b"",
}


def defined(notebook, functions, **names):
    """Return what the cells define in which these functions stand."""
    cells = nbformat.read(NOTEBOOKS / notebook, 4).cells
    for function in functions:
        exec(next(c.source for c in cells if f"def {function}(" in c.source), names)
    return names


@pytest.fixture(scope="module")
def lesson():
    readers = ["send", "stream", "choice_in", "read", "chunks", "ask"]
    return defined("05_streaming.ipynb", readers, requests=requests, server=SimpleNamespace())


def replies(lesson):
    """Return what the two readers of the lesson make of the next answers."""
    server = lesson["server"]
    return [
        lambda: lesson["read"](lesson["stream"](server, [])),
        lambda: "".join(lesson["ask"]("Hello!")),
    ]


@pytest.fixture(scope="module")
def served(lesson):
    """Return a function that serves these bytes as an answer of the lesson's server."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", self.server.kind)
            self.end_headers()
            self.wfile.write(self.server.content)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server, running(server):
        root = f"http://127.0.0.1:{server.server_port}/v1"
        vars(lesson["server"]).update(base_url=root, model="m", api_key="no-key")

        def serve(content, kind="text/event-stream"):
            server.content, server.kind = content, kind

        yield serve


@pytest.mark.parametrize("name", READ)
def test_is_read(served, lesson, name):
    served(READ[name])
    read, ask = replies(lesson)
    assert read()[:2] == ("Hello", "stop")
    assert ask() == "Hello"


def test_other_line_ends_are_text(served, lesson):
    text = "a\u2028b\u0085c\x0c"
    data = json.dumps({"choices": [{"delta": {"content": text}}]}, ensure_ascii=False)
    served(sse(data, STOP, "[DONE]"))
    read, ask = replies(lesson)
    assert read()[0] == ask() == text


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_an_error(served, lesson, name):
    served(WRONG[name])
    for reply in replies(lesson):
        with pytest.raises((requests.RequestException, ValueError)) as error:
            reply()
        assert "error" not in WRONG[name].decode() or "out of memory" in str(error.value)


@pytest.mark.parametrize("name", CUT)
def test_half_a_reply_is_never_taken_for_a_whole_one(served, lesson, name):
    served(CUT[name])
    with pytest.raises(requests.ConnectionError, match="DONE"):
        list(lesson["ask"]("Hello!"))


def test_half_a_reply_has_no_reason(served, lesson):
    served(sse(HEL))
    assert replies(lesson)[0]() == ("Hel", None, None)


def test_an_answer_that_is_no_stream_is_shown(served, lesson):
    served(b'{"error": "Unexpected endpoint"}', "application/json")
    with pytest.raises(requests.RequestException, match="Unexpected endpoint"):
        list(lesson["ask"]("Hello!"))


def test_a_tool_call_is_never_dropped(served, lesson):
    call = {"index": 0, "function": {"name": "add", "arguments": "{"}}
    delta = {"role": "assistant", "content": None, "tool_calls": [call]}
    event = json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    served(sse(event, STOP.replace("stop", "tool_calls"), "[DONE]"))
    for reply in replies(lesson):
        with pytest.raises(NotImplementedError, match="add"):
            reply()
    found = list(lesson["chunks"](lesson["send"](lesson["server"], [])))
    assert found[0]["choices"][0]["delta"] == delta


ERRORS = {
    '{"error": {"code": 400, "message": "no", "type": "wrong"}}': ("wrong", "no"),
    '{"error": {"code": null, "message": "no", "type": "wrong"}}': ("wrong", "no"),
    '{"error": "no"}': (None, '{"error": "no"}'),
    '{"error": null}': (None, '{"error": null}'),
    '{"detail": [{"msg": "no"}]}': (None, '{"detail": [{"msg": "no"}]}'),
    '["no"]': (None, '["no"]'),
    "null": (None, "null"),
    "<h1>503 Forwarding failure</h1>": (None, "<h1>503 Forwarding failure</h1>"),
    "404 page not found": (None, "404 page not found"),
    "": (None, ""),
}


@pytest.mark.parametrize("body", ERRORS)
def test_every_error_is_explained(body, capsys):
    response = requests.Response()
    response.status_code, response._content = 400, body.encode()
    kind, said = ERRORS[body]
    explain = defined("03_raw_http.ipynb", ["explain"])["explain"]
    assert explain(response) == (400, kind)
    assert capsys.readouterr().out == f"400 {kind} | {said}\n"
