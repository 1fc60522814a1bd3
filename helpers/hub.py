"""Real models by name: fetched from the Hugging Face hub once, checked, and found again.

The fetching itself (cache, resume, progress bar, mirrors by `HF_ENDPOINT`, `HF_HUB_OFFLINE`,
`HF_TOKEN`) is huggingface_hub's. Added here: room on the disk is looked for beforehand, the digest
is checked before the file is used, and whatever goes wrong is said in a sentence.
"""

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import ModelNotFound

PATIENCE = 10  # seconds to wait for the hub's first answer


@dataclass(frozen=True)
class HubModel:
    """A small chat model on the hub.

    Attributes:
        name: what to call it here.
        repo: its repository on the hub.
        file: the GGUF file in that repository.
        licence: under which it may be used.
        megabytes: size of the file, in millions of bytes.
        sha256: digest of the file. None where we could not confirm it by two sources: then the file
            is compared with the digest that the hub itself states.
        remark: what to know before one takes it.
    """

    name: str
    repo: str
    file: str
    licence: str
    megabytes: int
    sha256: str | None = None
    remark: str = ""


CATALOGUE = {
    entry.name.lower(): entry
    for entry in [
        HubModel("SmolLM2-135M", "bartowski/SmolLM2-135M-Instruct-GGUF",
                 "SmolLM2-135M-Instruct-Q4_K_M.gguf", "Apache-2.0", 105),
        HubModel("SmolLM2-360M", "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF",
                 "smollm2-360m-instruct-q8_0.gguf", "Apache-2.0", 386),
        HubModel("LFM2-350M", "LiquidAI/LFM2-350M-GGUF", "LFM2-350M-Q4_K_M.gguf", "LFM-1.0", 229),
        HubModel("granite-4.0-350m", "ibm-granite/granite-4.0-350m-GGUF",
                 "granite-4.0-350m-Q4_K_M.gguf", "Apache-2.0", 237,
                 "771c588a49607f274a2bba3185733607ebe6f74b996ab90e2d6bee0d98bcec52"),
        HubModel("gemma-3-270m", "ggml-org/gemma-3-270m-it-GGUF", "gemma-3-270m-it-Q8_0.gguf",
                 "Gemma terms of use", 292,
                 "0ef57d2c838458a1952664260dcba38e5bdda37494f3af732f06e4add24068e3"),
        HubModel("Qwen2.5-0.5B", "bartowski/Qwen2.5-0.5B-Instruct-GGUF",
                 "Qwen2.5-0.5B-Instruct-Q4_K_M.gguf", "Apache-2.0", 398),
        HubModel("Qwen3-0.6B", "Qwen/Qwen3-0.6B-GGUF", "Qwen3-0.6B-Q8_0.gguf", "Apache-2.0", 639,
                 remark="thinks before it answers, unless the server has --reasoning off"),
    ]
}  # fmt: skip


def fetch(entry: HubModel) -> Path:
    """Return the path of a model's file, after downloading it if it is not here yet.

    Raises:
        ModelNotFound: it cannot be had, or is not what it should be; the message says why.
    """
    import huggingface_hub as hub  # slow to import, and most lessons need no hub

    place = {"cache_dir": os.environ.get("HF_HUB_CACHE")}
    here = hub.try_to_load_from_cache(entry.repo, entry.file, **place)
    if isinstance(here, str):
        file = Path(here)
        return _checked(file, entry, stated=file.resolve().name)  # the cache names it by its digest
    if os.environ.get("HF_HUB_OFFLINE", "0").lower() not in {"", "0", "false", "no", "off"}:
        raise _failed(entry, "it is not on this computer, and HF_HUB_OFFLINE forbids to fetch it.\n"
                      "Unset HF_HUB_OFFLINE, or take one of local_models().")  # fmt: skip
    endpoint = os.environ.get("HF_ENDPOINT")
    address = hub.hf_hub_url(entry.repo, entry.file, endpoint=endpoint)
    try:
        there = hub.get_hf_file_metadata(address, token=hub.get_token(), timeout=PATIENCE)
        _look_for_room(entry, there.size or entry.megabytes * 10**6, place["cache_dir"])
        file = hub.hf_hub_download(
            entry.repo, entry.file, endpoint=endpoint, etag_timeout=PATIENCE, **place
        )
    except ModelNotFound:
        raise
    except Exception as error:  # of several libraries; each is told apart below
        raise _failed(entry, _reason(error, entry, address)) from None
    return _checked(Path(file), entry, stated=there.etag or "")


def _look_for_room(entry: HubModel, size: int, cache: str | None) -> None:
    folder = Path(cache) if cache else Path.home()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < size * 1.05:
        raise _failed(
            entry,
            f"it needs {size / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free on that disk.\n"
            "Make room, or name a folder on another disk in the environment variable HF_HUB_CACHE.",
        )


def _checked(file: Path, entry: HubModel, stated: str) -> Path:
    """Return the file if its SHA-256 is the pinned one, or the one that the hub states."""
    wanted = entry.sha256 or stated
    if re.fullmatch("[0-9a-f]{64}", wanted):
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
        if found != wanted:
            blob = file.resolve()
            for damaged in {file, blob}:
                damaged.unlink(missing_ok=True)
            raise _failed(entry, "the file is not what it should be: its SHA-256 differs. It was "
                          "removed.\nRun the same again to fetch it anew.")  # fmt: skip
    return file


def _failed(entry: HubModel, why: str) -> ModelNotFound:
    return ModelNotFound(f"{entry.name} cannot be used: {why}")


def _reason(error: Exception, entry: HubModel, address: str) -> str:
    """Return what an error of the hub's means, and what to do."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    page = address.partition("/resolve/")[0]
    if status in {401, 403}:
        return (
            f"the hub does not give it to everybody ({status}).\nAccept its terms on {page}, and "
            "put a token of yours into the environment variable HF_TOKEN."
        )
    if status == 404:
        return f"the hub has no {entry.file} there (any more).\nLook on {page}, or take another."
    if status == 429:
        seconds = response.headers.get("Retry-After", "some")
        return f"the hub has had too many questions from here.\nTry again in {seconds} seconds."
    if status:
        return f"the hub answers {status}.\nTry again later."
    if "Consistency check failed" in str(error) or "peer closed connection" in str(error):
        return "the download broke off.\nRun the same again: it goes on where it stopped."
    if isinstance(error, OSError) and error.errno:
        return f"it cannot be stored: {error.strerror}.\nName a folder in HF_HUB_CACHE."
    return (
        f"nothing answers at {address.partition('/' + entry.repo)[0]}.\nIs this computer online? "
        "A mirror can be named in HF_ENDPOINT. Every lesson works offline with cria."
    )
