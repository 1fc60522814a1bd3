"""Say whether everything that the course needs is here.

Each thing is OK, WARN or FAIL, and the last two come with what to do. The report is the same text
as a file to send to a teacher; it holds no key, no name and no path of a home.
"""

import argparse
import contextlib
import getpass
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from helpers.check_setup.checks import CHECKS, COURSE, SET_UP, Result

TITLE = "The check of the set-up, Local LLMs from Python"  # how an older report is recognised


def results() -> Iterator[Result]:
    """Yield the result of each check; one that crashes counts as a FAIL."""
    for check in CHECKS:
        try:
            yield check()
        except Exception as error:
            what = check.__name__.replace("_", " ")
            yield Result(what, "FAIL", f"{type(error).__name__}: {error}", SET_UP)


def line(result: Result) -> str:
    """Return a result as it is printed: a line, and what to do indented under it."""
    lines = [f"{result.state:<5} {result.what:<17} {result.found}", *result.remedy.splitlines()]
    return "\n      → ".join(lines[:2]) + "".join(f"\n        {more}" for more in lines[2:])


def known(what: Callable[[], object]) -> str:
    """Return what the system says of its user, or nothing if it does not know."""
    with contextlib.suppress(Exception):
        return str(what())
    return ""


def without_keys(text: str) -> str:
    """Return the text without the keys, tokens and passwords that the environment holds."""
    secrets = set()
    for name, value in os.environ.items():
        if re.search("KEY|TOKEN|SECRET|PASS|AUTH|CREDENTIAL", name, re.I):
            secrets |= {value, *re.findall(r"\S+", value)}
        for user in re.findall(r"//(\S+)@|^([^/\s]+:\S+)@", value):
            secrets |= {*user, *"".join(user).split(":", 1)}
        secrets |= set(re.findall(r"(?i)(?:key|token|secret|pass)\w*=([^&\s]+)", value))
    secrets -= {"", "0", "1", "true", "false", "ollama", "no-key"}  # these are not secrets
    forms = {form for s in secrets for form in (s, unquote(s), quote(s, safe=""), repr(s)[1:-1])}
    for form in sorted(forms, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", "…", text)
    return re.sub(r"//[^/\s@]+@|\b(sk-|hf_|ghp_)[\w-]+", "…", text)


def without_secrets(text: str) -> str:
    """Return the text without keys, without the folder of a home, and without names."""
    text = without_keys(text).replace(str(COURSE), "the course")
    home, *names = known(Path.home), known(getpass.getuser), known(platform.node)
    text = text.replace(home, "~") if len(home) > 1 else text
    return re.sub("|".join(rf"\b{re.escape(n)}\b" for n in names if n) or "(?!)", "…", text)


def check_setup(report: str | os.PathLike | None = None) -> bool:
    """Look at everything, print a line for each, and return whether nothing has failed.

    Args:
        report: a file to write the same into, without secrets.
    """
    lines, fine = [], True
    for result in results():
        lines.append(without_keys(line(result)))
        print(lines[-1], flush=True)
        fine = fine and result.state != "FAIL"
    end = "Everything that the course needs is here." if fine else "Something is missing: see FAIL."
    print(f"\n{end}")
    if report:
        system = f"{platform.system()} {platform.release()}, {platform.machine()}"
        text = without_secrets("\n".join([TITLE, system, *lines, end, ""]))
        try:
            file = Path(report)
            if file.is_file() and TITLE.encode() not in file.read_bytes()[:80]:
                print(f"{report} holds something else, and was not overwritten. Name a new file.")
                return False
            file.write_text(text, encoding="utf-8")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            print(f"The report cannot be written to {report}: {why}. Name another file.")
            return False
        print(f"The report is in {report}.")
    return fine


def main() -> None:
    """Read the command line, and check."""
    parser = argparse.ArgumentParser(description="Is everything here that the course needs?")
    parser.add_argument("--report", metavar="FILE", help="write it into a file, without secrets")
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 (closed: nobody reads)
    sys.stdout.reconfigure(errors="replace")  # an arrow that the terminal cannot show is a ?
    try:
        sys.exit(not check_setup(parser.parse_args().report))
    except KeyboardInterrupt:
        sys.exit("Interrupted.")
    except OSError as error:  # the reader has left, as in `… | head`, or the disk is full
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1 if isinstance(error, BrokenPipeError) else f"Not printed: {error.strerror}.")
