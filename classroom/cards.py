"""Cards to print and to cut out: address, key, and the lines to type on each system."""

import socket
from collections.abc import Iterable
from html import escape
from ipaddress import ip_address
from pathlib import Path

import psutil

from classroom.keys import Person

FILE = Path(__file__).with_name("cards.html")
SET = "set LLM_BASE_URL={url}\nset LLM_API_KEY={key}\n"
LAB = "jupyter lab notebooks/00_start_here.ipynb"
LINES = {  # where it is typed: how the lines look there
    "Linux, macOS": "export LLM_BASE_URL={url}\nexport LLM_API_KEY={key}\nmake lab",
    "Windows, Command Prompt": f"{SET}.venv\\Scripts\\{LAB}",
    "Windows, PowerShell": '$env:LLM_BASE_URL = "{url}"\n$env:LLM_API_KEY = "{key}"\n'
    f".venv\\Scripts\\{LAB}",
    "Windows, Anaconda or Miniforge Prompt": f"{SET}conda activate local-llms\n{LAB}",
}
SHEET = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Cards for the class server</title>
<style>
body {{ font: 10pt/1.35 system-ui, sans-serif; margin: 0; }}
main {{ display: grid; grid-template-columns: 1fr 1fr; }}
article {{ border: 1px dashed #777; padding: 5mm; break-inside: avoid; }}
h1 {{ font-size: 13pt; margin: 0 0 2mm; overflow-wrap: anywhere; }}
h2 {{ font-size: 9pt; font-weight: normal; margin: 2mm 0 0; }}
p, pre {{ margin: 0; }}
code, pre {{ font: 10pt/1.35 ui-monospace, Consolas, monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; }}
</style>
</head>
<body>
<main>
{cards}
</main>
</body>
</html>
"""
CARD = """<article>
<h1>{name}</h1>
<p>Address: <code>{url}</code></p>
<p>Key: <code>{key}</code></p>
<p>Open a terminal in the folder of the course, and type the lines for your system. The last line
starts JupyterLab.</p>
{lines}
</article>"""
HUB_CARD = """<article>
<h1>{name}</h1>
<p>Open this address in a browser: <code>{url}</code></p>
<p>Key: <code>{key}</code></p>
</article>"""


def sheet(people: Iterable[Person], url: str, hub: str | None = None) -> str:
    """Return a page with a card for each learner.

    Args:
        people: who has a key.
        url: the address of the class server.
        hub: the address of a hub, for cards that need no lines to type.
    """
    return SHEET.format(cards="\n".join(_card(p, url, hub) for p in people if not p.is_teacher))


def _card(person: Person, url: str, hub: str | None) -> str:
    lines = []
    for where, words in LINES.items():
        typed = words.format(url=url, key=person.key)
        lines.append(f"<h2>{escape(where)}</h2>\n<pre>{escape(typed)}</pre>")
    name, key = escape(person.name), escape(person.key)
    if hub:
        return HUB_CARD.format(name=name, url=escape(hub), key=key)
    return CARD.format(name=name, url=escape(url), key=key, lines="\n".join(lines))


def addresses() -> list[str]:
    """Return the addresses of this computer in its networks, the likeliest first, if any."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it asks which way that would go
            found.append(probe.getsockname()[0])
        except OSError:
            pass  # there is no way out of this room; there may be one in it
    for entries in psutil.net_if_addrs().values():
        found += [entry.address for entry in entries if entry.family == socket.AF_INET]
    usable = (a for a in found if not (ip_address(a).is_loopback or ip_address(a).is_link_local))
    return list(dict.fromkeys(usable))
