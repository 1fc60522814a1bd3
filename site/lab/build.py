"""Make the course in a browser tab: JupyterLab, Python and llama.cpp as plain files.

    python site/lab/build.py FOLDER

What is fetched for it lies in site/_build/lab already; the Makefile has fetched and checked it.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FETCHED = ROOT / "site" / "_build" / "lab"
KERNEL = Path(sys.prefix, "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension")
KERNEL_WHEELS = ["ipykernel", "piplite", "pyodide_kernel", "widgetsnbextension-4"]
LESSONS = ["notebooks", "README.md", "models/README.md"]
PLOTS = "matplotlib"


def jupyterlab(out: Path) -> None:
    """Build JupyterLab with the lessons."""
    contents = FETCHED / "contents"
    shutil.rmtree(contents, ignore_errors=True)
    for name in LESSONS:
        source, copy = ROOT / name, contents / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            ours = shutil.ignore_patterns("*.mine*", "*-Copy*", "* copy*", ".*", "chat-*.json")
            shutil.copytree(source, copy, ignore=ours)
        else:
            shutil.copy(source, copy)
    settings = FETCHED / "jupyterlab"
    shutil.rmtree(settings, ignore_errors=True)
    settings.mkdir()
    shutil.copy(HERE / "jupyter-lite.json", settings)
    subprocess.run(
        [
            *(sys.executable, "-m", "jupyterlite_core.app", "build"),
            *("--lite-dir", settings, "--contents", contents, "--output-dir", out),
            *("--apps", "lab", "--no-sourcemaps", "--no-unused-shared-packages"),
        ],
        check=True,
        cwd=settings,  # it leaves notes there, and would spare itself work that is to be done again
        stdout=subprocess.DEVNULL,
    )


def course_wheel() -> Path:
    """Pack the helpers into a wheel, with a build number that depends on its content.

    Its version stays the same. So a browser that has kept an older one would take that.
    """
    folder = FETCHED / "course"
    shutil.rmtree(folder, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", folder, ROOT], check=True)
    [wheel] = folder.glob("*.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return wheel.rename(folder / wheel.name.replace("-py3", f"-0{digest[:8]}-py3"))


def packages(out: Path) -> None:
    """Put Python and its packages beside JupyterLab, and list them in Pyodide's lock file."""
    target = out / "static" / "pyodide"
    shutil.copytree(FETCHED / "pyodide", target, dirs_exist_ok=True)
    wheels = [*(FETCHED / "wheels").glob("*.whl"), course_wheel()]
    wheels = [wheel for wheel in wheels if not wheel.name.startswith("widgetsnbextension-")]
    for name in KERNEL_WHEELS:
        wheels += (KERNEL / "static" / "pypi").glob(f"{name}*.whl")
    lock = json.loads((target / "pyodide-lock.json").read_text(encoding="utf-8"))
    listed = plots(lock["packages"], target)
    environment = {"sys_platform": "emscripten", "platform_system": "Emscripten", "extra": ""}
    environment |= {"python_full_version": lock["info"]["python"], "python_version": "3.14"}
    for wheel in wheels:
        package = entry(Path(shutil.copy(wheel, target)), environment)
        listed[package["name"]] = package
    for package in listed.values():  # what only a computer can have is not there
        package["depends"] = [name for name in package["depends"] if name in listed]
    content = json.dumps({"info": lock["info"], "packages": listed})
    (target / "pyodide-lock.json").write_text(content, encoding="utf-8")


def entry(wheel: Path, environment: dict[str, str]) -> dict:
    """Return what Pyodide's lock file says of a wheel."""
    name, version, *_ = parse_wheel_filename(wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        files = archive.namelist()
    [metadata] = [file for file in files if file.endswith(".dist-info/METADATA")]
    metadata = PathDistribution(zipfile.Path(wheel, metadata.removesuffix("METADATA")))
    needed = map(Requirement, metadata.requires or [])
    needed = [r for r in needed if not r.marker or r.marker.evaluate(environment)]
    code = [Path(file) for file in files if file.endswith((".py", ".so"))]
    return {
        "name": name,
        "version": str(version),
        "file_name": wheel.name,
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "depends": [canonicalize_name(requirement.name) for requirement in needed],
        "imports": sorted({file.parts[0].removesuffix(".py") for file in code}),
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
    }


def plots(listed: dict, target: Path) -> dict:
    """Fetch Matplotlib and what it needs, if PYODIDE_URL says where Pyodide's own packages are.

    The Python index does not have them as WebAssembly. They are compared with the digests in the
    lock file that comes with Pyodide.
    """
    address = os.environ.get("PYODIDE_URL")
    names, found = [PLOTS] if address else [], {}
    while names:
        package = listed[names.pop()]
        found[package["name"]] = package
        names += [name for name in package["depends"] if name not in found]
        file = package["file_name"]
        with urllib.request.urlopen(f"{address.rstrip('/')}/{file}") as answer:
            content = answer.read()
        if hashlib.sha256(content).hexdigest() != package["sha256"]:
            sys.exit(f"{file} from {address} is not the file that Pyodide's own list names.")
        (target / file).write_bytes(content)
    return found


def engine(out: Path) -> None:
    """Put llama.cpp and the model beside JupyterLab."""
    shutil.copy(HERE / "engine.js", out)
    shutil.copytree(FETCHED / "wllama", out / "wllama", dirs_exist_ok=True)
    (out / "models").mkdir(exist_ok=True)
    for name in ["cria.gguf", "cria.gguf.sha256"]:
        shutil.copy(ROOT / "models" / name, out / "models")


def entrance(out: Path) -> None:
    """Let the page look at the browser before anything large is loaded."""
    for name in ["look.js", "index.html", "chat.js"]:
        shutil.copy(HERE / name, out)
    page = out / "lab" / "index.html"
    look = b'<head><script src="../look.js"></script>'
    page.write_bytes(page.read_bytes().replace(b"<head>", look, 1))
    files = [out / "chat.js", out / "engine.js"]
    for folder in ["models", "wllama", "static/pyodide"]:
        files += (out / folder).iterdir()
    sizes = {path.relative_to(out).as_posix(): path.stat().st_size for path in files}
    (out / "files.json").write_text(json.dumps(sizes), encoding="utf-8")


def main() -> None:
    """Make everything in the folder that the command names; what is in site/_build, make anew."""
    out = Path(sys.argv[1]).resolve()
    built_from = out.is_relative_to(FETCHED) or FETCHED.is_relative_to(out)
    ours = out.is_relative_to(ROOT / "site" / "_build") and not built_from
    if not ours and out.exists() and any(out.iterdir()):
        sys.exit(f"{out} holds files, and they may be yours. Empty it, or name another folder.")
    shutil.rmtree(out, ignore_errors=True)
    jupyterlab(out)
    packages(out)
    engine(out)
    entrance(out)


if __name__ == "__main__":
    main()
