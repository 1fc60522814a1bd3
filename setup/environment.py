"""Make the course's environment in .venv, or bring it up to date.

    python3 setup/environment.py [--no-conda] [--background]

With conda, mamba, micromamba or pixi on the PATH, everything comes prebuilt from environment.yml.
Without one (or with --no-conda), uv installs the locked packages of requirements.lock, and
llama.cpp is compiled once (see compile_llama.py). With --background, the set-up does not wait for
the compile. Until it is done, and where there is no compiler, the lessons run on a prebuilt engine.
`make test` calls this, and `make lab` does so with --background. Where there is a bundle (see
bundle.py), everything comes from it, and nothing from the network or from conda.

It runs before anything is installed, so it uses nothing but Python's standard library; and a Python
from 3.8 on can read it, and what it imports, as far as the message that a newer one is needed. What
a learner has put or installed into .venv stays there.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "setup"))

import bundle  # noqa: E402
from clean import is_ours, remove  # noqa: E402
from remedies import CONDA_AGAIN, NO_VENV, NOT_OURS, OLD_PYTHON, remedy  # noqa: E402
from settings import surroundings, without_settings  # noqa: E402

ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
if os.name == "nt" and (ENVIRONMENT / "conda-meta").exists():
    PYTHON = ENVIRONMENT / "python.exe"  # conda puts it there
COMPILE = ROOT / "setup" / "compile_llama.py"
COMPILING = ENVIRONMENT / "compile.lock"  # held by who installs llama.cpp
LOG = ENVIRONMENT / "compile.log"  # of a compile in the background; helpers read its last line
LOCK = ROOT / "setup" / ".lock"
OLDEST_PYTHON = (3, 11)

# A step that is done is marked with the folder and the files that it was done for. Once the
# folder has been moved or copied, or the lock has changed, its mark no longer fits.
PACKAGES = ENVIRONMENT / ".packages"
READY = ENVIRONMENT / ".ready"


def main() -> None:
    """Set up what is missing; whatever goes wrong becomes a message of ours."""
    if sys.version_info < OLDEST_PYTHON or sys.maxsize < 2**32:
        sys.exit(OLD_PYTHON.format(version=sys.version.split()[0]))
    if unknown := {*sys.argv[1:]} - {"--no-conda", "--background", "--llama"}:
        sys.exit(f"There is no option {sorted(unknown)[0]}; there are --no-conda and --background.")
    try:
        give_a_home()
        if "--llama" in sys.argv:
            install_llama_alone()
        elif not is_ready():
            with one_at_a_time(LOCK):
                set_up()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(remedy(str(error)))
    except KeyboardInterrupt:
        sys.exit("\nset-up: stopped. Run the same command again to continue.")


def set_up() -> None:
    """Choose the way, go it, and leave a mark that says so."""
    if is_ready():
        return  # another set-up has done it while this one waited
    if ENVIRONMENT.is_symlink() and made_for() != str(ROOT) and works(PYTHON):
        say(".venv is a link to another folder's environment: it is used as it is")
        return
    if os.path.lexists(str(ENVIRONMENT)) and not ENVIRONMENT.is_dir():
        sys.exit(NOT_OURS)  # a file, or a link that leads nowhere
    by_conda = (ENVIRONMENT / "conda-meta").exists()
    place = bundle.find()
    if place:
        say(f"everything comes from the bundle at {place}")
    conda = [] if "--no-conda" in sys.argv or (place and not by_conda) else conda_command()
    if by_conda and not conda:
        sys.exit(
            CONDA_AGAIN.format(reason="but conda is not on the PATH now, or you typed --no-conda")
        )
    if by_conda and made_for() not in {"", str(ROOT)}:
        sys.exit(CONDA_AGAIN.format(reason="in another folder"))
    if not by_conda and (ENVIRONMENT / "pyvenv.cfg").exists():
        if not is_ours(ENVIRONMENT):
            sys.exit(NOT_OURS)
        if works(PYTHON):
            conda = []  # go on the way it began
        elif conda:
            remove(ENVIRONMENT)  # begun by a Python that could not make one
    done_for = state()
    if conda:
        say("everything, prebuilt, from environment.yml")
        install_with_conda(conda)
    else:
        if not (is_marked(PACKAGES) and works(PYTHON)):
            install_packages()
        if not provide_llama():
            return
    finish(done_for)


def finish(done_for: str) -> None:
    """Mark the environment as ready."""
    READY.write_text(done_for, encoding="utf-8", errors="surrogateescape")
    say(f"ready: {ENVIRONMENT.name}")


def say(what: str) -> None:
    """Print one line about what is done now."""
    print(f"set-up: {what}", file=sys.stderr, flush=True)


def run(*command: object, **options: object) -> None:
    """Run a command; if it fails, stop with its last words and what to do."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT, env=surroundings(PYTHON, bundle.find()),
        stderr=subprocess.PIPE, encoding="utf-8", errors="replace", **options,
    )  # fmt: skip
    if done.returncode:
        sys.exit(remedy(done.stderr))


def give_a_home() -> None:
    """Give programs a home in the course's folder where the user has none that can be written."""
    if os.name == "posix" and not os.access(os.path.expanduser("~"), os.W_OK):  # noqa: PTH111
        os.environ["HOME"] = str(ROOT / ".home")
        (ROOT / ".home").mkdir(exist_ok=True)


@contextmanager
def one_at_a_time(lock: Path) -> Iterator:
    """Wait until no other set-up is at work in this folder; one that was killed does not count."""
    with lock.open("a") as file:
        if not locked(file):
            say("another set-up is at work here: waiting for it")
            while not locked(file):
                time.sleep(0.5)
        yield


def locked(file: IO) -> bool:
    """Lock a file for as long as it is open; return False if another process holds it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


# --- what has been done ---


def state() -> str:
    """Return what a step is done for: this folder, and all that the environment is made from."""
    setup = ROOT / "setup"
    scripts = [f for f in setup.iterdir() if f.suffix and f.is_file()]
    settings = [f for f in (setup / "jupyterlab").rglob("*") if f.is_file()]
    lists = [ROOT / name for name in ["requirements.lock", "environment.yml", "pyproject.toml"]]
    digest = hashlib.sha256(b"".join(f.read_bytes() for f in [*lists, *sorted(scripts + settings)]))
    return f"{ROOT}\n{digest.hexdigest()}\n"


def is_marked(mark: Path) -> bool:
    """Return whether a step is done, for this folder and for the files as they are."""
    return mark.is_file() and read(mark) == state()


def is_ready() -> bool:
    """Return whether there is nothing to do."""
    return is_marked(READY) and works(PYTHON)


def made_for() -> str:
    """Return the folder that the environment was made for, or an empty text."""
    return next((read(mark).partition("\n")[0] for mark in (READY, PACKAGES) if mark.is_file()), "")


def read(mark: Path) -> str:
    """Return what a mark holds; a folder's name may be anything."""
    return mark.read_text(encoding="utf-8", errors="surrogateescape")


def works(python: Path) -> bool:
    """Return whether this interpreter starts, is new enough and has pip."""
    probe = f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        return not subprocess.run(
            [str(python), "-c", probe], env=without_settings(), stderr=subprocess.DEVNULL
        ).returncode
    except OSError:
        return False


# --- with conda ---


def conda_command() -> list:
    """Return the first command on the PATH that can read environment.yml, or nothing."""
    for name in ["micromamba", "mamba", "conda"]:
        if shutil.which(name):
            return [shutil.which(name)]
    if shutil.which("pixi"):  # pixi fetches micromamba, which reads environment.yml
        return [shutil.which("pixi"), "exec", "micromamba"]
    return []


def install_with_conda(conda: list) -> None:
    """Create or update the environment from environment.yml."""
    verb = "update" if (ENVIRONMENT / "conda-meta").exists() else "create"
    never_ask = {"CONDA_ALWAYS_YES": "true", "MAMBA_ALWAYS_YES": "true"}
    done = subprocess.run(
        [*conda, "env", verb, "--prefix", str(ENVIRONMENT), "--file", "environment.yml"],
        cwd=ROOT, env={**surroundings(Path(sys.executable)), **never_ask},
    )  # fmt: skip
    if ENVIRONMENT.exists():
        READY.touch()  # a mark that it is ours, even if it is not complete
    if done.returncode:
        failed = f"{conda[-1]} failed with exit code {done.returncode}; the lines above say why."
        sys.exit(remedy(failed))
    set_up_jupyterlab()


# --- without ---


def install_packages() -> None:
    """Install the locked packages and the course's own helpers."""
    # It was moved, was interrupted or has lost its Python: nothing in it can be relied on.
    anew = made_for() != str(ROOT) or not works(PYTHON)
    for mark in (PACKAGES, READY):
        mark.unlink(missing_ok=True)
    lock = bundle.lock_blocks(ROOT / "requirements.lock")
    (uv,) = [block for block in lock if block.startswith("uv==")]
    ENVIRONMENT.mkdir(exist_ok=True)
    (ENVIRONMENT / "uv.txt").write_text(uv, encoding="utf-8")
    if anew:
        make_environment()

    say("the packages of requirements.lock, in exact versions")
    run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes",
        "--requirement", ENVIRONMENT / "uv.txt")  # fmt: skip
    again = ["--reinstall"] if anew else []
    prebuilt = [block for block in lock if not block.startswith("llama-cpp-python==")]
    uv_pip(*again, "--no-deps", "--require-hashes", "--requirement", "-", input="\n".join(prebuilt))
    make_helpers_importable()
    if os.name == "nt":
        lend_libraries()
    set_up_jupyterlab()
    PACKAGES.write_text(state(), encoding="utf-8", errors="surrogateescape")


def make_helpers_importable() -> None:
    """Name the course's folder in a file that Python reads when it starts.

    The way up from there is the same wherever the folder is, and holds no character that a locale
    or an older Python on Windows misreads: pip's own file for this would hold the whole path.
    """
    place = packages_folder()
    for older in place.glob("_editable_impl_local_llms_from_python.pth"):
        older.unlink()
    (place / "local-llms.pth").write_text(f"{os.path.relpath(ROOT, place)}\n", encoding="ascii")


def make_environment() -> None:
    """Make a virtual environment, or make it again around what is installed in it."""
    say("a virtual environment")
    for old in BIN.glob("python*"):  # venv keeps what is there, even if it leads nowhere
        if re.match(r"pythonw?[\d.]*(exe)?$", old.name):
            old.unlink()
    for pattern in ["lib/*/site-packages", "Lib/site-packages"]:
        for name in ["pip", "pip-*.dist-info"]:  # venv would put its own pip into a newer one
            for old in ENVIRONMENT.glob(f"{pattern}/{name}"):
                shutil.rmtree(str(old))
    base = getattr(sys, "_base_executable", None) or sys.executable  # not a venv's, maybe this one
    made = subprocess.run(
        [base, "-m", "venv", str(ENVIRONMENT)], env=without_settings(),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
    )  # fmt: skip
    if made.returncode:
        if re.search("ensurepip is not available|No module named", made.stdout):
            sys.exit(NO_VENV.format(*sys.version_info))
        sys.exit(remedy(made.stdout))


def uv_pip(*words: object, **options: object) -> None:
    """Let uv install something into the course's environment."""
    run(BIN / "uv", "pip", "install", f"--python={PYTHON}", "--quiet", *words, **options)


def provide_llama() -> bool:
    """Install llama.cpp, or start that in the background; return whether it is there now."""
    look = [str(PYTHON), str(COMPILE), "--look"]
    looked = subprocess.run(
        look, env=without_settings(), stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout.strip()
    if looked == "no compiler":
        LOG.write_text("There is no C++ compiler on this computer.\n", encoding="utf-8")
        say("the lessons run on a prebuilt engine; lessons 09 to 12 need the compiler")
        return False
    if looked == "goes on":
        say(f"llama.cpp is being compiled in the background: see {ENVIRONMENT.name}/{LOG.name}")
    if looked != "compiled" and "--background" in sys.argv:
        if looked == "not yet":
            compile_in_background()
        return False
    with one_at_a_time(COMPILING):
        if not is_marked(READY):  # else the background has done it meanwhile
            install_llama()
    return True


def compile_in_background() -> None:
    """Let a process of its own compile and install llama.cpp; it outlives this one."""
    say("llama.cpp is being compiled in the background (about 4 minutes on two cores); its "
        f"progress is in {ENVIRONMENT.name}/{LOG.name}")  # fmt: skip
    say("until then the lessons run on a prebuilt engine; 09 to 12 have to wait")
    with LOG.open("w", encoding="utf-8") as log:
        subprocess.Popen(
            [str(PYTHON), __file__, "--llama"], env=surroundings(PYTHON, bundle.find()),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip


def install_llama_alone() -> None:
    """Compile and install llama.cpp in the background; the lock shows that this goes on."""
    from filelock import FileLock  # this runs in the environment's own Python

    done_for = state()
    with FileLock(COMPILING):
        if not is_marked(READY):
            install_llama()
            finish(done_for)


def install_llama() -> None:
    """Install llama-server and the Python binding, after compiling them if need be."""
    say("llama.cpp, compiled for this computer (once, about 4 minutes on two cores)")
    compiled = subprocess.run(
        [str(PYTHON), str(COMPILE)], env=surroundings(PYTHON, bundle.find()),
        stdout=subprocess.PIPE,
    )  # fmt: skip
    if compiled.returncode:
        sys.exit(compiled.returncode)
    uv_pip("--no-deps", "--reinstall", os.fsdecode(compiled.stdout).splitlines()[-1])
    put_server_on_path()


def packages_folder() -> Path:
    """Return the folder that the environment's packages are installed in."""
    ask = "import sysconfig; print(sysconfig.get_path('platlib'))"
    asked = subprocess.run(
        [str(PYTHON), "-c", ask],
        env=without_settings(), stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return Path(os.fsdecode(asked.stdout).strip())


def put_server_on_path() -> None:
    """Make the compiled llama-server a command of the environment."""
    for file in (packages_folder() / "llama_cpp" / "lib").iterdir():
        if os.name == "nt":  # Windows looks for a program's libraries beside the program
            shutil.copy2(file, BIN / file.name)
        elif file.name == "llama-server":
            (BIN / file.name).unlink(missing_ok=True)
            (BIN / file.name).symlink_to(os.path.relpath(file, BIN))


def lend_libraries() -> None:
    """Put Microsoft's C++ runtime beside the prebuilt engine: a fresh Windows has none.

    The package msvc-runtime puts it into .venv, where Windows does not look: the program that runs
    in a virtual environment is the Python that it was made from.
    """
    for pattern in ["msvcp140*.dll", "vcomp140.dll"]:
        for file in ENVIRONMENT.glob(pattern):
            beside = packages_folder() / "xllamacpp" / file.name
            if not beside.exists():  # else it may be in use
                shutil.copy2(file, beside)


def set_up_jupyterlab() -> None:
    """Copy how the course opens JupyterLab: quietly, and with the table of contents at the side."""
    shutil.copytree(str(ROOT / "setup" / "jupyterlab"), str(ENVIRONMENT), dirs_exist_ok=True)


if __name__ == "__main__":
    main()
