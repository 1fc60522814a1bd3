"""Who may ask: one line for each person in a file, first the key, then the name.

    teacher-4fkq-9tzm-x2hd  Teacher
    w7pd-k3ra-8mnv  Müller, Jörg

A line that is empty or begins with # does not count. The name is the rest of the line, so it may
hold commas, spaces and any letters.
"""

import codecs
import contextlib
import hmac
import os
import re
import secrets
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from helpers.errors import ServerError

FILE = Path(__file__).with_name("keys.txt")
PYTHON = Path(sys.executable)  # named in commands: so no environment need be active for them
if PYTHON.is_relative_to(Path.cwd()):  # as one types it in the folder of the course
    PYTHON = PYTHON.relative_to(Path.cwd())
COMMAND = f'"{PYTHON}" -m classroom' if " " in str(PYTHON) else f"{PYTHON} -m classroom"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another: no i, l, o, 0, 1
TEACHER = "teacher-"
KEY = re.compile(rf"({TEACHER})?[a-z0-9]{{4}}(-[a-z0-9]{{4}}){{2}}")
HEAD = (
    "# The keys of the class server: a key, then a name. Delete a line to shut somebody out;\n"
    "# the server reads this file again whenever it changes. Show it to nobody.\n"
)


class WrongKeyFile(ServerError):
    """A file of keys or of names that cannot be used."""


@dataclass(frozen=True)
class Person:
    """Somebody who has a key."""

    name: str
    key: str = field(repr=False)  # it must not appear in a log

    @property
    def is_teacher(self) -> bool:
        """Whether this key opens the teacher's page."""
        return self.key.startswith(TEACHER)


# --- files ----------------------------------------------------------------------------------------


def read(file: Path) -> list[Person]:
    """Return the people of a file of keys.

    Raises:
        WrongKeyFile: it cannot be read. The message names the line, and never a key.
    """
    people, seen = [], {}
    for number, line in _lines(file):
        key, _, name = line.partition(" ")
        where = f"Line {number} of {file.name}"
        if not KEY.fullmatch(key):
            raise WrongKeyFile(
                f"{where} does not begin with a key, such as abcd-efgh-jkmn.\n"
                f'Correct it, or delete it and type:  {COMMAND} add "NAME"'
            )
        if not name.strip():
            raise WrongKeyFile(f"{where} has a key and no name.\nWrite the name after the key.")
        for what, it in [("key", key), ("name", alike(name))]:
            if (first := seen.setdefault((what, it), number)) != number:
                raise WrongKeyFile(
                    f"{where} has the same {what} as line {first}.\n"
                    f"Everybody needs a {what} of their own: change one of the two lines."
                )
        people.append(Person(name.strip(), key))
    return people


def names(file: Path) -> list[str]:
    """Return the names in a list, one a line.

    Raises:
        WrongKeyFile: it cannot be read, is empty, or holds a name twice.
    """
    found = {}
    for number, name in _lines(file):
        if alike(name) in found:
            raise WrongKeyFile(
                f"{name!r} appears twice in {file.name}, the second time in line {number}.\n"
                "Delete one, or write them so that you can tell the two people apart."
            )
        found[alike(name)] = name
    if not found:
        raise WrongKeyFile(f"There is no name in {file.name}.\nWrite one name on each line.")
    return list(found.values())


def add(file: Path, new: Iterable[str]) -> list[Person]:
    """Give a key to each of these names that has none, and return the people who are new.

    If the file has no key for the teacher yet, one is made.

    Raises:
        WrongKeyFile: the file cannot be read or written.
    """
    held = read(file) if file.exists() else []
    taught = any(person.is_teacher for person in held)
    made = [] if taught else [Person("Teacher", TEACHER + _new_key())]
    for name in filter(None, map(_tidy, new)):
        if alike(name) not in {alike(person.name) for person in [*held, *made]}:
            made.append(Person(name, _new_key()))
    text = _decoded(file).rstrip("\n") + "\n" if file.exists() else HEAD
    write(file, text + "".join(f"{person.key}  {person.name}\n" for person in made))
    return [person for person in made if not person.is_teacher]


def revoke(file: Path, name: str) -> None:
    """Take the line of this name out of the file.

    Raises:
        WrongKeyFile: nobody has this name, or the file cannot be read or written.
    """
    gone = [person.key for person in read(file) if alike(person.name) == alike(name)]
    if not gone:
        raise WrongKeyFile(
            f"Nobody in {file.name} is called {name!r}.\nWrite the name exactly as on the card."
        )
    lines = _decoded(file).split("\n")
    write(file, "\n".join(line for line in lines if _tidy(line).split()[:1] != gone))


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines that count."""
    for number, line in enumerate(_decoded(file).split("\n"), start=1):
        line = _tidy(line)
        if line and not line.startswith("#"):
            yield number, line


def _decoded(file: Path) -> str:
    """Return the text of a file in any form in which editors save it."""
    try:
        data = file.read_bytes()
        utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except OSError as error:
        named = "" if file == FILE else f" --keys {file}"
        raise WrongKeyFile(
            f"{file} cannot be read: {error.strerror}.\n"
            "If it is your list of names, correct its path; if root made it, type sudo before the "
            f"command.\nMake the keys from a list of names:  {COMMAND} keys NAMES.txt{named}"
        ) from None
    except UnicodeDecodeError:
        raise WrongKeyFile(
            f"{file.name} is not written in UTF-8, so some of its letters cannot be read.\n"
            "Open it in an editor, and save it with the encoding UTF-8."
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def write(file: Path, text: str) -> None:
    """Replace a file in one step, so that nobody reads half of it; it is for its owner alone."""
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    how = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(new, how, 0o600), "wb") as opened:
            opened.write(text.encode())
        new.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):  # there may be nothing, on a disk that cannot be written
            new.unlink()
        raise WrongKeyFile(
            f"{file} cannot be written: {error.strerror}.\n"
            "Close the programs that have it open, and check that you may write to its folder."
        ) from None


def _new_key() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def _tidy(line: str) -> str:
    """Return a line with single spaces, and without what cannot be seen or printed."""
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())


def alike(name: str) -> str:
    """Return what two spellings of one name have in common: ü may be one character or two."""
    return unicodedata.normalize("NFC", _tidy(name)).casefold()


# --- while the server runs ------------------------------------------------------------------------


class Keys:
    """The people of a file of keys, which is read again whenever it changes.

    Attributes:
        error: why the file cannot be read now; as long as that lasts, the last keys count.
    """

    def __init__(self, file: Path) -> None:
        """Read the file.

        Raises:
            WrongKeyFile: it cannot be read.
        """
        self.file, self.error = file, ""
        self._state = self._look()
        self._people = read(file)

    @property
    def people(self) -> list[Person]:
        """Everybody who has a key now."""
        if (state := self._look()) != self._state:
            self._state = state
            try:
                found = read(self.file)
            except WrongKeyFile as error:
                self.error = str(error)
            else:  # an editor may empty the file before it writes
                self.error = "" if found else f"There is no key in {self.file.name}."
                self._people = found if found or state[-1] else self._people
        return self._people

    def owner(self, key: str) -> Person | None:
        """Return who has this key.

        Every key is compared, each in constant time: how long it takes says nothing about them.
        """
        given = key.strip().lower().encode(errors="replace")
        found = [p for p in self.people if hmac.compare_digest(p.key.encode(), given)]
        return found[0] if found else None

    def holds(self, person: Person) -> bool:
        """Return whether this person's key still counts."""
        return person in self.people

    def _look(self) -> tuple[int, int, int]:
        try:
            seen = self.file.stat()
        except OSError:
            return 0, 0, 0
        return seen.st_ino, seen.st_mtime_ns, seen.st_size
