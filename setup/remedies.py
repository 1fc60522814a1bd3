"""What the set-up says when it cannot go on: what happened, and what to type next."""

import re

OLD_PYTHON = """
The course needs Python 3.11 or newer, 64 bit, and this is {version}. Get one:

    Debian, Ubuntu   sudo apt install python3.11 python3.11-venv
    Fedora           sudo dnf install python3.13
    macOS            brew install python@3.13
    Windows          winget install Python.Python.3.13

and name it:  make lab PYTHON=python3.13  (python3.11 on Debian and Ubuntu)
On Windows:   py -3.13 setup\\environment.py --no-conda --background
(Conda brings its own Python: see README.md.)
"""

NO_VENV = """
This Python cannot make virtual environments. On Debian and Ubuntu that takes one more package:

    sudo apt install python{}.{}-venv

Then run the same command again.
"""

NOT_OURS = """
There is a .venv in this folder already, and this set-up did not make it. It stays as it is. Give
it another name, then run the same command again:

    mv .venv my-venv
On Windows:
    ren .venv my-venv
"""

CONDA_AGAIN = """
The environment in .venv was made by conda, {reason}. Make a new one:

    make clean lab
On Windows:
    py setup\\clean.py
and then the set-up again.
"""

# What the failing program said: what to do about it. The first that fits is shown.
REMEDIES = {
    r"No space left|not enough space|Errno 28\b|os error (28|112)\b|[Qq]uota": """
There is no room left on the disk. The course takes 700 MB in its folder, and the set-up 1 GB more
in your cache folder and in the one for temporary files. Make room, then run the same command again.
On Linux and macOS, to use another disk for the cache and the temporary files:

    export XDG_CACHE_HOME=/other/disk/cache TMPDIR=/other/disk
""",
    r"used by another process|(os error|WinError) 32\b": """
A program of the course is still running. Close JupyterLab, then run the same command again.
""",
    r"(os error|WinError) (3|206)\b|[Ff]ile ?name too long|Errno 36\b": """
A path here is longer than this system allows. Move the course to a folder with a short path, such
as C:\\course on Windows, then run the same command again.
""",
    r"contains the PATH separator": """
No environment can be made in a folder whose path holds a colon (on Windows, a semicolon). Rename
that folder, then run the same command again.
""",
    r"[Pp]ermission denied|[Aa]ccess is denied|not permitted|[Rr]ead-only file system"
    r"|(Errno|os error) (1|5|13|30)\b": """
Something here cannot be written or run; the lines above name it. On Windows, close JupyterLab, or
copy the course to a folder of your own; then run the same command again. Elsewhere, if it is the
folder of the course, copy that to a place of your own on this computer's disk, and work there:

    cp -R . ~/local-llms && cd ~/local-llms

If it is a folder in your home, it belongs to somebody else (after a `sudo`, to root):

    sudo chown -R "$USER" FOLDER

Then run the same command again.
""",
    r"[Cc]ertificate|\bSSL\b|\bTLS\b": """
The package index, or a proxy in front of it, shows a certificate that this computer does not trust.
If your school or company has its own, set these variables to its file, then run the same command
again:

    export SSL_CERT_FILE=/path/to/certificates.pem PIP_CERT=/path/to/certificates.pem
On Windows, in the Command Prompt:
    set SSL_CERT_FILE=C:\\path\\certificates.pem
    set PIP_CERT=C:\\path\\certificates.pem
""",
    r"[Pp]roxy|\btunnel\b": """
The proxy did not let the set-up through. Correct the variables HTTPS_PROXY and ALL_PROXY, or unset
them if there is no proxy, then run the same command again.
""",
    r"[Hh]ash": """
The download is not what requirements.lock names: it was cut off, or a mirror changed it. Run the
same command again, if necessary on another network. If you use a bundle, copy it again first.
""",
    r"[Ff]ailed to (fetch|download|connect)|error sending request|dns error|[Cc]onnection|[Rr]esolv"
    r"|[Tt]imed out|No matching distribution|not found in the (package registry|provided)": """
The package index does not answer, or does not have this package. Check the network; behind a proxy,
set HTTPS_PROXY. If you use a bundle, check that the USB stick, or the computer that serves it, is
still there. Then run the same command again: nothing is downloaded twice.
""",
    r"No solution|no wheels|Unsupported|requires Python|Failed to build": """
A package is not available for this Python or computer. The course runs on Python 3.11 to 3.14,
64 bit. Use another Python:

    make clean lab PYTHON=python3.13
On Windows:
    py setup\\clean.py
    py -3.13 setup\\environment.py --no-conda --background
""",
}

OTHERWISE = """
Run the same command again: it continues where it stopped. If you get the same message, make the
environment again:

    make clean lab
On Windows:
    py setup\\clean.py
and then the set-up again.
"""


def advice(said: str) -> str:
    """Return what to do about what a program has said before it failed."""
    return next((what for words, what in REMEDIES.items() if re.search(words, said)), OTHERWISE)


def remedy(said: str) -> str:
    """Return the last words of a program that failed, without stack trace, and what to do."""
    words = re.sub(r"(?m)^Traceback .*\n((?: .*)?\n)*", "", said)
    words = re.sub(r"(?m)^WARNING: Retrying.*\n", "", words)
    words = re.sub(r"//[^/@\s]+@", "//", words)  # a password in an address
    return "\n".join(words.strip().splitlines()[-8:]) + "\n" + advice(said)
