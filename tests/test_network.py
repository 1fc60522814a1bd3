"""Proxies, addresses and certificates: importing `helpers` is enough for the lessons to work."""

import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
import requests
from stand_ins import api, socks

from helpers import ServerError, network

ROOT = Path(__file__).resolve().parent.parent
DEAD = "http://127.0.0.1:9"


pytestmark = pytest.mark.usefixtures("no_proxies_from_outside")


def way(host: str) -> str | None:
    """The proxy that requests takes to a host."""
    return requests.utils.select_proxy(
        f"http://{host}/", requests.utils.get_environ_proxies(f"http://{host}/")
    )


def direct(host: str) -> bool:
    """Whether requests and the client that openai is built on both go to a host themselves."""
    with httpx2.Client() as client:
        url = httpx2.URL(f"http://{host}/")
        return way(host) is None and client._transport_for_url(url) is client._transport


# --- this computer -------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["127.0.0.1:9", f" {DEAD}\r", f"{DEAD}/", f'"{DEAD}"'])
@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "Http_Proxy", "ALL_PROXY"])
def test_requests_to_this_computer_reach_it(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    network.prepare()
    with api(host="127.0.0.1") as server:
        for host in ["127.0.0.1", "localhost"]:
            url = f"http://{host}:{server.server_port}/v1/models"
            assert requests.get(url, timeout=5).ok and httpx2.get(url, timeout=5).is_success
    assert direct("[::1]")
    assert way("hub.example") is not None, "everything else still goes through the proxy"


@pytest.mark.parametrize(
    "excepted",
    ["", "localhost", " localhost , 127.0.0.1 ", "localhost:8080", "[::1]", "[::1]:8080", ".school",
     "192.168.0.0/16", "localhost 127.0.0.1"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_whatever_is_excepted_already(monkeypatch, name, excepted):
    import httpx  # what the hub's client is built on: it trips over brackets

    monkeypatch.setenv("http_proxy", DEAD)
    monkeypatch.setenv(name, excepted)
    network.prepare()
    assert all(map(direct, ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"]))
    assert direct("pc.school") == (excepted == ".school"), "what was excepted still is"
    httpx.Client().close()


@pytest.mark.parametrize(
    "excepted",
    ["uni.example", ".uni.example", "*.uni.example", "llm.uni.example:8080", "LLM.uni.example",
     "a.example;llm.uni.example", "a.example llm.uni.example", "'llm.uni.example'",
     "http://llm.uni.example:8080/"],
)  # fmt: skip
def test_every_client_reads_alike_what_is_excepted(monkeypatch, excepted):
    monkeypatch.setenv("http_proxy", DEAD)
    monkeypatch.setenv("NO_PROXY", excepted)
    network.prepare()
    assert direct("llm.uni.example:8080") and not network.goes_through_proxy(
        "http://llm.uni.example"
    )
    assert way("hub.example") is not None


def test_one_that_excepts_all_goes_on_to_do_so(monkeypatch):
    monkeypatch.setenv("http_proxy", DEAD)
    monkeypatch.setenv("NO_PROXY", "*")
    network.prepare()
    assert direct("hub.example")


def test_without_a_proxy_nothing_is_changed(monkeypatch):
    before = dict(os.environ)
    network.prepare()
    assert dict(os.environ) == before


def test_the_proxy_in_the_settings_of_the_system(monkeypatch):
    """Windows and macOS: NO_PROXY alone would hide their settings from every client."""
    settings = {"http": DEAD, "https": DEAD, "ftp": DEAD}
    found = network.getproxies
    monkeypatch.setattr(network, "getproxies", lambda: found() or settings)
    monkeypatch.setattr(network, "proxy_bypass", lambda host: host == "llm.school.example")
    monkeypatch.setenv("LLM_BASE_URL", "https://llm.school.example/v1")
    network.prepare()
    assert direct("127.0.0.1") and direct("llm.school.example"), "an exception of these settings"
    assert way("hub.example") == DEAD, "downloads still take that proxy"
    assert "ftp_proxy" not in os.environ


LESSON = """
import sys
import helpers
import openai, requests
url = sys.argv[1] + "/v1"
key = {"Authorization": "Bearer no-key"}
print(requests.get(url + "/models", headers=key).status_code)
print(openai.OpenAI(base_url=url, api_key="no-key", max_retries=0).models.list().data[0].id)
"""


def lesson(root: str, **environment: str) -> list[str]:
    """Ask a server in a new Python, as a lesson does: after an import, without anything else."""
    clean = {n: v for n, v in os.environ.items() if not n.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-c", LESSON, root],
        env={**clean, **environment}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert not done.returncode, done.stderr
    return done.stdout.split()


def test_importing_helpers_is_enough():
    with api() as server:
        assert lesson(server.root, http_proxy=DEAD, HTTPS_PROXY=DEAD) == ["200", "cria"]


@pytest.mark.parametrize("scheme", ["socks", "socks4", "socks5", "socks5h", "SOCKS5"])
def test_a_socks_proxy_in_front_of_this_computer(scheme):
    with api() as server:
        proxy = f"{scheme}://127.0.0.1:9"
        assert lesson(server.root, ALL_PROXY=proxy) == ["200", "cria"]


def test_asking_sends_the_key_and_not_what_netrc_holds(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("default login otto password sesame")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with api() as server:
        status, answer = network.ask(f"{server.root}/v1/models", "right")
        assert status == 200 and answer["data"] == [{"id": "cria"}]
        assert [key for *_, key in server.asked] == ["Bearer right"]


# --- other computers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "excepted"),
    [
        ("http://192.168.1.5:8080/v1", True),
        ("10.0.0.7:8080", True),
        ("http://100.64.0.9", True),
        ("http://[fd00::5]:8080/v1", True),
        ("teacher:8080", True),
        (" 'http://teacher.local:8080/v1' ", True),
        ("https://llm.school.example/v1", False),
        ("https://8.8.8.8/v1", False),
        ("http://", False),
    ],
)
def test_a_server_nearby_is_asked_directly_and_a_public_one_through_the_proxy(
    monkeypatch, url, excepted
):
    monkeypatch.setenv("http_proxy", DEAD)
    monkeypatch.setenv("LLM_BASE_URL", url)
    network.prepare()
    hosts = os.environ["NO_PROXY"].split(",")
    assert len(hosts) == 3 + excepted
    if excepted:
        assert direct(f"[{hosts[3]}]" if ":" in hosts[3] else hosts[3])


@pytest.mark.parametrize("scheme", ["socks", "socks5h"])
def test_a_public_server_through_a_socks_proxy(scheme):
    with api() as server, socks(server.server_port) as proxy:
        answers = lesson(
            "http://llm.school.example", ALL_PROXY=f"{scheme}://127.0.0.1:{proxy.server_address[1]}"
        )
    assert answers == ["200", "cria"]
    assert set(proxy.asked) == {"llm.school.example"}


# --- certificates --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", network.CERTIFICATES)
def test_one_variable_names_the_schools_certificate_for_every_client(monkeypatch, tmp_path, name):
    for other in network.CERTIFICATES:
        monkeypatch.delenv(other, raising=False)
    (tmp_path / "school.pem").write_text("")
    monkeypatch.setenv(name, str(tmp_path / "school.pem"))
    network.prepare()
    assert os.environ["SSL_CERT_FILE"] == os.environ["REQUESTS_CA_BUNDLE"] == os.environ[name]


# --- addresses -----------------------------------------------------------------------------------

ROOT_OF = {
    "http://127.0.0.1:8080": "http://127.0.0.1:8080",
    "http://127.0.0.1:8080/v1/": "http://127.0.0.1:8080",
    "http://127.0.0.1:8080/v1/chat/completions": "http://127.0.0.1:8080",
    "http://127.0.0.1:8080//v1/models": "http://127.0.0.1:8080",
    "127.0.0.1:8080/v1": "http://127.0.0.1:8080",
    " http://h:1/v1 \r\n": "http://h:1",
    "\ufeff“http://h:1/v1”": "http://h:1",
    "<http://h:1/v1>.": "http://h:1",
    "LLM_BASE_URL='http://h:1'": "http://h:1",
    "http://h:1/v1 LLM_API_KEY=sesame": "http://h:1",
    "HTTPS://H/V1": "https://h",
    "http:\\\\h:1\\v1": "http://h:1",
    "http:/h:1": "http://h:1",
    "http://0.0.0.0:8080": "http://127.0.0.1:8080",
    "http://[::]:8080": "http://[::1]:8080",
    "[::1]:8080/v1": "http://[::1]:8080",
    "http://localhost:11434/api/chat": "http://localhost:11434",
    "https://h/api/v1": "https://h/api",
    "https://h/students/v1?key=sesame#sesame": "https://h/students",
    "https://otto:sesame@h/v1": "https://h",
}


@pytest.mark.parametrize("typed", ROOT_OF)
def test_an_address_as_people_type_and_paste_it(typed):
    root, password = network.address(typed)
    assert root == ROOT_OF[typed]
    assert password == ("sesame" if "@" in typed else "")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "http://",
        "http://[::",
        "ftp://h",
        "http://h:99999",
        "http://o:sesa/me@h",
        "x" * 300,
    ],
)
def test_what_is_no_address(typed):
    with pytest.raises(ServerError, match="LLM_BASE_URL is not the address .*\n  http://") as error:
        network.address(typed)
    assert "sesa" not in str(error.value)
