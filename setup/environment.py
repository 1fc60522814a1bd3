"""Make the course's environment in .venv, or bring it up to date.

    python3 setup/environment.py [--no-conda] [--behind]

With conda, mamba, micromamba or pixi on the PATH, everything comes prebuilt from environment.yml.
Without one (or with --no-conda), uv installs the locked packages of requirements.lock, and
llama.cpp is compiled once (see compile_llama.py). With --behind nobody waits for the compile: it
goes on in the background, and until it is done the lessons run on a prebuilt engine. `make test`
calls this when it is due, and `make lab` does so with --behind.

Runs before anything is installed, so it uses nothing but Python's standard library.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
COMPILE = ROOT / "setup" / "compile_llama.py"
LOG = ENVIRONMENT / "compile.log"  # of a compile in the background; helpers read its last line
OLDEST_PYTHON = (3, 11)

OLD_PYTHON = """
The course needs Python 3.11 or newer, and this is {version}. Get one:

    Debian, Ubuntu   sudo apt install python3.11 python3.11-venv
    Fedora           sudo dnf install python3.13
    macOS            brew install python
    Windows          winget install Python.Python.3.13

and name it:  make lab PYTHON=python3.13
(With conda, Python comes along: see README.md.)
"""

NO_VENV = """
This Python cannot make virtual environments. On Debian and Ubuntu that takes one more package:

    sudo apt install python3-venv

Then run the same command again.
"""


def main() -> None:
    """Choose the way, go it, and leave a mark that says so."""
    conda = None if "--no-conda" in sys.argv else conda_command()
    if conda:
        say("everything, prebuilt, from environment.yml")
        install_with_conda(conda)
    else:
        if "--llama" not in sys.argv:
            install_packages()
        if "--behind" in sys.argv and not llama_is_compiled():
            quiet_jupyterlab()
            compile_behind()
            return
        install_llama()
    quiet_jupyterlab()
    (ENVIRONMENT / ".ready").touch()
    say(f"ready: {ENVIRONMENT.name}")


def say(what: str) -> None:
    """Print one line about what is done now."""
    print(f"set-up: {what}", file=sys.stderr, flush=True)


def run(*command: object, **options: object) -> None:
    """Run a command; if it fails, stop with its exit code (it has said why)."""
    done = subprocess.run([str(word) for word in command], cwd=ROOT, **options)
    if done.returncode:
        sys.exit(done.returncode)


# --- with conda ---


def conda_command() -> list[str] | None:
    """Return the first command on the PATH that can read environment.yml, or None."""
    for name in ["micromamba", "mamba", "conda"]:
        if found := shutil.which(name):
            return [found]
    if pixi := shutil.which("pixi"):
        return [pixi, "exec", "micromamba"]  # pixi fetches micromamba, which reads environment.yml
    return None


def install_with_conda(conda: list[str]) -> None:
    """Create or update the environment from environment.yml."""
    exists = (ENVIRONMENT / "conda-meta").exists()
    if not exists:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    verb = ["update", "--prune"] if exists else ["create"]
    never_ask = {"CONDA_ALWAYS_YES": "true", "MAMBA_ALWAYS_YES": "true"}
    run(*conda, "env", *verb, "--prefix", ENVIRONMENT, "--file", "environment.yml",
        env={**os.environ, **never_ask})  # fmt: skip


# --- without ---


def install_packages() -> None:
    """Install the locked packages and the course's own helpers."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(OLD_PYTHON.format(version=sys.version.split()[0]))
    if not works(PYTHON):
        say("a virtual environment")
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
        if made.returncode:
            sys.exit(NO_VENV)

    lock = re.split(r"\n(?=[^\s#])", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    say(f"{len(lock) - 2} packages, exact versions, from requirements.lock")
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    (uv,) = [block for block in lock if block.startswith("uv==")]
    (ENVIRONMENT / "uv.txt").write_text(uv)
    run(*pip, "--require-hashes", "--requirement", ENVIRONMENT / "uv.txt")
    prebuilt = [block for block in lock if not block.startswith("llama-cpp-python==")]
    uv_pip("sync", "--require-hashes", "-", input="\n".join(prebuilt), text=True)
    uv_pip("install", "--no-deps", "--no-build-isolation", "--editable", ROOT)


def uv_pip(verb: str, *words: object, **options: object) -> None:
    """Let uv work on the course's environment."""
    run(BIN / "uv", "pip", verb, f"--python={PYTHON}", "--quiet", *words, **options)


def llama_is_compiled() -> bool:
    """Return whether the compiled llama.cpp lies in the user's cache."""
    return not subprocess.run([PYTHON, COMPILE, "--look"], stdout=subprocess.DEVNULL).returncode


def compile_behind() -> None:
    """Let a process of its own compile and install llama.cpp; it outlives this one."""
    say("llama.cpp is compiled in the background (about 4 minutes on two cores); its progress is "
        f"in {ENVIRONMENT.name}/{LOG.name}")  # fmt: skip
    say("until then the lessons run on a prebuilt engine, and lesson 06 has to wait")
    with LOG.open("w", encoding="utf-8") as log:
        subprocess.Popen(
            [sys.executable, __file__, "--no-conda", "--llama"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def install_llama() -> None:
    """Install llama-server and the Python binding, after compiling them if need be."""
    say("llama.cpp, compiled for this computer (once, about 4 minutes on two cores)")
    compiled = subprocess.run([PYTHON, COMPILE], stdout=subprocess.PIPE, text=True)
    if compiled.returncode:
        sys.exit(compiled.returncode)
    wheel = compiled.stdout.splitlines()[-1]
    uv_pip("install", "--no-deps", "--reinstall", wheel)
    put_server_on_path()


def works(python: Path) -> bool:
    """Return whether this interpreter exists, starts, and is new enough."""
    probe = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        return subprocess.run([python, "-c", probe], capture_output=True).returncode == 0
    except OSError:
        return False


def put_server_on_path() -> None:
    """Make the compiled llama-server a command of the environment."""
    ask = "import sysconfig; print(sysconfig.get_path('platlib'))"
    packages = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=True)
    for file in (Path(packages.stdout.strip()) / "llama_cpp" / "lib").iterdir():
        if os.name == "nt":  # Windows looks for a program's libraries beside the program
            shutil.copy2(file, BIN / file.name)
        elif file.name == "llama-server":
            (BIN / file.name).unlink(missing_ok=True)
            (BIN / file.name).symlink_to(os.path.relpath(file, BIN))


def quiet_jupyterlab() -> None:
    """Copy settings that keep JupyterLab from asking the network for news and updates."""
    settings = ENVIRONMENT / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "setup" / "jupyterlab_overrides.json", settings / "overrides.json")


if __name__ == "__main__":
    main()
