"""What the set-up takes over from the learner's own settings: where packages come from.

An index, a proxy and certificates of a school or a company are needed. Everything else in the
files and variables of Python, pip, uv and make (a user folder, another target, a latest date, a
virtual environment that has to be active) would install something other than the lock says, or
nothing.
"""

import ast
import os
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import bundle

KEPT = {  # what pip calls it: what uv calls it, the newest name first
    "index-url": ["UV_DEFAULT_INDEX", "UV_INDEX_URL"],
    "extra-index-url": ["UV_INDEX", "UV_EXTRA_INDEX_URL"],
    "find-links": ["UV_FIND_LINKS"],
    "trusted-host": ["UV_INSECURE_HOST"],
    "timeout": ["UV_HTTP_TIMEOUT"],
    "keyring-provider": ["UV_KEYRING_PROVIDER"],
    "cert": ["SSL_CERT_FILE"],
    "client-cert": ["SSL_CLIENT_CERT"],
    "proxy": ["ALL_PROXY"],
}
DROPPED = re.compile("(PYTHON|PIP_|UV_|MAKE|MFLAGS$|GNUMAKEFLAGS$|VIRTUAL_ENV$)")
BUT_KEPT = re.compile("(PIP_CACHE_DIR|UV_CACHE_DIR|UV_SYSTEM_CERTS|UV_INDEX_.*(NAME|PASSWORD))$")


def without_settings() -> dict:
    """Return the environment without what would make Python, pip, uv or make behave otherwise."""
    kept = {n: v for n, v in os.environ.items() if BUT_KEPT.match(n) or not DROPPED.match(n)}
    return {**kept, "PYTHONUTF8": "1"}


@lru_cache(maxsize=1)
def surroundings(python: Path, place: str = "") -> dict:
    """Return the environment for pip, uv and the compile.

    Args:
        python: the interpreter whose pip is asked for its settings.
        place: the address of a bundle (bundle.py) from which everything comes, if there is one.
    """
    ours = without_settings()
    if sys.platform != "linux":
        ours.setdefault("UV_SYSTEM_CERTS", "true")  # there the system holds a school's certificate
    for name, value in ({} if place else kept_settings(python)).items():
        ours.setdefault(KEPT[name][0], value)
        ours["PIP_" + name.upper().replace("-", "_")] = re.sub(r"(?<!\S)[\w-]+=(?=\w+:)", "", value)
    return {
        **ours,
        **(bundle.settings(place) if place else {}),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_NO_CONFIG": "1",
        "UV_INDEX_STRATEGY": "unsafe-best-match",  # as pip does; the digests make it safe
    }


def kept_settings(python: Path) -> dict:
    """Return what the files and variables of pip and uv say about the network, in pip's words."""
    found = {**uv_settings(), **pip_settings(python)}
    found.setdefault("timeout", found.get("default-timeout", ""))
    for name, variables in KEPT.items():
        for variable in variables:
            if variable.startswith("UV_") and os.environ.get(variable):
                found[name] = os.environ[variable]
    links = found.get("find-links", "").split()
    there = [link for link in links if "://" in link or any(Path(link).glob("*.whl"))]
    found["find-links"] = " ".join(there)
    return {name: " ".join(found[name].split()) for name in KEPT if found.get(name)}


def pip_settings(python: Path) -> dict:
    """Return all settings of pip; those of later files win over earlier ones, variables over both.

    Pip is asked for its files alone: a wrong value in a variable would keep it from answering.
    """
    file = {n: v for n, v in os.environ.items() if n == "PIP_CONFIG_FILE"}
    listed = subprocess.run(
        [str(python), "-m", "pip", "config", "list"],
        env={**without_settings(), **file, "PIP_QUIET": "0", "PIP_VERBOSE": "0"},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
    ).stdout  # fmt: skip
    lines = re.findall(r"""(?m)^(?:global|install)\.([\w-]+)=('.*'|".*")$""", listed)
    variables = {n: v for n, v in os.environ.items() if n.startswith("PIP_") and v}
    return {
        **{name: ast.literal_eval(value) for name, value in lines},
        **{name[4:].lower().replace("_", "-"): value for name, value in variables.items()},
    }


def uv_settings() -> dict:
    """Return what uv's files say about the network: the system's, then the user's."""
    import tomllib  # not in an old Python, which gets no further than a message

    user = os.environ.get("APPDATA") or os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    files = [f"{os.environ.get('PROGRAMDATA') or '/etc'}/uv/uv.toml", f"{user}/uv/uv.toml"]
    found = {}
    for file in [os.environ["UV_CONFIG_FILE"]] if "UV_CONFIG_FILE" in os.environ else files:
        try:
            text = Path(file).expanduser().read_text(encoding="utf-8")
            found.update(network_settings(tomllib.loads(text)))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue  # there is none, or none that uv could read
    return found


def network_settings(said: dict) -> dict:
    """Return what one file of uv's says about the network, in pip's words."""
    found = {**said, **said.get("pip", {})}
    for index in found.get("index", []):
        name = "index-url" if index.get("default") else "extra-index-url"
        found[name] = f"{found.get(name, '')} {index['url']}"
    found["trusted-host"] = found.get("allow-insecure-host", "")
    listed = {n: [v] if isinstance(v, str) else v for n, v in found.items() if n in KEPT}
    return {name: " ".join(value) for name, value in listed.items()}
