"""Compile llama.cpp once, for both of its users: `llama-server` and llama-cpp-python.

The source is the one that llama-cpp-python's own release carries, at the version and digest that
requirements.lock names. The result is a single wheel that holds the Python binding, the shared
libraries and the server. It is kept in the user's cache folder under a key made of version, flags
and processor, so that the next clone on this computer takes it from there.

    .venv/bin/python setup/compile_llama.py          prints the wheel's path on its last line
    .venv/bin/python setup/compile_llama.py --look   says whether there is one, or can be
"""

import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

import bundle
from filelock import FileLock, Timeout
from platformdirs import user_cache_path
from remedies import advice
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PATCH = ROOT / "setup" / "llama_cpp.patch"  # so that a wrong grammar is an error: CONTRIBUTING.md

# What is built (the server and what it needs), and how. CMake adds -O3 and, through GGML_NATIVE,
# this processor's own instructions. What was tried and measured stands in CONTRIBUTING.md.
FLAGS = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=ON",                   # the binding loads the libraries the server runs on
    "-DCMAKE_PLATFORM_NO_VERSIONED_SONAME=ON",  # one file a library: a wheel cannot hold links
    "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON",      # libraries are found ...
    f"-DCMAKE_INSTALL_RPATH={'@loader_path' if sys.platform == 'darwin' else '$ORIGIN'}",  # beside
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",              # would be downloaded
    "-DLLAMA_OPENSSL=OFF",                      # the server speaks plain HTTP, on this computer
    "-DLLAMA_ALL_WARNINGS=OFF",
    f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={ROOT / 'setup' / 'light_optimisation.cmake'}",
]  # fmt: skip

NO_COMPILER = """
llama.cpp has to be compiled, and there is no C++ compiler on this computer that works. Install one:

    Debian, Ubuntu   sudo apt install g++
    Fedora           sudo dnf install gcc-c++
    macOS            xcode-select --install
    Windows          install "Build Tools for Visual Studio" with "Desktop development with C++",
                     then work in its "x64 Native Tools Command Prompt"

and run the same command again. With conda nothing has to be compiled: install conda, then
create the environment again (make clean lab; README.md says how without make).
"""


def locked_requirement() -> str:
    """Return the lines of requirements.lock that pin llama-cpp-python, digest and all."""
    blocks = bundle.lock_blocks(ROOT / "requirements.lock")
    return next(block for block in blocks if block.startswith("llama-cpp-python=="))


def processor() -> str:
    """Return a text that differs where two processors need different machine code."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        known = cpuinfo.read_text(encoding="utf-8", errors="replace")
        features = re.search(r"(?m)^(flags|Features)\s*:.*", known)
        return features.group() if features else platform.machine()
    if sys.platform == "darwin":
        sysctl = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(sysctl, capture_output=True, text=True).stdout
    return platform.processor()


def cache_folder() -> Path:
    """Return the folder that this build is kept in: one for each version, set of flags and CPU."""
    flags = [flag for flag in FLAGS if str(ROOT) not in flag]  # the clone's place does not matter
    flags.append((ROOT / "setup" / "light_optimisation.cmake").read_text(encoding="utf-8"))
    flags.append(PATCH.read_text(encoding="utf-8"))
    parts = [locked_requirement(), *flags, platform.platform(), processor()]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return user_cache_path("local-llms-from-python", appauthor=False) / "llama.cpp" / key


def fetch_source(folder: Path) -> Path:
    """Download the locked source release into `folder`, unpack it, and return its root."""
    source = folder / "source"
    if not source.exists():
        requirement = folder / "requirement.txt"
        requirement.write_text(locked_requirement(), encoding="utf-8")
        run("download", folder, [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                                 "--no-binary=:all:", "--no-build-isolation", "--require-hashes",
                                 f"--dest={folder}", f"--requirement={requirement}"])  # fmt: skip
        partial = folder / "unpacking"
        shutil.rmtree(partial, ignore_errors=True)
        # Its digest is the locked one. Python 3.11.2, which is Debian's, has no filters yet.
        safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
            archive.extractall(partial, **safe)
        apply_patch(next(partial.iterdir()))
        partial.rename(source)
    return next(source.iterdir())


def apply_patch(source: Path) -> None:
    """Change the source as `PATCH` says; stop if it was made for another source."""
    for part in re.split(r"(?m)^--- .*\n", PATCH.read_text(encoding="utf-8"))[1:]:
        heading, *hunks = re.split(r"(?m)^@@.*\n", part)
        file = source / heading.removeprefix("+++ ").strip()
        text = file.read_bytes().decode()
        for hunk in hunks:
            lines = hunk.splitlines(keepends=True)
            old, new = ("".join(x[1:] for x in lines if x[0] in kinds) for kinds in (" -", " +"))
            if text.count(old) != 1:
                sys.exit(f"{PATCH.name} does not fit {file.name}: not one place has\n{old}")
            text = text.replace(old, new)
        file.write_bytes(text.encode())


def run(step: str, folder: Path, command: list, **variables: str) -> None:
    """Run `command`, its ninja steps as a progress bar; if it fails, stop with its last lines."""
    log = folder / f"{step}.log"
    environment = {**os.environ, **variables, "NINJA_STATUS": "[%f/%t] "}
    with (
        log.open("w", encoding="utf-8") as file,
        tqdm(
            desc=f"  {step}",
            unit=" files",
            mininterval=0.5 if sys.stderr.isatty() else 5,  # a log wants a line now and then
            bar_format="{desc} {percentage:3.0f}% |{bar:24}| {n_fmt}/{total_fmt}"
            " · {elapsed} so far, about {remaining} left",
            disable="ninja" not in str(command[0]),
        ) as bar,
        subprocess.Popen(
            [str(word) for word in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=environment,
        ) as process,
    ):
        for line in process.stdout:
            file.write(line)
            if counted := re.match(r"\[(\d+)/(\d+)\]", line):
                done, bar.total = map(int, counted.groups())
                bar.update(done - bar.n)
    if process.returncode:
        tail = "\n".join(log.read_text(encoding="utf-8").splitlines()[-30:])
        sys.exit(f"{tail}\n{advice(tail)}\nThe {step} of llama.cpp failed. The whole log: {log}")


def build(folder: Path) -> Path:
    """Compile the server and its libraries, and pack them with the binding into a wheel."""
    print("  download  the source of llama.cpp (80 MB)", file=sys.stderr, flush=True)
    source = fetch_source(folder)
    build = folder / "build"
    ninja = BIN / "ninja"
    run("configure", folder, [BIN / "cmake", "-S", source / "vendor" / "llama.cpp", "-B", build,
                              "-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}", *FLAGS])  # fmt: skip
    run("compile", folder, [ninja, "-C", build, "llama-server"])

    (source / ".gitignore").unlink(missing_ok=True)  # it would keep lib/ out of the wheel
    inside = source / "llama_cpp" / "lib"
    inside.mkdir(exist_ok=True)
    for file in (build / "bin").iterdir():
        if file.suffix in {".so", ".dylib", ".dll"} or file.stem == "llama-server":
            shutil.copy2(file, inside)
    run("pack", folder, [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation",
                         f"--wheel-dir={folder / 'packed'}", source],
        CMAKE_ARGS="-DLLAMA_BUILD=OFF -DLLAVA_BUILD=OFF")  # fmt: skip
    return next((folder / "packed").glob("*.whl"))


def compiler() -> str | None:
    """Return a C++ compiler that works: the one named in CXX, or the first of the usual ones."""
    usual = ["cl"] if os.name == "nt" else ["c++", "g++", "clang++"]
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder, "probe.cpp")
        probe.write_text("#include <string>\n", encoding="utf-8")
        for name in [os.environ["CXX"]] if os.environ.get("CXX") else usual:
            only_look = ["/nologo", "/Zs"] if name == "cl" else ["-fsyntax-only"]
            try:  # macOS has a c++ that says that there is none
                if not subprocess.run(
                    [*shlex.split(name, posix=os.name != "nt"), *only_look, probe],
                    cwd=folder,
                    capture_output=True,
                ).returncode:
                    return name
            except OSError:
                continue
    return None


def whole_wheel(folder: Path) -> Path | None:
    """Return the wheel in a folder of the cache; one that was cut off is thrown away."""
    for wheel in folder.glob("*.whl"):
        try:
            with zipfile.ZipFile(wheel) as archive:
                if archive.testzip() is None:
                    return wheel
        except (zipfile.BadZipFile, zlib.error, EOFError):
            pass
        wheel.unlink()
    return None


def look() -> str:
    """Return how far it is: "compiled", "goes on", "not yet" or, after a message, "no compiler"."""
    if whole_wheel(cache_folder()):
        return "compiled"
    try:
        with FileLock(BIN.parent / "compile.lock", timeout=0):
            pass
    except Timeout:
        return "goes on"
    if compiler():
        return "not yet"
    print(NO_COMPILER, file=sys.stderr)
    return "no compiler"


def compiled_wheel() -> Path:
    """Return the wheel for this computer from the cache, after making it if it is not there."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):  # two clones at once: the second waits and finds it done
        if wheel := whole_wheel(folder):
            return wheel
        if not compiler():
            sys.exit(NO_COMPILER)
        packed = build(folder)
        wheel = packed.replace(folder / packed.name)  # in one go: never half of it
        for leftover in [folder / "source", folder / "build", folder / "packed"]:
            shutil.rmtree(leftover)
        next(folder.glob("*.tar.gz")).unlink()
        return wheel


if __name__ == "__main__":
    try:
        print(look() if "--look" in sys.argv else compiled_wheel())
    except OSError as error:
        sys.exit(f"{error}\n{advice(str(error))}")
