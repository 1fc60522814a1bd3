"""The teacher's page: who works, who waits, tokens, errors, speed, memory.

It is a table without a line of JavaScript, which the browser fetches again every two seconds.
"""

import base64
import time
from html import escape
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from classroom.keys import Keys, Person

if TYPE_CHECKING:
    from classroom.gateway import Gateway
    from classroom.turns import Turns

PATH = "/teacher"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="2">
<title>The class</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid #bbb; padding: .2rem .6rem; text-align: right; }}
th:first-child, td:first-child, td:last-child, th:last-child {{ text-align: left; }}
.wrong {{ background: #fdd; color: #600; padding: .5rem 1rem; }}
</style>
</head>
<body>
<h1>The class</h1>
{notes}
<p>{state}</p>
<table>
<thead><tr><th scope="col">name</th><th scope="col">at work</th><th scope="col">waiting</th>
<th scope="col">questions</th><th scope="col">tokens read</th><th scope="col">tokens written</th>
<th scope="col">tokens a second</th><th scope="col">errors</th><th scope="col">last error</th>
</tr></thead>
<tbody>
{rows}
</tbody>
</table>
{ended}
<p>This page shows numbers. No question and no reply is stored, here or anywhere else on the class
server; the numbers are gone when it ends.</p>
</body>
</html>
"""


def visitor(request: Request, keys: Keys) -> Person | None:
    """Return the teacher whose key came as a password (with any name), or as a bearer token."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[2]
        except ValueError:
            return None
    person = keys.owner(given)
    return person if person and person.is_teacher else None


def ask_for_key() -> Response:
    """Make the browser ask for a password."""
    message = "This page is for the teacher: leave the name empty, and give your key as password."
    challenge = {"WWW-Authenticate": 'Basic realm="The class: your key is the password"'}
    return PlainTextResponse(message, 401, HEADERS | challenge)


def shown(gateway: "Gateway") -> Response:
    """Return the page as things are now."""
    return HTMLResponse(
        PAGE.format(
            notes=_notes(gateway), state=_state(gateway), rows=_rows(gateway), ended=_ended(gateway)
        ),
        headers=HEADERS,
    )


def _notes(gateway: "Gateway") -> str:
    """Return what is wrong now."""
    wrong = [] if gateway.servers.ready.is_set() else ["llama-server is being started."]
    if gateway.keys and gateway.keys.error:
        wrong.append(f"The last change to the keys is not in effect yet. {gateway.keys.error}")
    return "\n".join(f'<p class="wrong" role="status">{escape(words)}</p>' for words in wrong)


def _state(gateway: "Gateway") -> str:
    turns, servers = gateway.turns, gateway.servers
    return (
        f"Model {escape(servers.model)} · {turns.taken.total()} of {turns.slots} slots at work · "
        f"{len(turns.waiting)} waiting · {gateway.tally.speed():.1f} tokens a second in the last "
        f"minute · {_ages(turns)}{escape(servers.about)}"
    )


def _ages(turns: "Turns") -> str:
    """Return how long the oldest questions have been at work and waiting, if there are any."""
    now, words = time.monotonic(), []
    for tickets, what in [(turns.working, "at work"), (turns.waiting, "waiting")]:
        if tickets:
            age = now - min(ticket.since for ticket in tickets)
            words.append(f"the oldest {what} for {age:.0f} s · ")
    return "".join(words)


def _rows(gateway: "Gateway") -> str:
    """Return a row for everybody who has a key or has asked."""
    people = [p.name for p in gateway.keys.people if not p.is_teacher] if gateway.keys else []
    rows = []
    for name in dict.fromkeys([*people, *gateway.tally.rows]):
        row = gateway.tally.row(name)
        working = [ticket for ticket in gateway.turns.working if ticket.name == name]
        waiting = [ticket for ticket in gateway.turns.waiting if ticket.name == name]
        cells = [
            name, len(working) or "", len(waiting) or "", row.asked, f"{row.read:,}",
            f"{row.written:,}", f"{row.speed:.1f}", row.errors or "", row.last_error,
        ]  # fmt: skip
        rows.append("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells) + "</tr>")
    return "\n".join(rows)


def _ended(gateway: "Gateway") -> str:
    """Return a list of the times when the server had to be started again."""
    if not gateway.servers.ended:
        return ""
    lines = []
    for end in reversed(gateway.servers.ended[-10:]):
        when, who = time.strftime("%H:%M:%S", time.localtime(end.when)), ", ".join(end.lost)
        away = f"; it was down for {end.away:.1f} s" if end.away else ""
        words = f"{when}: llama-server {end.why}{away}."
        lines.append(f"<li>{escape(words)} {escape(f'Lost a reply: {who}.' if who else '')}</li>")
    return f"<h2>When a server ended</h2>\n<ul>{''.join(lines)}</ul>"
