"""A server that runs already: which are used, under which name, and what is said of the others."""

import http.server
import socket
import ssl
import threading
import time
from functools import partial
from pathlib import Path

import openai
import pytest
import requests
from stand_ins import OPENSSL, api, certificate, has_ipv6, running, socks

from helpers import LlamaServer, ServerError
from helpers.network import CERTIFICATES

ROOT = Path(__file__).resolve().parent.parent


pytestmark = pytest.mark.usefixtures("no_proxies_from_outside")


@pytest.fixture(scope="module")
def classroom():
    """The classroom's server: another program started it, and it asks for a key."""
    with LlamaServer(options=["--api-key", "right"]) as running:
        yield running


@pytest.fixture
def attach(monkeypatch):
    """Return a function that sets the variables, attaches, and asks as the lessons will."""

    def attached(url: str, key: str = "right", model: str = "", timeout: float = 20) -> LlamaServer:
        monkeypatch.setenv("LLM_BASE_URL", url)
        monkeypatch.setenv("LLM_API_KEY", key)
        monkeypatch.setenv("LLM_MODEL", model)
        server = LlamaServer(timeout=timeout).start()
        body = {"model": server.model, "messages": [{"role": "user", "content": "Hello!"}]}
        headers = {"Authorization": f"Bearer {server.api_key}"}
        url = f"{server.base_url}/chat/completions"
        assert requests.post(url, json={**body, "max_tokens": 1}, headers=headers, timeout=30).ok
        with openai.OpenAI(base_url=server.base_url, api_key=server.api_key) as client:
            assert client.chat.completions.create(**body, max_tokens=1).choices
        return server

    return attached


@pytest.fixture
def refused(attach):
    """Return a function that attaches in vain and returns what is said."""

    def said(url: str, key: str = "right", model: str = "", timeout: float = 1) -> str:
        with pytest.raises(ServerError) as error:
            attach(url, key, model, timeout)
        return str(error.value)

    return said


# --- addresses and keys --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ending", ["", "/", "/v1", "/v1/", "/v1/chat/completions", " \r\n", "/v1."]
)
def test_the_classrooms_server_by_its_address(classroom, attach, ending):
    with attach(classroom.url + ending) as server:
        assert server.base_url == classroom.base_url
        assert "was running already" in server._repr_html_()
    assert requests.get(f"{classroom.url}/health", timeout=5).ok, "it is never stopped from here"


@pytest.mark.parametrize(
    "key",
    [" right ", "right\r\n", "'right'", "Bearer right", "Authorization: Bearer right", "“right”",
     "\u00a0right\u00a0", "ri\u200bght", "LLM_API_KEY=right", "export LLM_API_KEY='right'",
     "$env:LLM_API_KEY = \"right\"", "x-api-key: right"],
)  # fmt: skip
def test_a_key_as_people_paste_it(classroom, attach, key):
    assert attach(classroom.url, key).api_key == "right"


@pytest.mark.parametrize("key", ["", " ", "''"])
def test_no_key(classroom, attach, refused, key):
    assert "it asks for a key, and LLM_API_KEY holds none" in refused(classroom.url, key)
    with api() as server:
        assert attach(server.root, key).api_key == "no-key"


@pytest.mark.parametrize("key", ["séسame", "rig–ht", "right\nright"])
def test_a_key_that_cannot_be_one(classroom, refused, key):
    said = refused(classroom.url, key)
    assert "LLM_API_KEY holds a character that no key has" in said
    assert key not in said


def test_a_wrong_key(classroom, refused):
    said = refused(classroom.url, "wrong-4711")
    assert "refuses the key in LLM_API_KEY. It says: Invalid API Key" in said
    assert "4711" not in said


def test_a_server_that_repeats_the_key_in_its_error(refused):
    def rule(path: str, model: str) -> tuple:
        return 401, {"error": {"message": "Incorrect API key provided: sesame-4711."}}, {}

    with api(rule=rule) as server:
        assert "Incorrect API key provided: …" in refused(server.root, "sesame-4711")


def test_a_password_in_the_address_is_the_key_where_there_is_no_other(classroom, attach):
    address = classroom.url.replace("//", "//otto:right@")
    server = attach(address, key="")
    assert server.api_key == "right"
    for shown in [server.url, repr(server), server._repr_html_()]:
        assert "otto" not in shown and "right" not in shown


def test_a_password_in_the_address_is_in_no_message(refused):
    said = refused("http://otto:sesame@127.0.0.1:9/v1?api_key=sesame")
    assert "nothing answers there" in said
    assert "otto" not in said and "sesame" not in said


def test_what_netrc_holds_is_not_sent_in_place_of_the_key(attach, monkeypatch, tmp_path, classroom):
    (tmp_path / "netrc").write_text("default login otto password sesame")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert attach(classroom.url).model == "cria"


@pytest.mark.skipif(not has_ipv6(), reason="this computer has no address of IP version 6")
def test_an_address_of_ip_version_6(attach, monkeypatch):
    found = socket.getaddrinfo
    with api(host="::1") as server:
        assert attach(f"{server.root}/v1").url == server.root
        v6 = lambda host, *rest: found(host.replace("localhost", "::1"), *rest)  # noqa: E731
        monkeypatch.setattr(socket, "getaddrinfo", v6)
        assert attach(f"localhost:{server.server_port}").model == "cria"


# --- which model ---------------------------------------------------------------------------------

SEVERAL = ("nomic-embed-text:latest", "Qwen/Qwen3-0.6B", "cria:latest", "/srv/models/SmolLM2.gguf")


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        ("", "Qwen/Qwen3-0.6B"),
        ("cria", "cria"),
        ("cria:latest", "cria:latest"),
        ("CRIA", "cria:latest"),
        (" qwen3-0.6b ", "Qwen/Qwen3-0.6B"),
        ("smollm2", "/srv/models/SmolLM2.gguf"),
        ("/home/otto/models/SmolLM2.gguf", "/srv/models/SmolLM2.gguf"),
    ],
)
def test_llm_model_chooses(attach, wanted, taken):
    with api(SEVERAL) as server:
        assert attach(server.root, model=wanted).model == taken
        assert {model for _, model, _ in server.asked if model} == {taken}


def test_a_model_that_is_not_there(refused):
    with api(SEVERAL) as server:
        said = refused(server.root, model="/home/otto/gemma.gguf")
    assert "no model 'gemma', which LLM_MODEL names. It has: /srv/models/SmolLM2.gguf, Qwen" in said
    assert "otto" not in said


def test_a_model_that_is_not_among_hundreds(refused):
    with api((*(f"vendor/model-{i}" for i in range(500)), "zoo/gemma-9:free")) as server:
        said = refused(server.root, model="gemma-9")
    assert "It has: zoo/gemma-9:free, vendor/model-0, " in said and len(said) < 600 and "…" in said


def test_a_key_that_is_for_one_model_alone(attach, refused):
    def rule(path: str, model: str) -> tuple | None:
        return (401, {"error": "not this one"}, {}) if model not in {"", "zebra"} else None

    with api((*"abcdef", "zebra"), rule) as server:
        said = refused(server.root)
        assert "It says: not this one.\nIf another of its models can chat, name it in LLM_M" in said
        assert attach(server.root, model="zebra").model == "zebra"


def test_a_server_that_lists_its_models_otherwise_or_not_at_all(attach, refused):
    with api(rule=lambda path, model: None if model else (200, '[{"id": "cria"}]', {})) as server:
        assert attach(server.root).model == "cria", "a bare list"
    with api(rule=lambda path, model: None if model else (404, {"detail": "?"}, {})) as server:
        assert attach(server.root, model="cria").model == "cria"
        assert "it answers 404" in refused(server.root), "which model, then?"


def test_a_model_that_refuses_to_chat_is_followed_by_the_next(attach):
    def rule(path: str, model: str) -> tuple | None:
        return (400, {"error": "this is no model for a chat"}, {}) if model == "mystery" else None

    with api(("mystery", "cria"), rule) as server:
        assert attach(server.root).model == "cria"


def test_a_model_that_is_loaded_goes_before_one_that_is_not(attach):
    """As llama-server lists them when it serves a whole folder."""
    models = tuple(
        {"id": name, "status": {"value": value}}
        for name, value in [("large", "unloaded"), ("small", "loaded")]
    )
    with api(models) as server:
        assert attach(server.root).model == "small"


@pytest.mark.parametrize("listed", [{}, {"data": None}, {"data": []}, {"data": "?"}, {"data": [7]}])
def test_no_model_at_all(refused, listed):
    with api(rule=lambda *_: (200, listed, {})) as server:
        assert "it has no model.\nCorrect LLM_BASE_URL" in refused(server.root)


def test_a_model_that_thinks_is_taken(attach):
    thought = {"choices": [{"message": {"content": "", "reasoning_content": "Hm"}}]}
    with api(rule=lambda path, model: (200, thought, {}) if model else None) as server:
        assert attach(server.root).model == "cria"


# --- what is said of the others ------------------------------------------------------------------


def test_errors_with_status_200(refused):
    """LM Studio."""
    rule = lambda path, model: (200, {"error": "No models loaded"}, {}) if model else None  # noqa: E731
    with api(rule=rule) as server:
        assert "it answers 200. It says: No models loaded" in refused(server.root)


def test_a_wrong_path(classroom, refused):
    assert "it answers 404. It says: File Not Found" in refused(f"{classroom.url}/students")


def test_a_server_that_still_loads_is_waited_for(attach, refused):
    begin = time.monotonic()

    def rule(path: str, model: str) -> tuple | None:
        loads = model and time.monotonic() < begin + 1.5
        return (503, {"error": {"message": "Loading model"}}, {}) if loads else None

    with api(rule=rule) as server:
        assert attach(server.root).model == "cria"
        begin = time.monotonic() + 60
        assert "503. It says: Loading model" in refused(server.root)


def test_a_server_that_asks_to_come_later_is_asked_later(attach, refused):
    times = []

    def rule(path: str, model: str) -> tuple | None:
        if not model:
            return None
        times.append(time.monotonic())
        return (429, {"error": "slowly"}, {"Retry-After": "1"}) if len(times) == 1 else None

    with api(rule=rule) as server:
        assert attach(server.root).model == "cria"
    assert times[1] - times[0] >= 1
    with api(rule=lambda *_: (429, {"error": "slowly"}, {"Retry-After": "3600"})) as server:
        assert "429. It says: slowly" in refused(server.root, timeout=60)


def test_an_address_that_shows_a_page(refused):
    """A login page in front of the server, say."""
    page = partial(http.server.SimpleHTTPRequestHandler, directory=ROOT / "notebooks")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), page) as site, running(site):
        said = refused(f"http://127.0.0.1:{site.server_port}")
        assert "answers 404 with a web page" in said and "Correct LLM_BASE_URL" in said
    with api(rule=lambda *_: (200, "<html>Log in!</html>", {})) as server:
        assert "answers 200 with a web page" in refused(server.root)
    with api(rule=lambda *_: (404, "404 page not found", {})) as server:
        assert "answers 404 with no JSON" in refused(server.root)


@pytest.mark.parametrize("status", [401, 403])
def test_a_login_before_the_server(refused, status):
    """A web server in front of it asks for the key, and answers with a page."""
    with api(rule=lambda *_: (status, "<html>Who are you?</html>", {})) as server:
        assert "it asks for a key, and LLM_API_KEY holds none" in refused(server.root, key="")
        assert ("refuses the key" in refused(server.root)) == (status == 401)


@pytest.mark.parametrize("headers", [{"Content-Encoding": "gzip"}, {"Content-Length": "5000"}])
def test_an_answer_that_is_damaged(refused, headers):
    with api(rule=lambda *_: (200, {"data": []}, headers)) as server:
        assert "its answer is damaged, or ends too early" in refused(server.root)


def test_a_reply_without_choices(refused):
    with api(rule=lambda path, model: (200, {"choices": None}, {}) if model else None) as server:
        assert "it answers 200 with no reply" in refused(server.root)


def test_an_address_that_sends_on_to_another(refused):
    goes = {"Location": "https://llm.school.example/v1/models?token=sesame"}
    with api(rule=lambda *_: (301, "", goes)) as server:
        said = refused(server.root)
    assert "redirects every request to https://llm.school.example/v1/models." in said
    assert "sesame" not in said


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://[::1]:9", "127.0.0.1:9/v1"])
def test_an_address_where_nothing_is(refused, url):
    assert "nothing answers there.\nCorrect LLM_BASE_URL" in refused(url)


def test_a_name_that_does_not_exist(refused):
    assert "that host name cannot be resolved" in refused("http://banana.invalid/v1")
    assert "cannot be used" in refused("http://banana..invalid/v1")


def test_what_is_no_address(refused):
    assert "LLM_BASE_URL is not the address of a server" in refused("http://[::")


def test_a_program_that_is_no_web_server(refused):
    def speak(client: socket.socket) -> None:
        client.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
        client.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=lambda: speak(listening.accept()[0]), daemon=True).start()
        assert "does not speak HTTP" in refused(f"http://127.0.0.1:{listening.getsockname()[1]}")


def test_a_server_that_takes_the_request_and_never_answers(refused):
    def rule(path: str, model: str) -> None:
        if model:
            time.sleep(3)

    with api(rule=rule) as server:
        assert "did not answer in time.\nRun this again in a minute" in refused(server.root)


# --- proxies -------------------------------------------------------------------------------------


def test_a_public_server_is_asked_through_the_proxy(attach, monkeypatch):
    with api() as proxy:
        monkeypatch.setenv("http_proxy", proxy.root)
        assert attach("http://llm.school.example/v1").url == "http://llm.school.example"
        assert {path for path, *_ in proxy.asked} == {
            "http://llm.school.example/v1/models", "http://llm.school.example/v1/chat/completions"
        }  # fmt: skip


def test_a_server_nearby_is_asked_past_the_proxy(attach, monkeypatch, classroom):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert attach(classroom.url).model == "cria"


def test_a_proxy_that_does_not_let_it_through(refused, monkeypatch):
    for proxy, why in [
        ("http://127.0.0.1:9", "the proxy on the way"),
        (None, "503 with a web page"),
    ]:
        with api(rule=lambda *_: (503, "<html>squid</html>", {})) as squid:
            monkeypatch.setenv("http_proxy", proxy or squid.root)
            said = refused("http://llm.school.example/v1")
        assert why in said
        assert "To avoid it, add llm.school.example to NO_PROXY." in said


def test_a_proxy_that_asks_for_a_password(refused, monkeypatch):
    with api(rule=lambda *_: (407, "<html>squid</html>", {})) as squid:
        monkeypatch.setenv("http_proxy", squid.root)
        said = refused("http://llm.school.example/v1")
    assert "the proxy asks for a name and a password:  HTTP_PROXY=http://name:password@" in said


def test_a_public_server_through_a_socks_proxy(attach, monkeypatch, classroom):
    with socks(int(classroom.url.rpartition(":")[2])) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks://127.0.0.1:{proxy.server_address[1]}")
        assert attach("http://llm.school.example/v1").model == "cria"
        assert set(proxy.asked) == {"llm.school.example"}


# --- https ---------------------------------------------------------------------------------------


@pytest.fixture
def secure(tmp_path, monkeypatch):
    """A server with a certificate that the school has made itself."""
    for name in CERTIFICATES:
        monkeypatch.delenv(name, raising=False)
    files = certificate(tmp_path, "DNS:localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    with api(secure=context) as server:
        server.certificate = str(files[0])
        yield server


@OPENSSL
@pytest.mark.parametrize("variable", CERTIFICATES)
def test_a_certificate_of_the_school(secure, attach, monkeypatch, variable):
    monkeypatch.setenv(variable, secure.certificate)
    assert attach(f"https://localhost:{secure.server_port}/v1").model == "cria"


@OPENSSL
def test_a_certificate_that_is_not_trusted(secure, refused, monkeypatch):
    said = refused(f"https://localhost:{secure.server_port}/v1")
    assert "does not trust its certificate: self-signed certificate" in said
    assert "SSL_CERT_FILE" in said
    monkeypatch.setenv("SSL_CERT_FILE", secure.certificate)
    said = refused(f"https://127.0.0.1:{secure.server_port}/v1")
    assert "not valid for '127.0.0.1'" in said
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/school.pem")
    assert "is not there" in refused(f"https://localhost:{secure.server_port}/v1")


@OPENSSL
def test_http_and_https_mixed_up(secure, refused):
    assert "begin with https://" in refused(f"http://localhost:{secure.server_port}/v1")
    with api() as server:
        assert "begin with http://" in refused(server.root.replace("http", "https"))
