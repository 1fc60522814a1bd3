"""What the check of the set-up looks at: one thing in each function, which says what it found."""

import importlib.metadata as metadata
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from helpers import LlamaServer, ServerError, model
from helpers.compile import unless_compiling
from helpers.engines import chosen, find_binary
from helpers.network import FOUND, HOST, is_open

COURSE = Path(__file__).resolve().parents[2]
AGAIN = "make clean lab  (README.md says how without make)"
SET_UP = "Set the course up:  make lab  (README.md says how without make)"
PATIENCE = 60  # seconds that a program may take to answer


@dataclass(frozen=True)
class Result:
    """What was looked at, whether it is as it should be, what was found, and what to do if not."""

    what: str
    state: str  # "OK", "WARN" or "FAIL"
    found: str
    remedy: str = ""


def ok(what: str, found: str) -> Result:
    """Return a result that needs no remedy."""
    return Result(what, "OK", found)


def run(command: list, cwd: Path | None = None) -> subprocess.CompletedProcess:
    """Run a program that has to answer soon."""
    try:
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=PATIENCE,
            cwd=cwd,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 126, "", str(error))


def python() -> Result:
    """Python is new enough, and the course's own."""
    found = f"{platform.python_version()}, {sys.maxsize.bit_length() + 1} bit"
    if sys.version_info < (3, 11) or sys.maxsize < 2**32:
        return Result("Python", "FAIL", found, f"It has to be 3.11 or newer, 64 bit. {SET_UP}")
    prefix = Path(sys.prefix).resolve()
    if prefix != (COURSE / ".venv").resolve() and not (prefix / "conda-meta").exists():
        return Result("Python", "WARN", f"{found}, not the course's environment", SET_UP)
    return ok("Python", found)


def packages() -> Result:
    """Every package that the course asks for is there, in a version that it can use."""
    from packaging.requirements import Requirement

    project = tomllib.loads((COURSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (COURSE / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"(?m)^([\w.-]+)==([\w.]+)", lock))
    missing, other, newer = [], [], 0
    for requirement in map(Requirement, project["dependencies"]):
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            if requirement.name != "llama-cpp-python":  # may still be compiled: see `binding`
                missing.append(requirement.name)
        else:
            if not requirement.specifier.contains(version, prereleases=True):
                other.append(f"{requirement.name} {version}, not {requirement.specifier}")
            newer += (requirement.name, version) not in locked
    if missing or other:
        found = "; ".join([*(f"{name} is missing" for name in missing), *other])
        return Result("packages", "FAIL", found, SET_UP)
    exactly = f"{newer} not in the locked versions" if newer else "in the locked versions"
    return ok("packages", f"{len(project['dependencies'])} that the course asks for, {exactly}")


def sse_client() -> Result:
    """The name `sseclient` belongs to the right one of two packages."""
    owners = metadata.packages_distributions().get("sseclient", [])
    if owners == ["sseclient-py"]:
        return ok("sseclient", f"sseclient-py {metadata.version('sseclient-py')}")
    remedy = (
        "Another package has the same name. Type in a cell of a notebook:\n"
        "  %pip uninstall -y sseclient sseclient-py\n"
        "  %pip install sseclient-py"
    )
    return Result("sseclient", "FAIL", f"it comes from {', '.join(owners) or 'nowhere'}", remedy)


def own_helpers() -> Result:
    """In a notebook `import helpers` finds the course's own, and no file there hides a package."""
    notebooks = COURSE / "notebooks"
    names = {"helpers", *sys.stdlib_module_names, *metadata.packages_distributions()}
    if hidden := [file.name for file in notebooks.glob("*.py") if file.stem in names]:
        found = f"notebooks/{hidden[0]} hides the package of that name"
        return Result("helpers", "FAIL", found, "Rename that file.")
    source = "import importlib.util as u; print(getattr(u.find_spec('helpers'), 'origin', ''))"
    asked = run([sys.executable, "-X", "utf8", "-c", source], cwd=notebooks)
    found = Path(asked.stdout.strip())
    if found.is_file() and found.samefile(COURSE / "helpers" / "__init__.py"):
        return ok("helpers", "the course's own")
    if not found.name:
        return Result("helpers", "FAIL", "a notebook does not find them", SET_UP)
    remedy = f"It is {found.parent}. Type in a cell of a notebook:\n  %pip uninstall -y helpers"
    return Result("helpers", "FAIL", "a notebook finds another package of that name", remedy)


def llama_server() -> Result:
    """There is a llama-server, and it starts."""
    try:
        program = find_binary()
    except ServerError as error:
        if chosen(own=True) == "xllamacpp":
            instead = "none; the prebuilt xllamacpp serves in its place"
            return Result("llama-server", "WARN", instead, str(error))
        return Result("llama-server", "FAIL", "none", str(error))
    done = run([program, "--version"])
    version = re.search(r"version:.*", done.stdout + done.stderr)
    if done.returncode or not version:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["nothing"]
        remedy = (
            "It may be made for another computer. If LLAMA_SERVER names it, unset that. Otherwise "
            f"type:  {AGAIN}\nIt said: {said[0]}"
        )
        return Result("llama-server", "FAIL", f"it failed: exit code {done.returncode}", remedy)
    return ok("llama-server", version.group())


def binding() -> Result:
    """The binding loads its library: in a process of its own, because it may end that process."""
    if not find_spec("llama_cpp"):
        remedy = f"Lessons 09 to 12 need it. {unless_compiling(SET_UP)}"
        return Result("llama-cpp-python", "WARN", "it is not installed (yet)", remedy)
    source = "import llama_cpp; llama_cpp.llama_backend_init(); print(llama_cpp.__version__)"
    done = run([sys.executable, "-c", source])
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or ["it was ended by the system"]
        remedy = f"Its library may be made for another processor. Type:  {AGAIN}\n{said[0]}"
        return Result("llama-cpp-python", "FAIL", f"it failed: exit code {done.returncode}", remedy)
    return ok("llama-cpp-python", done.stdout.strip())


def model_file() -> Result:
    """The model is there and as it was published."""
    try:
        file = model()
    except ServerError as error:
        first, *rest = str(error).splitlines()
        return Result("model", "FAIL", first, "\n".join(rest))
    return ok("model", f"{file.name}, {file.stat().st_size / 1e6:.1f} MB")


def reply() -> Result:
    """A real server gives a real reply, to the client that is most particular about proxies."""
    import openai

    begin = time.perf_counter()
    try:
        with LlamaServer(timeout=PATIENCE) as server:
            given = {"base_url": server.base_url, "api_key": server.api_key, "max_retries": 0}
            with openai.OpenAI(**given, timeout=PATIENCE) as client:
                greeting = [{"role": "user", "content": "Hello!"}]
                wish = {"model": server.model, "messages": greeting, "max_tokens": 20}
                message = client.chat.completions.create(**wish).choices[0].message
    except ServerError as error:
        first, *rest = str(error).splitlines()
        return Result("a reply", "FAIL", first, "\n".join(rest))
    except Exception as error:
        reason = error.__cause__ or error
        remedy = "Correct or unset the variables for proxies and certificates (ALL_PROXY, "
        remedy += f"SSL_CERT_FILE and others).\nIf a package is missing: {SET_UP}"
        return Result("a reply", "FAIL", f"{type(reason).__name__}: {reason}", remedy)
    who, text = server.engine or "the server in LLM_BASE_URL", (message.content or "").strip()
    if not text or text.startswith("<think>"):
        thinks = text or {"reasoning_content", "reasoning"} & (message.model_extra or {}).keys()
        why = ": it thinks first, and 20 tokens were too few" if thinks else ""
        remedy = (
            "Many replies of the lessons would be empty. Name a model in LLM_MODEL that does not "
            "think,\nor switch thinking off in the server:  llama-server --reasoning off"
        )
        return Result("a reply", "WARN", f"{server.model} gives an empty one{why}", remedy)
    seconds = time.perf_counter() - begin
    return ok("a reply", f"{text!r} from {who}, {seconds:.1f} s with its start")


def ports() -> Result:
    """A program can listen on this computer, and be reached."""
    with socket.create_server((HOST, 0)) as listening:
        if not is_open(listening.getsockname()[1]):
            remedy = "A firewall or security software blocks it. Allow Python to use 127.0.0.1."
            return Result("ports", "FAIL", "127.0.0.1 cannot be reached", remedy)
    usual = {8080: "llama-server's usual one", 11434: "ollama's"}
    taken = [f"{number} ({whose}) is taken" for number, whose in usual.items() if is_open(number)]
    return ok("ports", ", ".join(["free ones can be used", *taken]))


def proxy() -> Result:
    """No proxy stands between this computer and itself; `FOUND` is from before `prepare`."""
    proxies = sorted(FOUND.keys() & {"http", "https", "all"})
    if not proxies:
        return ok("proxy", "none")
    excepted = {host.strip() for host in FOUND.get("no", "").split(",")}
    if {"127.0.0.1", "localhost"} <= excepted or "*" in excepted:
        return ok("proxy", "there is one, but not for 127.0.0.1")
    remedy = (
        "The lessons bypass it; your own programs would not. Type, before you start them:\n"
        "  export NO_PROXY=127.0.0.1,localhost            (bash, zsh)\n"
        '  $env:NO_PROXY = "127.0.0.1,localhost"          (PowerShell)\n'
        "  set NO_PROXY=127.0.0.1,localhost               (Command Prompt)"
    )
    found = f"there is one for {', '.join(proxies)}, and for 127.0.0.1 too"
    return Result("proxy", "WARN", found, remedy)


def memory() -> Result:
    """There is room for a model."""
    import psutil

    have = psutil.virtual_memory()
    found = f"{have.available / 1e9:.1f} of {have.total / 1e9:.1f} GB free"
    if have.available < 1e9:
        return Result(
            "memory",
            "WARN",
            found,
            "Close other programs. cria needs little memory; other models need more.",
        )
    return ok("memory", found)


def disk() -> Result:
    """There is room for files."""
    home = os.path.expanduser("~")  # noqa: PTH111 (Path raises where there is none)
    folders = filter(os.path.isdir, [COURSE, home])
    free = min(shutil.disk_usage(folder).free for folder in folders) / 1e9
    if free < 1:
        return Result("disk", "WARN", f"{free:.1f} GB free", "Make room: the compile needs 1 GB.")
    return ok("disk", f"{free:.0f} GB free")


def jupyter() -> Result:
    """JupyterLab runs this Python, and shows widgets."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        started = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return Result("JupyterLab", "FAIL", "it has no kernel python3", SET_UP)
    if not Path(sys.prefix, "share/jupyter/labextensions/@jupyter-widgets").exists():
        return Result("JupyterLab", "FAIL", "its part of ipywidgets is missing", SET_UP)
    here = Path(sys.executable).parent
    program = here / "jupyter"
    start = program.read_bytes()[:2000] if program.is_file() else b""
    named = re.search(rb"(?m)^(?:#!|\W*exec\W+)(/.*)/python", start)
    if named and Path(os.fsdecode(named[1])).resolve() != here.resolve():
        found = "it belongs to another folder: this one was moved or copied"
        return Result("JupyterLab", "FAIL", found, f"Type:  {AGAIN}")
    if Path(started).name != started and Path(started).parent != here:
        remedy = "Another kernel python3 is in the way:  jupyter kernelspec uninstall python3"
        return Result("JupyterLab", "WARN", "its kernel starts another Python", remedy)
    return ok("JupyterLab", f"{metadata.version('jupyterlab')}, with widgets")


CHECKS: list[Callable[[], Result]] = [
    python, packages, sse_client, own_helpers, llama_server, binding, model_file, reply, ports,
    proxy, memory, disk, jupyter,
]  # fmt: skip
