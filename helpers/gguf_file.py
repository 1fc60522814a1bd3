"""What a GGUF file says about itself, and why some files cannot be used for a chat.

The format: docs/gguf.md of https://github.com/ggml-org/ggml. (The package `gguf` needs numpy, and
reads more than is wanted here.)
"""

import os
import re
import struct
from pathlib import Path
from typing import BinaryIO

from helpers.errors import ModelNotFound

NUMBERS = dict(enumerate("BbHhIif?")) | {10: "Q", 11: "q", 12: "d"}  # type: its letter in `struct`
TEXT, LIST = 8, 9
MOST = 1 << 24  # bytes of a text, elements of a list: a damaged file may claim any number
PART = re.compile(r"(.+)-\d{5}-of-(\d{5})\.gguf")

OTHER_FILES = {  # how a file begins: what it is, and what to do
    rb"\Z": "It is empty: fetch it again.",
    rb"version https://git-lfs": "It is a Git LFS pointer. In its folder, type:  git lfs pull",
    rb"\s*<": "It is a web page: on Hugging Face use the address with /resolve/, not /blob/.",
    rb".{7}\0\{": "It holds safetensors: look for the model under a name that ends in -GGUF.",
    rb"PK|\x80[\x02-\x05]": "It is a zip archive or a PyTorch file: unpack it, or look for a GGUF.",
    b"": "It does not begin with the letters GGUF: fetch it again, to the end.",
}
KINDS = {  # general.type/general.architecture, and what else was found: what it is, what to do
    "mmproj|/clip$": "a projector, for pictures or sound: use the model that it belongs to",
    "^adapter|/controlvector$": "an adapter: start its model, with options=['--lora', FILE]",
    "^imatrix": "a table for making models smaller: use the model itself",
    "bert|-embed(ding)?$|embeds$": "for embeddings or ranking, not for writing: use a chat model",
    "wordless$": "without a vocabulary (it may make pictures or sound): use a chat model",
    "weightless$": "a vocabulary without a model: use the model itself",
}


def is_file(path: Path) -> bool:
    """Return whether the file exists; not so where access is denied or the path impossible."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def parts(file: Path) -> list[Path]:
    """Return the files of a model, the first one first: most are in one file, some in several."""
    cut = PART.fullmatch(file.name)
    numbers = range(1, int(cut[2]) + 1) if cut else []
    return [file.with_name(f"{cut[1]}-{n:05}-of-{cut[2]}.gguf") for n in numbers] or [file]


def size_of(file: Path) -> int:
    """Return the bytes of a model, all of its parts together."""
    return sum(part.stat().st_size for part in parts(file))


def checked(file: Path) -> Path:
    """Return the file that a server is given for this model, after a look into all of its parts.

    Raises:
        ModelNotFound: it is not a model to chat with, or not a whole one.
    """
    files = parts(file)
    if missing := [part.name for part in files if not is_file(part)]:
        raise ModelNotFound(
            f"{file.name} is one of {len(files)} parts of a model, but {missing[0]} is not in the "
            "same folder.\nFetch all of the parts into one folder."
        )
    fields, *_ = [read(part) for part in files]
    if why := objection(fields):
        raise ModelNotFound(f"{file.name} is not a model to chat with.\nIt is {why}.")
    return files[0]


def objection(fields: dict) -> str:
    """Return why a file cannot be used to chat and what to do; nothing if it may be usable."""
    kind = fields.get("general.architecture")
    what = f"{fields.get('general.type', 'model')}/{kind}"
    if fields.get(f"{kind}.pooling_type") or not fields.get(f"{kind}.attention.causal", True):
        what += " embeds"
    elif fields.get("tokenizer.ggml.model", "none") in {"none", "no_vocab"}:
        what += " wordless"
    elif not fields["tensors"] and "split.count" not in fields:
        what += " weightless"
    return next((words for pattern, words in KINDS.items() if re.search(pattern, what)), "")


def read(file: Path, whole: bool = True) -> dict:
    """Return the fields of a GGUF file, of a list its length; the vocabulary and more if `whole`.

    Raises:
        ModelNotFound: it is another kind of file, of another version, damaged, or cut off.
    """
    try:
        with file.open("rb") as opened:
            begin = opened.read(64)
            if begin[:4] == b"GGUF":
                opened.seek(4)
                return _fields(opened, file.name, whole)
    except (struct.error, KeyError, ValueError, OverflowError):
        raise ModelNotFound(
            f"{file.name} is damaged, or was cut off.\nFetch it again, to the end. If it came in "
            "pieces whose names have no number like 00001-of-00002, join them first."
        ) from None
    except OSError as error:
        raise ModelNotFound(f"{file.name} cannot be read: {error.strerror}.") from None
    what = next(w for start, w in OTHER_FILES.items() if re.match(start, begin, re.DOTALL))
    raise ModelNotFound(f"{file.name} is not a GGUF file.\n{what}")


def _fields(file: BinaryIO, name: str, whole: bool) -> dict:
    version, tensors, pairs = _number(file, "I"), _number(file), _number(file)
    if version not in {2, 3}:
        raise ModelNotFound(
            f"{name} is in version {version} of GGUF, or damaged; llama.cpp reads 2 and 3, in the "
            "byte order of this computer.\nFetch another file of the same model."
        )
    fields = {"tensors": tensors}
    for _ in _times(pairs):
        key, kind = _text(file), _number(file, "I")
        if key == "tokenizer.ggml.tokens" and not whole:
            return fields
        fields[key] = _value(file, kind)
    last = 0  # where the last tensor begins, counted from the end of this table
    for _ in _times(tensors):
        _text(file)
        for _ in range(_number(file, "I")):
            _number(file)
        _number(file, "I")
        last = max(last, _number(file))
    last += file.tell()
    if "" in fields or (tensors and last >= file.seek(0, os.SEEK_END)):
        raise ValueError
    return fields


def _times(count: int) -> range:
    if count > MOST:
        raise ValueError
    return range(count)


def _number(file: BinaryIO, kind: str = "Q") -> int | float | bool:
    return struct.unpack(f"<{kind}", file.read(struct.calcsize(f"<{kind}")))[0]


def _text(file: BinaryIO) -> str:
    length = len(_times(_number(file)))
    return struct.unpack(f"{length}s", file.read(length))[0].decode(errors="replace")


def _value(file: BinaryIO, kind: int) -> int | float | bool | str:
    if kind == TEXT:
        return _text(file)
    if kind != LIST:
        return _number(file, NUMBERS[kind])
    kind, length = _number(file, "I"), len(_times(_number(file)))
    if kind == TEXT:
        for _ in range(length):
            file.seek(struct.unpack("<Q", file.read(8))[0], os.SEEK_CUR)
    else:
        file.seek(length * struct.calcsize(NUMBERS[kind]), os.SEEK_CUR)
    return length
