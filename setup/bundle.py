"""A bundle: a folder that holds what the set-up would otherwise fetch from the network.

`make bundle` writes it (make_bundle.py). The set-up uses the one that LLM_BUNDLE names, a
folder or the address at which a computer in the room serves it, and otherwise one that lies beside
the course. All that comes from it is compared with the digests of requirements.lock, as always.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import platform
import re
import sys
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener, url2pathname

ROOT = Path(__file__).resolve().parent.parent
NAME = "local-llms-bundle"
CONTENTS = "bundle.json"  # for which course and which computers it was made, with all its packages
PACKAGES = "packages"
BESIDE = [ROOT.parent, ROOT.parent / NAME]  # the course was unpacked in the bundle, or next to it
PATIENCE = 20  # seconds

NOT_THERE = """
There is no bundle at {place}: {why}.
LLM_BUNDLE names the folder, or the address, of the page with the three steps. Correct it:

    export LLM_BUNDLE=http://192.168.1.5:8000
On Windows, in the Command Prompt:
    set LLM_BUNDLE=http://192.168.1.5:8000
In PowerShell:
    $env:LLM_BUNDLE = "http://192.168.1.5:8000"
"""

OTHER_COURSE = """
The bundle at {place} was made for another version of the course.
Take the course from that bundle, too, or ask your teacher to make the bundle again.
"""

OTHER_COMPUTER = """
The bundle at {place} holds nothing for {here}. It is for:
{held}
Use one of these Pythons (make lab PYTHON=python3.13), or ask your teacher to add yours to the
bundle.
"""

INCOMPLETE = """
The bundle at {place} is not whole: {missing} is missing or cut off.
Copy the bundle again.
"""


class UnusableBundle(Exception):
    """A bundle that is of no use here; the text says why, and what to do."""


@lru_cache(maxsize=8)
def find(package: str = "") -> str:
    """Return the address of a bundle that can be used here, or an empty text.

    A bundle that was named and cannot be used ends the program. One that only lies beside the
    course is left alone, and a line says so.

    Args:
        package: the beginning of a file's name; a bundle without such a file is left alone.
    """
    named = os.environ.get("LLM_BUNDLE", "").strip().strip("\"'")
    try:
        if named:
            return _checked(_address(named), package)
        for folder in BESIDE:
            if (folder / CONTENTS).is_file():
                return _checked(folder.as_uri(), package)
    except UnusableBundle as unusable:
        if named:
            sys.exit(str(unusable))
        print(f"{unusable}\nThe set-up uses the network instead.\n", file=sys.stderr, flush=True)
    return ""


def settings(address: str) -> dict:
    """Return the variables that make pip and uv take everything from this bundle."""
    packages, parts = f"{address}/{PACKAGES}/", urlsplit(address)
    ours = {
        "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": packages,
        "UV_NO_INDEX": "1", "UV_FIND_LINKS": packages,
    }  # fmt: skip
    if parts.scheme == "file":  # which may have a netloc: a shared folder on Windows
        return {**ours, "UV_OFFLINE": "1"}
    elsewhere = os.environ.get("NO_PROXY") or os.environ.get("no_proxy")
    direct = ",".join(filter(None, [elsewhere, parts.hostname]))  # it is near: no proxy leads there
    return {**ours, "PIP_TRUSTED_HOST": parts.netloc, "NO_PROXY": direct, "no_proxy": direct}


def lock_blocks(lock: Path) -> list[str]:
    """Return the packages of a lock, each with its marker and its digests."""
    blocks = re.split(r"\n(?=[^\s#])", lock.read_text(encoding="utf-8"))
    return [block for block in blocks if not block.startswith("#")]


def lock_digest() -> str:
    """Return the digest of requirements.lock: a bundle is made for one."""
    return hashlib.sha256((ROOT / "requirements.lock").read_bytes()).hexdigest()


def this_computer() -> str:
    """Return what a package must be made for to run here, such as `linux-x86_64 3.13`."""
    system = platform.system().replace("Darwin", "macOS").lower()
    machine = platform.machine().lower().replace("amd64", "x86_64").replace("aarch64", "arm64")
    return f"{system}-{machine} {sys.version_info.major}.{sys.version_info.minor}"


def _address(named: str) -> str:
    """Return a folder or an address, as people type or copy it, as an address."""
    if "://" not in named:
        named = Path(named).expanduser().resolve().as_uri()
    address = named.rstrip("/")
    return address[: -len("/index.html")] if address.endswith("/index.html") else address


def _checked(address: str, package: str) -> str:
    """Return the address if the bundle can be used here; otherwise raise `UnusableBundle`."""
    folder = _folder(address)
    place = folder or address
    contents = _contents(folder, address)
    if package and not any(file.startswith(package) for file in contents["more"]):
        return ""
    if contents["lock"] != lock_digest():
        raise UnusableBundle(OTHER_COURSE.format(place=place))
    here, computers = this_computer(), contents["computers"]
    if here not in computers:
        held = "\n".join(f"    {computer}" for computer in sorted(computers)) or "    nothing yet"
        raise UnusableBundle(OTHER_COMPUTER.format(place=place, here=here, held=held))
    for name, size in {**contents["more"], **computers[here]}.items() if folder else ():
        file = folder / PACKAGES / name
        if not file.is_file() or file.stat().st_size != size:
            raise UnusableBundle(INCOMPLETE.format(place=place, missing=name))
    return address


def _folder(address: str) -> Path | None:
    """Return the folder that a file:// address names: on Windows it may be on another computer."""
    parts = urlsplit(address)
    if parts.scheme != "file":
        return None
    shared = f"//{parts.netloc}" if os.name == "nt" and parts.netloc else ""
    return Path(url2pathname(f"{shared}{parts.path}"))


def _contents(folder: Path | None, address: str) -> dict:
    """Return what the bundle says that it holds."""
    try:
        if folder:
            contents = json.loads((folder / CONTENTS).read_bytes())
        else:
            near = build_opener(ProxyHandler({}))
            with near.open(f"{address}/{CONTENTS}", timeout=PATIENCE) as file:
                contents = json.load(file)
        return {name: contents[name] for name in ("lock", "computers", "more")}
    except (OSError, http.client.HTTPException) as error:
        why = f"{CONTENTS} cannot be read ({getattr(error, 'reason', error)})"
    except (ValueError, KeyError, TypeError):
        why = f"{CONTENTS} is not what `make bundle` writes"
    raise UnusableBundle(NOT_THERE.format(place=folder or address, why=why))
