"""Bring in the teacher's corrections, and lose nothing of the learner's.

    python3 setup/update.py

Where the course and the learner have changed the same file, the learner's is kept beside the new
one (03_raw_http.ipynb as 03_raw_http.mine.ipynb). What only the learner has changed stays as it is,
and so do files of their own; their commits stay in the history. A file is deleted only if the
course has dropped it and nobody has changed it. Stopped half-way, it can be run again. Any Python
from 3.8 on can run this.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OF_ANOTHER_CLONE = re.compile(
    "GIT_(DIR|WORK_TREE|INDEX_FILE|NAMESPACE|COMMON_DIR|SHALLOW_FILE|GRAFT_FILE|QUARANTINE_PATH|"
    "(ALTERNATE_)?OBJECT_DIRECTOR(Y|IES))$"
)
CALM = [  # nothing besides the update itself: no clean-up, none of the learner's hooks
    "gc.auto=0", "maintenance.auto=false", f"core.hooksPath={os.devnull}",
    "http.lowSpeedLimit=1", "http.lowSpeedTime=60",
]  # fmt: skip
CLONE = "160000"  # the mode of a folder that is a clone of its own: its files are not here
SOMEBODY = {f"GIT_{role}_{what}": "learner" for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")}  # fmt: skip

NO_CLONE = """
This folder is not a git clone (it was downloaded as a file), or git is not installed. Install git,
get a clone beside this folder from the address that your teacher gives you, and copy your notebooks
there:

    git clone ADDRESS ../local-llms-new

Nothing was changed.
"""

NO_ADDRESS = """
This clone does not know where the course comes from. Name the address that your teacher gives you,
then run the same command again:

    git remote add origin ADDRESS

Nothing was changed.
"""

REBASE = """
A `git rebase` is in progress here. Finish it (git rebase --continue) or abort it
(git rebase --abort), then run the same command again. Nothing was changed.
"""

NO_ANSWER = """
{said}

The course's address (git remote -v shows it) did not answer. Check the network, or ask your
teacher whether the address has changed; then run the same command again. Nothing was changed.
"""


class GitError(Exception):
    """Git has refused; the text is what it said."""


# --- git ---


def git(*words: str, given: str = "", **variables: str) -> str:
    """Run git in the course's folder and return what it prints, or raise `GitError`."""
    return raw(*words, given=given, **variables).decode("utf-8", "surrogateescape")


def raw(*words: str, given: str = "", **variables: str) -> bytes:
    """Run git as `git` does, and return the bytes that it prints."""
    outside = {n: v for n, v in os.environ.items() if not OF_ANOTHER_CLONE.match(n)}
    done = subprocess.run(
        ["git", *(word for setting in CALM for word in ("-c", setting)), *words],
        cwd=ROOT, input=given.encode("utf-8", "surrogateescape"), capture_output=True,
        env={**outside, "LC_ALL": "C", **variables},
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise GitError(re.sub(r"//[^/@\s]+@", "//", said))  # without a password
    return done.stdout


def answer(*words: str) -> str:
    """Return git's answer in one line, or an empty text if it has none."""
    try:
        return git(*words).strip()
    except GitError:
        return ""


def entries(listed: str) -> list[tuple[str, list[str]]]:
    """Return path and columns of each line that git lists."""
    rows = (row.partition("\t") for row in listed.split("\0") if row)
    return [(path, about.split()) for about, _, path in rows]


def tree(commit: str) -> dict[str, tuple[str, str]]:
    """Return mode and object ID of each file in a commit, by its path."""
    listed = git("ls-tree", "-r", "-z", commit) if commit else ""
    return {path: (mode, number) for path, (mode, _, number) in entries(listed)}


def numbers(path: str, algorithm: str) -> set[str]:
    """Return git's object IDs for a file as it is, and with line ends as on Linux.

    They are computed here: git would ask the learner's own filters, which may drop outputs. What
    is not a file, or is reached through a link, has none.
    """
    file = ROOT / path
    # Windows and macOS take README for readme: there this is the learner's file of the other name.
    if not file.is_file() or str(file.resolve()).lower() != str(file).lower():
        return set()
    content = file.read_bytes()
    forms = [content, content.replace(b"\r\n", b"\n")]
    blobs = [b"blob %d\0" % len(form) + form for form in forms]
    return {hashlib.new(algorithm, blob).hexdigest() for blob in blobs}


# --- the steps ---


def main() -> None:
    """Fetch, keep, replace; then say what was done."""
    sys.stdout.reconfigure(errors="backslashreplace")  # a name may hold any character
    try:
        kept = update()
    except (GitError, OSError) as error:
        sys.exit(
            f"{error}\n\nThe update could not be finished; nothing of yours is lost. Fix "
            "what the lines above say, then run the same command again."
        )
    if kept is None:
        print("There is nothing new.")
        return
    print("The course is up to date.")
    if kept:
        print("New files replace some that you had changed. Yours are kept beside them:")
        print(*(f"  {name}" for name in kept), sep="\n")
    print("Close the lessons that are open in JupyterLab, and open them again.")


def update() -> list[str] | None:
    """Bring the clone up to date; return what was kept, or None if there is nothing new."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        sys.exit(NO_CLONE)
    begun = git("rev-parse", "--git-path", "rebase-merge", "--git-path", "rebase-apply")
    if any((ROOT / place).exists() for place in begun.splitlines()):
        sys.exit(REBASE)
    new, *known = fetch()
    head = answer("rev-parse", "--verify", "--quiet", "HEAD")
    base = answer("merge-base", head, new)
    for commit in known:  # if the course's history was rewritten, the learner builds on this
        if answer("merge-base", head, commit) == commit != new:
            base = base if answer("merge-base", commit, base) == commit else commit
    listed = entries(git("ls-files", "--stage", "-z"))
    staged = [(p, n, stage) for p, (mode, n, stage) in listed if mode != CLONE]
    conflicts = {path for path, _, stage in staged if stage != "0"}
    if base == new and not conflicts:
        return None

    before, mine, theirs = tree(base), tree(head), tree(new)
    changed = {p for p in {*before, *theirs} if before.get(p) != theirs.get(p)}
    changed |= conflicts & {*before, *theirs}
    published = {row.split()[0] for row in git("rev-list", "--objects", new, *known).splitlines()}
    loose = [entry for entry in staged if entry[1] not in published]
    algorithm = "sha1" if len(new) == 40 else "sha256"
    here = {p: numbers(p, algorithm) for p in {*changed, *(path for path, _, _ in loose)}}

    dropped = [p for p in changed if p not in theirs and here[p] & published]
    replaced = sorted(
        p for p in changed if p in theirs
        if theirs[p][1] not in here[p] or theirs[p][0] != before.get(p, theirs[p])[0]
    )  # fmt: skip
    mine_alone = [p for p in replaced if here[p] and not here[p] & published]
    kept = [keep(p, (ROOT / p).read_bytes()) for p in mine_alone]
    for path, number, stage in loose:  # what was staged, or in conflict, and is nowhere else
        committed = stage == "0" and mine.get(path, ("", ""))[1] == number
        if not committed and number not in here[path]:
            kept.append(keep(path, raw("cat-file", "blob", number)))
    kept += [name for path in replaced for name in make_way(path)]

    result = {p: (theirs if p in changed else mine).get(p) for p in [*mine, *theirs]}
    result = {path: entry for path, entry in result.items() if entry}
    replace(replaced, result, [] if base == head else [head, new], new)
    for path in dropped:
        (ROOT / path).unlink()
    return kept


def fetch() -> list[str]:
    """Return the newest commit of the course, and the newest that was known before, if any.

    A remote called upstream (a fork has one) comes before the one that the branch follows.
    """
    remotes, branch = answer("remote").split(), answer("symbolic-ref", "--quiet", "--short", "HEAD")
    followed = answer("config", f"branch.{branch}.remote")
    remote = next((r for r in ["upstream", followed, "origin", *remotes] if r in remotes), None)
    if not remote:
        sys.exit(NO_ADDRESS)
    wanted = answer("config", f"branch.{branch}.merge") if remote == followed else ""
    name = wanted.replace("refs/heads/", "", 1) or "HEAD"
    known = answer("rev-parse", "--verify", "--quiet", f"refs/remotes/{remote}/{name}")
    try:
        if wanted and not git("ls-remote", remote, wanted):
            wanted = ""  # that branch is gone: take the main one
        git("fetch", "--quiet", "--no-tags", remote, wanted or "HEAD")
    except GitError as error:
        sys.exit(NO_ANSWER.format(said=error))
    return [git("rev-parse", "FETCH_HEAD").strip(), *filter(None, [known])]


def free_name(path: Path, content: bytes | None = None) -> Path:
    """Return a name beside the file that is free, or that holds this very content already."""
    for number in count(1):
        name = f"{path.stem}.mine{'' if number == 1 else f'-{number}'}{path.suffix}"
        beside = path.with_name(name)
        if not os.path.lexists(beside) or (beside.is_file() and beside.read_bytes() == content):
            return beside


def keep(path: str, content: bytes) -> str:
    """Write the learner's version of a file beside it, and return the name."""
    beside = free_name(ROOT / path, content)
    beside.parent.mkdir(parents=True, exist_ok=True)
    beside.write_bytes(content)
    return str(beside.relative_to(ROOT))


def make_way(path: str) -> list[str]:
    """Rename what stands in a file's way: a folder of its name, a link, a file above it."""
    steps = [ROOT / path, *(ROOT / path).parents]
    moved = []
    for step in reversed(steps[: steps.index(ROOT)]):
        wanted = step.is_file() if step == steps[0] else step.is_dir()
        if os.path.lexists(step) and (step.is_symlink() or not wanted):
            moved.append(str(step.rename(free_name(step)).relative_to(ROOT)))
    return moved


def replace(paths: list[str], result: dict, parents: list[str], commit: str) -> None:
    """Write the course's version of these files, then let the branch say so.

    Args:
        paths: the files to write.
        result: mode and object ID of all files of the new commit.
        parents: of a commit to make; none if there is one already, whose ID is `commit`.
        commit: the newest commit of the course.
    """
    with tempfile.TemporaryDirectory() as folder:
        beside = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        rows = (f"{mode} {number}\t{path}\0" for path, (mode, number) in result.items())
        git("update-index", "-z", "--replace", "--index-info", given="".join(rows), **beside)
        git("checkout-index", "--force", "-z", "--stdin", given="\0".join(paths), **beside)
        if parents:
            who = {} if answer("var", "GIT_COMMITTER_IDENT") else SOMEBODY
            lines = [word for parent in parents for word in ("-p", parent)]
            message = "Bring in the course's corrections"
            tree = git("write-tree", **beside).strip()
            commit = git("commit-tree", tree, *lines, "-m", message, **who).strip()
    git("reset", "--quiet", commit)


if __name__ == "__main__":
    main()
