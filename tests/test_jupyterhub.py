"""The hub: the real JupyterHub with its real proxy, a real class server, and accounts of its own.

It makes accounts of this computer and deletes them, so it runs only as root, and only where nobody
has such an account. HUB_LEARNERS=8 makes a class of eight; without it, there are two.
"""

import http.server
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace

import psutil
import pytest
import requests
from classroom_room import opened
from lab_api import JupyterServer
from stand_ins import running

from classroom import keys
from helpers.network import HOST, free_port

if sys.platform != "linux":
    pytest.skip("the hub is for Linux", allow_module_level=True)

from classroom.hub import __main__ as command
from classroom.hub import accounts
from classroom.hub import warm as warming

ROOT = Path(__file__).resolve().parent.parent
HUB = ROOT / "classroom" / "hub"
SECONDS = 600  # generous: it makes accounts, and neighbours may be at work
ADA, BO = "Ada", "Müller, Bo"
MORE = [f"Learner {n}" for n in range(3, 1 + int(os.environ.get("HUB_LEARNERS", "2")))]
CLASS = [ADA, BO, *MORE]


# --- without a hub --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Ada", "llm-ada-"),
        ("Müller, Jörg", "llm-muller-jorg-"),
        ("root", "llm-root-"),
        ("李雷", "llm-"),
        ("A very long name of somebody, and more of it", "llm-a-very-long-name-"),
    ],
)
def test_each_name_has_an_account_that_linux_allows(name, made):
    account = accounts.account(name)
    assert re.fullmatch(rf"{made}[0-9a-f]{{8}}", account) and len(account) <= 32


def test_an_account_stays_and_is_nobody_elses():
    one = accounts.account("Jörg")
    assert one == accounts.account("jo\u0308rg ") == accounts.account("JÖRG")
    assert one != accounts.account("Jorg")


@pytest.mark.skipif(os.getuid() != 0, reason="root alone may become somebody else")
def test_a_course_that_comes_too_slowly_is_no_stack_trace(monkeypatch):
    monkeypatch.setattr(accounts, "SECONDS", 0.1)
    done = accounts._run(pwd.getpwuid(0).pw_name, "sleep", "60")
    assert done.returncode and "timed out after 0.1 seconds" in done.stderr


def test_who_is_not_root_is_told(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="sudo make hub"):
        command.start([])


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make on this computer")
def test_without_npm_it_is_said_where_to_get_it():
    proxy = "classroom/hub/node_modules/.package-lock.json"
    done = subprocess.run(
        [shutil.which("make"), "--always-make", proxy], cwd=ROOT, env={"PATH": "/nowhere"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode and "Node 20 or newer, with npm, from https://nodejs.org" in done.stdout


def test_a_course_that_learners_cannot_read_is_named(monkeypatch, tmp_path):
    keys.add(tmp_path / "keys.txt", [ADA])
    monkeypatch.setattr(keys, "FILE", tmp_path / "keys.txt")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(command, "HERE", tmp_path)
    with pytest.raises(SystemExit, match="not installed.*\n\n    sudo make hub"):
        command.start([])
    proxy = tmp_path / "node_modules" / ".bin" / "configurable-http-proxy"
    proxy.parent.mkdir(parents=True)
    proxy.touch()
    monkeypatch.setattr(command, "hidden_from_learners", lambda: "PermissionError: [Errno 13]")
    with pytest.raises(SystemExit, match="(?s)Errno 13.*such as /srv"):
        command.start([])


def test_an_account_or_a_course_that_cannot_be_had_is_named(monkeypatch, tmp_path):
    refused = subprocess.CompletedProcess([], 1, "", "useradd: cannot lock /etc/passwd")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: refused)
    with pytest.raises(accounts.NoAccount, match="llm-nobody cannot be made: .*lock") as caught:
        accounts.make("llm-nobody", tmp_path)
    assert "cannot be made" in caught.value.jupyterhub_message, "the learner reads it, too"
    refused.stderr = "fatal: not a repository"
    ada = SimpleNamespace(pw_dir=str(tmp_path), pw_uid=os.getuid(), pw_gid=os.getgid())
    monkeypatch.setattr(pwd, "getpwnam", lambda name: ada)
    with pytest.raises(accounts.NoAccount, match="cannot be copied: fatal: not a repository"):
        accounts.bring_course("llm-ada", ROOT)


def test_warming_before_the_hub_or_without_root_says_what_to_type(monkeypatch, tmp_path):
    keys.add(tmp_path / "keys.txt", [ADA])
    monkeypatch.setattr(keys, "FILE", tmp_path / "keys.txt")
    monkeypatch.setattr(command, "STATE", tmp_path)
    with pytest.raises(SystemExit, match="sudo make hub-warm.*sudo make hub"):
        command.warm()


def test_servers_that_do_not_start_are_named_with_their_people(monkeypatch, tmp_path, capsys):
    keys.add(tmp_path / "keys.txt", [ADA])
    monkeypatch.setattr(keys, "FILE", tmp_path / "keys.txt")
    monkeypatch.setattr(command, "STATE", tmp_path)
    (tmp_path / warming.TOKEN).write_text("a token", encoding="ascii")
    why = dict.fromkeys([accounts.account(ADA)], "it has not started within 600 s")
    monkeypatch.setattr(warming, "warm", lambda people, token: why)
    with pytest.raises(SystemExit, match="have not started. The hub's own output says more"):
        command.warm()
    assert capsys.readouterr().err == "Ada: it has not started within 600 s\n"


class Unwilling(http.server.BaseHTTPRequestHandler):
    """A hub that starts nothing: what it answers is in `server.get` and `server.post`."""

    def do_GET(self) -> None:
        self.answer(*self.server.get)

    def do_POST(self) -> None:
        self.answer(*self.server.post)

    def answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("get", "post", "why"),
    [
        ((200, "{}"), (404, '{"message": "No such user"}'), "No such user"),
        ((200, "{}"), (500, "{}"), "status 500"),
        ((200, "a page"), (200, "{}"), "the hub has not answered (JSONDecodeError)"),
        ((200, '{"servers": {"": {"pending": "spawn"}}}'), (201, "{}"),
         "it has not started within 0.1 s"),
    ],
)  # fmt: skip
def test_why_a_server_has_not_started(monkeypatch, get, post, why):
    if "0.1 s" in why:
        monkeypatch.setattr(warming, "SECONDS", 0.1)
    with http.server.ThreadingHTTPServer((HOST, 0), Unwilling) as hub, running(hub):
        hub.get, hub.post = get, post
        api = f"http://{HOST}:{hub.server_port}"
        assert warming.warm(["llm-ada"], "a token", api) == {"llm-ada": why}


def test_the_file_for_tljh_fits_its_two_parts(monkeypatch):
    """TLJH itself needs a computer with systemd; these stand in for what the file takes of it."""
    spawner = pytest.importorskip("jupyterhub.spawner").LocalProcessSpawner
    config = pytest.importorskip("traitlets.config").Config()
    theirs = type("UserCreatingSpawner", (spawner,), {})
    for name, parts in {
        "tljh": {},
        "tljh.normalize": {"generate_system_username": str.upper},
        "tljh.user_creating_spawner": {"UserCreatingSpawner": theirs},
    }.items():
        module = ModuleType(name)
        vars(module).update(parts)
        monkeypatch.setitem(sys.modules, name, module)
    file = HUB / "tljh_config.py"
    run = compile(file.read_text(encoding="utf-8"), str(file), "exec")
    exec(run, {"__file__": str(file), "__name__": "tljh_config", "get_config": lambda: config})
    made = config.JupyterHub.spawner_class
    assert issubclass(made, theirs) and "prepare" in vars(made.__mro__[1])
    learner = SimpleNamespace(user=SimpleNamespace(name="llm-ada"))
    assert made.account.fget(learner) == "JUPYTER-LLM-ADA"


# --- the hub --------------------------------------------------------------------------------------


class Hub:
    """A running hub, and whoever is logged in."""

    def __init__(self, url: str, api: str, state: Path, people: dict[str, keys.Person]):
        self.url, self.api, self.state, self.people = url, api, state, people

    def log_in(self, key: str) -> requests.Session:
        """Log in as the page in the browser does; the session has no cookie of the hub if not."""
        session = requests.Session()
        page = session.get(f"{self.url}/hub/login", timeout=SECONDS).text
        form = {name: re.search(rf'name="{name}" value="(.*?)"', page)[1]
                for name in ["_xsrf", "username"]}  # fmt: skip
        self.answer = session.post(
            f"{self.url}/hub/login", data={**form, "password": key}, timeout=SECONDS,
            allow_redirects=False,
        )  # fmt: skip
        return session

    def lab(self, name: str) -> JupyterServer:
        """Return a learner's own server, with a token that they have made for themselves."""
        account = accounts.account(name)
        session = self.log_in(self.people[name].key)
        session.get(f"{self.url}/hub/home", timeout=SECONDS)
        sent = {"X-XSRFToken": session.cookies.get("_xsrf", path="/hub/")}
        tokens = f"{self.url}/hub/api/users/{account}/tokens"
        made = session.post(tokens, headers=sent, json={}, timeout=SECONDS)
        assert made.ok, made.text
        return JupyterServer(f"{self.url}/user/{account}", made.json()["token"])


def reason() -> str:
    """Return why the hub cannot be tried here, or an empty text."""
    if os.geteuid() != 0 or not shutil.which("useradd"):
        return "it takes root, and useradd"
    if not find_spec("jupyterhub") or not (HUB / "node_modules").exists():
        return "JupyterHub is not installed: sudo make hub"
    if hidden := command.hidden_from_learners():
        return f"other accounts cannot read the course here: {hidden}"
    for name in [*CLASS, "Teacher"]:
        try:
            pwd.getpwnam(accounts.account(name))
        except KeyError:
            continue
        return f"somebody has the account {accounts.account(name)}"
    return ""


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    if why := reason():
        pytest.skip(why)
    folder = Path(tempfile.mkdtemp())  # pytest's own is for root alone
    try:
        folder.chmod(0o711)
        for name, mode in {"homes": 0o711, "state": 0o700, "room": 0o700}.items():
            (folder / name).mkdir()
            (folder / name).chmod(mode)
        with opened(folder / "room") as room, started(folder, room.url) as hub:
            if MORE:
                keys.add(room.file, MORE)
            hub.people, hub.room = {p.name: p for p in keys.Keys(room.file).people}, room
            yield hub
    finally:
        for name in [*CLASS, "Teacher"]:
            remove(accounts.account(name))
        shutil.rmtree(folder)


@contextmanager
def started(folder: Path, gateway: str) -> Iterator[Hub]:
    """Start a hub, and end it with all that it has started."""
    port, inner, proxy = free_port(), free_port(), free_port()
    options = [
        f"--JupyterHub.bind_url=http://{HOST}:{port}",
        f"--JupyterHub.hub_bind_url=http://{HOST}:{inner}",
        f"--ConfigurableHTTPProxy.api_url=http://{HOST}:{proxy}",
        f"--CardAuthenticator.keys_file={folder / 'room' / 'keys.txt'}",
        f"--Desk.gateway={gateway}/v1",
        f"--Desk.homes={folder / 'homes'}",
        "--Authenticator.auth_refresh_age=1",
    ]
    program = [Path(sys.prefix, "bin", "jupyterhub"), "--config", HUB / "jupyterhub_config.py"]
    log = folder / "hub.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*program, *options], cwd=folder / "state", stdout=said, stderr=said,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    url = f"http://{HOST}:{port}"
    try:
        wait_for(f"{url}/hub/health", process, log)
        yield Hub(url, f"http://{HOST}:{inner}/hub/api", folder / "state", {})
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.5)
    pytest.fail(log.read_text(errors="replace"))


def remove(account: str) -> None:
    """End all that an account does, and delete it with its home."""
    try:
        pwd.getpwnam(account)
    except KeyError:
        return
    subprocess.run(["pkill", "-KILL", "-u", account])
    for _ in range(20):
        done = subprocess.run(["userdel", "--remove", account], capture_output=True)
        if done.returncode == 0:
            return
        time.sleep(0.5)
    pytest.fail(f"The account {account} is still there: {done.stderr}")


@pytest.fixture(scope="module")
def labs(hub) -> dict[str, JupyterServer]:
    """Everybody's server, started before class as the command does it."""
    from classroom.hub.warm import TOKEN, warm

    token = (hub.state / TOKEN).read_text()
    names = [accounts.account(name) for name in CLASS]
    assert warm(names, token, hub.api) == {}
    assert warm([*names[:1], "llm-nobody-12345678"], token, hub.api).keys() == {
        "llm-nobody-12345678"
    }, "who has no key gets no server; who has one already is ready"
    return {name: hub.lab(name) for name in CLASS}


pytestmark = pytest.mark.timeout(2 * SECONDS)


def test_a_wrong_key_is_told_so(hub):
    session = hub.log_in("wrong")
    assert hub.answer.status_code == 403 and "does not recognise this key" in hub.answer.text
    assert "The key on your card" in hub.answer.text
    assert "jupyterhub-session-id" not in session.cookies or not session.cookies.get(
        "jupyterhub-hub-login"
    )


def test_each_has_a_home_and_the_course_in_it(labs):
    for name, lab in labs.items():
        account = accounts.account(name)
        assert Path(pwd.getpwnam(account).pw_dir).stat().st_mode & 0o777 == 0o700
        said = lab.says("import os, getpass; print(getpass.getuser(), os.getcwd())")
        assert said == f"{account} {pwd.getpwnam(account).pw_dir}/{accounts.FOLDER}/notebooks\n"
        listed = {entry["name"] for entry in lab.get("/api/contents/notebooks").json()["content"]}
        assert {file.name for file in (ROOT / "notebooks").glob("[0-9]*.ipynb")} <= listed


def test_the_class_server_knows_them_by_their_own_keys(hub, labs):
    ask = """
from helpers import LlamaServer
import requests
with LlamaServer() as server:
    body = {"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 4}
    key = {"Authorization": f"Bearer {server.api_key}"}
    url = f"{server.base_url}/chat/completions"
    print(server.url, requests.post(url, json=body, headers=key, timeout=60).ok)
"""
    for name, lab in labs.items():
        before = hub.room.gateway.tally.row(name).asked
        assert lab.says(ask) == f"{hub.room.url} True\n"
        assert hub.room.gateway.tally.row(name).asked > before


NEIGHBOUR = """
import glob, os
from pathlib import Path
tried = {{}}
for what in [{home!r}, {home!r} + "/local-llms-from-python/notebooks/00_start_here.ipynb",
             *(f"/proc/{{pid}}/environ" for pid in {pids}), {keys!r}, {token!r}, {state!r}]:
    try:
        Path(what).read_bytes() if not Path(what).is_dir() else os.listdir(what)
        tried[what] = "read"
    except OSError as error:
        tried[what] = type(error).__name__
print(set(tried.values()), len(tried))
"""


def processes(account: str) -> list[int]:
    uid = pwd.getpwnam(account).pw_uid
    return [p.pid for p in psutil.process_iter(["uids"]) if p.info["uids"].real == uid]


def test_nobody_reads_anothers_files_environment_or_server(hub, labs):
    ada = accounts.account(ADA)
    with labs[ADA].kernel("notebooks/x.ipynb") as execute:
        execute("print('a secret')")
        pids = processes(ada)
        assert len(pids) >= 2, "a server and a kernel"
        source = NEIGHBOUR.format(
            home=pwd.getpwnam(ada).pw_dir, pids=pids, keys=str(hub.room.file),
            token=str(hub.state / "warm-token"), state=str(hub.state),
        )  # fmt: skip
        said = labs[BO].says(source)
        assert said.startswith("{'PermissionError'}"), said
        ports = [c for pid in pids for c in psutil.Process(pid).net_connections("tcp")]
        listening = [c for c in ports if c.status == psutil.CONN_LISTEN]
        assert len(listening) == 2, "the server, and the kernel for what its child processes print"
    for path in ["/api/contents", "/api/kernels", "/lab"]:
        other = JupyterServer(labs[ADA].root, labs[BO].key["Authorization"].removeprefix("token "))
        assert other.get(path).status_code in {403, 404}
    session = hub.log_in(hub.people[BO].key)
    answer = session.get(f"{labs[ADA].root}/api/contents", timeout=SECONDS)
    assert answer.status_code == 403 or "/hub/" in answer.url and not answer.ok


def test_limits_hold(labs):
    said = labs[ADA].says(
        "import resource as r, os\n"
        "print(*(r.getrlimit(x)[1] for x in [r.RLIMIT_DATA, r.RLIMIT_NPROC, r.RLIMIT_CORE]),"
        " oct(os.umask(0)))"
    )
    assert said == f"{2 << 30} 300 0 0o77\n"
    assert labs[ADA].says("bytearray(3 << 30)").startswith("MemoryError")


def test_corrections_come_in_and_no_line_is_lost(hub, labs):
    """As a server is started again after the teacher has committed something."""
    course, account = hub.state.parent / "course", accounts.account(ADA)
    home = Path(pwd.getpwnam(account).pw_dir)
    subprocess.run(["git", "clone", "--quiet", "--depth=1", ROOT.as_uri(), course], check=True)
    lesson = home / accounts.FOLDER / "notebooks" / "03_raw_http.ipynb"
    lesson.write_text("mine")
    git = ["git", "-C", course, "-c", "user.name=a", "-c", "user.email=a@b.c"]
    (course / "notebooks" / "03_raw_http.ipynb").write_text("corrected")
    subprocess.run([*git, "commit", "--quiet", "--all", "--message=a correction"], check=True)
    own = home / accounts.FOLDER
    as_learner = {"user": account, "group": account, "extra_groups": [], "cwd": own}
    there = {"HOME": str(home), "PATH": os.environ["PATH"]}
    remote = ["git", "remote", "set-url", "origin", course.as_uri()]
    subprocess.run(remote, env=there, check=True, **as_learner)
    said = accounts.bring_course(account, course)
    assert "03_raw_http.mine.ipynb" in said
    assert lesson.read_text() == "corrected"
    assert lesson.with_name("03_raw_http.mine.ipynb").read_text() == "mine"


def test_two_lessons_at_the_same_time(labs):
    """On the class server, and on a small server of the learner's own."""
    lessons = ["notebooks/03_raw_http.ipynb", "notebooks/05_streaming.ipynb"]
    with ThreadPoolExecutor(len(labs) * len(lessons)) as pool:
        runs = [pool.submit(lab.run, lesson) for lab in labs.values() for lesson in lessons]
        assert [run.result() for run in runs] == [[]] * len(runs)


def test_a_key_that_was_revoked_opens_nothing(hub, labs):
    session = hub.log_in(hub.people[BO].key)
    home = f"{hub.url}/hub/home"
    assert session.get(home, timeout=SECONDS).url == home
    keys.revoke(hub.room.file, BO)
    time.sleep(2)
    assert "/hub/login" in session.get(home, timeout=SECONDS).url
    hub.log_in(hub.people[BO].key)
    assert hub.answer.status_code == 403
