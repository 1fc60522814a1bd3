"""The way of a request: key, address, size, rules, turn, llama-server, and back as it comes."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from classroom import connections, page, rules
from classroom.keys import Keys, Person
from classroom.servers import Servers
from classroom.tally import TAIL, Tally
from classroom.turns import LineFull, Ticket, Turns
from helpers.errors import WrongGrammar

REPLIES = {  # the addresses that make the model write, and the field for the length of a reply
    "/v1/chat/completions": "max_tokens",
    "/v1/completions": "max_tokens",
    "/v1/responses": "max_output_tokens",
    "/completion": "n_predict",
}
TOOLS = ["/tokenize", "/detokenize", "/apply-template"]  # they take no slot
LISTS = ["/v1/models"]
HEALTH = ["/health", "/v1/health"]

BODY = 256 * 1024  # bytes; more than any lesson sends
READ = 32 * BODY  # who sends more than this is cut off; until then, the sender gets an answer
ARRIVAL = 30  # seconds that a request may take to arrive
LONGEST = 290  # seconds for a reply, and for its stream: less than the lessons wait, which is 300
RETURN = 30  # seconds that a question waits for a server that is being started again
UNREAD = 10  # seconds that a reply in one piece keeps its slot when its client has gone
AGAIN = 2  # seconds for Retry-After, where the server has just ended
END = 3  # seconds that a reply may take to end, when its time or the class server's is over
BACK = ["content-type", "retry-after"]  # the headers of llama-server that go back
NOBODY = Person("this computer", "")  # who asks, as long as there are no keys
LOCAL = {"127.0.0.1", "localhost", "::1"}


class Refused(Exception):
    """A request that goes no further: its status, and what the learner reads."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(self) -> Response:
        """Return it in the form of the OpenAI API, which every client reads."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        error = {"message": self.message, "type": kind, "code": self.status}
        return JSONResponse({"error": error}, self.status, self.headers)


@dataclass(frozen=True)
class Limits:
    """How much there is for everybody."""

    slots: int
    tokens: int  # of a reply
    each: int = 2  # replies at once for each learner
    line: int = 256
    line_each: int = 32
    seconds: float = LONGEST
    body: int = BODY


class Asked(NamedTuple):
    """A request that may be passed on."""

    method: str
    path: str
    body: bytes = b""
    places: int = 1  # how many slots it takes
    streams: bool = False


class Gateway:
    """Lets those in who have a key, in rotation, and passes on what lessons need."""

    def __init__(self, keys: Keys | None, servers: Servers, limits: Limits) -> None:
        """Prepare it.

        Args:
            keys: who may ask; without it everybody on this computer.
            servers: the llama-server behind it, or several.
            limits: how much there is for everybody.
        """
        self.keys, self.servers, self.limits = keys, servers, limits
        self.turns = Turns(limits.slots, limits.each, limits.line, limits.line_each)
        servers.resized = self.turns.resize
        self.quick = Turns(8, 2, limits.line, limits.line_each)  # for what takes no slot
        self.tally = Tally()
        self._unread: set[asyncio.Task] = set()  # replies whose clients have gone
        self._client = httpx.AsyncClient(
            trust_env=False,  # no proxy on the way to our own server
            timeout=httpx.Timeout(None, connect=5),
            # a connection that is kept may be closed just when the next question is sent
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            headers={"Authorization": f"Bearer {servers.api_key}"},
        )

    def app(self) -> Starlette:
        """Return the application, for uvicorn."""
        open_to_all = [Route(path, self.health, methods=["GET"]) for path in HEALTH]
        lists = [Route(path, _Endpoint(self, path), methods=["GET"]) for path in LISTS]
        posts = [
            Route(path, _Endpoint(self, path), methods=["POST"]) for path in [*REPLIES, *TOOLS]
        ]
        return Starlette(
            routes=[*open_to_all, Route(page.PATH, self.page, methods=["GET"]), *lists, *posts],
            exception_handlers={404: self._no_such_address, 405: self._no_such_address},
        )

    async def serve(self, web: uvicorn.Server) -> None:
        """Let the room in until somebody ends it; then the server behind it ends, too."""
        connections.prepare()
        async with self.servers, self._client:
            await web.serve()
            for work in self._unread:
                work.cancel()

    def web(self, host: str, port: int) -> uvicorn.Server:
        """Return what listens for the room."""
        settings = uvicorn.Config(
            self.app(),
            host=host,
            port=port,
            lifespan="off",
            log_level="error",  # else everybody could fill the teacher's terminal
            access_log=False,  # an address may hold what nobody should read
            proxy_headers=False,
            server_header=False,
            http=connections.Connection,
            backlog=connections.BACKLOG,
            timeout_keep_alive=65,
            timeout_graceful_shutdown=END,
        )
        return uvicorn.Server(settings)

    # --- what is not passed on ---

    async def health(self, request: Request) -> Response:
        """Say whether the server can be asked; this needs no key."""
        if self.servers.ready.is_set():
            return JSONResponse({"status": "ok"})
        return _starting().answer()

    async def page(self, request: Request) -> Response:
        """Show the teacher's page to whoever has the teacher's key."""
        person = page.visitor(request, self.keys) if self.keys else NOBODY
        try:
            self._look_at_origin(request)
        except Refused as refused:
            return refused.answer()
        if not person:
            return page.ask_for_key()
        return page.shown(self)

    async def _no_such_address(self, request: Request, error: Exception) -> Response:
        try:
            self.person(request)
        except Refused as refused:
            return refused.answer()
        known = ", ".join([*LISTS, *REPLIES, *TOOLS])
        asked = f"{request.method} {request.scope['path'][:100]}"
        return Refused(
            404,
            f"The class server has no {asked}. It has: {known}. For all the others "
            "start a server of your own: LlamaServer(own=True)",
        ).answer()

    # --- what is passed on ---

    def person(self, request: Request) -> Person:
        """Return whose request this is.

        Raises:
            Refused: nobody's.
        """
        if not self.keys:
            self._look_at_origin(request)
            return NOBODY
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        key = key if kind.lower() == "bearer" else request.headers.get("x-api-key", "")
        if person := self.keys.owner(key):
            return person
        raise Refused(
            401,
            "The class server does not recognise this key. End JupyterLab, and type the lines on "
            "your card again. If that does not help, ask for another card."
            if key
            else "The class server asks for a key, and this request has none. Type the lines on "
            "your card, start JupyterLab in the same terminal, and send the key in the header "
            "Authorization: Bearer KEY",
            WWW_Authenticate="Bearer",
        )

    def _look_at_origin(self, request: Request) -> None:
        """Without keys, refuse what a page of the web sends through a browser on this computer."""
        host = f"http://{request.headers.get('host', '')}"
        asked = {_host(host), _host(request.headers.get("origin", host))}
        if not self.keys and not asked <= LOCAL:
            raise Refused(403, "Without keys only programs on this computer may ask.")

    async def answer(self, path: str, request: Request, send: Send) -> None:
        """Answer a request: with the server's reply, or with what is wrong."""
        person = None
        try:
            person = self.person(request)
            asked = await self._read(path, request)
            self.tally.row(person.name).asked += path in REPLIES
            until = asyncio.get_running_loop().time() + self.limits.seconds
            turns = self.turns if path in REPLIES else self.quick
            try:
                ticket = turns.enter(person.name, asked.places)
            except LineFull as full:
                raise _crowded(full) from None
            try:
                async with asyncio.timeout_at(until):
                    await ticket.turn()
            except (TimeoutError, asyncio.CancelledError):  # the latter: the client has gone
                turns.leave(ticket)
                raise
            work = asyncio.create_task(self._pass_on(asked, person, ticket, until, send))
            work.add_done_callback(lambda _: turns.leave(ticket))
            reply = await self._or_client_goes(work, asked.streams)
        except TimeoutError:
            refused = self._too_long()
        except ClientDisconnect:
            return
        except Refused as error:
            refused = error
        else:
            if reply:  # its slot is free by now, however slowly somebody reads
                await reply(request.scope, request.receive, send)
            return
        if person:
            self.tally.error(person.name, refused.status)
        await refused.answer()(request.scope, request.receive, send)

    async def _or_client_goes(self, work: asyncio.Task, streams: bool) -> Response | None:
        """Wait for the reply; if the client goes, let go of it as soon as llama-server does.

        It ends a stream at the next token. But whether somebody still waits for a reply in one
        piece, it looks only when nobody else has got anything for a second. So such a reply keeps
        its slot until it is whole: a slot that only looks free would make others wait for it. A
        slow model often has such seconds, and its replies are long: it is not waited for as long.
        """
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            asyncio.get_running_loop().call_later(0 if streams else UNREAD, work.cancel)
            self._unread.add(work)
            work.add_done_callback(self._forget)
            raise

    def _forget(self, work: asyncio.Task) -> None:
        self._unread.discard(work)
        if not work.cancelled():
            work.exception()  # nobody is there to read it

    def _too_long(self) -> Refused:
        waiting = len(self.turns.waiting)
        busy = f" Questions waiting: {waiting}. Ask again later." if waiting else ""
        return Refused(504, f"This took more than {self.limits.seconds:g} s. Ask for less.{busy}")

    async def _read(self, path: str, request: Request) -> Asked:
        """Return what is asked for.

        Raises:
            Refused: it is too large, too slow, no JSON, or asks for what is not allowed.
        """
        if request.method == "GET":
            return Asked("GET", path)
        data, length = bytearray(), 0
        try:
            async with asyncio.timeout(ARRIVAL):
                async for piece in request.stream():
                    length += len(piece)
                    if length > READ:
                        break
                    if length <= self.limits.body:
                        data += piece
        except TimeoutError:
            raise Refused(408, "The request did not arrive in time.", Connection="close") from None
        if length > self.limits.body:
            most = self.limits.body // 1024
            message = f"This request is larger than {most} KB. Send less at a time."
            raise Refused(413, message, Connection="close")
        try:
            body = json.loads(bytes(data))
        except (ValueError, RecursionError):
            raise Refused(
                400, "The body of this request is not JSON: look for a missing quote or comma."
            ) from None
        if not isinstance(body, dict):
            raise Refused(400, 'The body of this request must be an object: {"messages": [...]}')
        try:
            rules.check(body)
            places = rules.replies(body) if path in REPLIES else 1
            if path in REPLIES:
                rules.shorten(body, self.limits.tokens, REPLIES[path])
                body.pop("id_slot", None)  # slots are for the server to choose
        except (WrongGrammar, ValueError) as error:
            raise Refused(400, str(error)) from None
        streams = body.get("stream") is True
        return Asked("POST", path, json.dumps(body).encode(), places, streams)

    async def _pass_on(
        self, asked: Asked, person: Person, ticket: Ticket, until: float, send: Send
    ) -> Response | None:
        """Ask the server, and send a stream on as it comes; return a reply in one piece.

        It must begin by `until`, and be whole by then if it is in one piece.
        """
        try:
            async with asyncio.timeout_at(until):
                answer = await self._ask(asked, ticket)
        except httpx.HTTPError:
            self.servers.lost(person.name, ticket.server)
            raise _ended() from None
        try:
            headers = {name: answer.headers[name] for name in BACK if name in answer.headers}
            if "text/event-stream" in headers.get("content-type", ""):
                await self._stream(answer, headers, person, ticket, send)
                return None
            try:
                async with asyncio.timeout_at(until):
                    content = await answer.aread()
            except httpx.HTTPError:
                self.servers.lost(person.name, ticket.server)
                raise _ended() from None
            if answer.status_code >= 400:
                self.tally.error(person.name, answer.status_code)
            elif asked.path in REPLIES:
                self.tally.count(person.name, content[-TAIL:])
            return Response(content, answer.status_code, headers)
        finally:
            await answer.aclose()

    async def _ask(self, asked: Asked, ticket: Ticket) -> httpx.Response:
        """Return the answer of the server as soon as it begins.

        A request that never reached the server is sent again, to the one that takes its place.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + RETURN
        kind = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    await self.servers.ready.wait()
            except TimeoutError:
                raise _starting() from None
            ticket.server = self.servers.url_for(ticket.name, self.turns.taken)
            request = self._client.build_request(
                asked.method, ticket.server + asked.path, content=asked.body, headers=kind
            )
            try:
                return await self._client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if loop.time() > deadline:
                    raise _starting() from None
                self.servers.missed(ticket.server)
                await asyncio.sleep(0.1)  # the watch will see that it has ended

    async def _stream(
        self,
        answer: httpx.Response,
        headers: dict[str, str],
        person: Person,
        ticket: Ticket,
        send: Send,
    ) -> None:
        """Send a stream on, piece by piece as it comes."""
        start = Response(status_code=answer.status_code, headers=headers)
        raw = [(name, value) for name, value in start.raw_headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": raw})
        tail, pieces = b"", 0
        try:
            async with asyncio.timeout(self.limits.seconds):
                async for piece in self._pieces(answer, person, ticket):
                    tail, pieces = (tail + piece)[-TAIL:], pieces + piece.count(b"data: {")
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            self.tally.error(person.name, 504)
            with contextlib.suppress(TimeoutError):  # a client that does not read is not waited for
                async with asyncio.timeout(END):
                    await send({"type": "http.response.body", "body": _event(self._too_long())})
        finally:
            self.tally.count(person.name, tail, pieces)

    async def _pieces(
        self, answer: httpx.Response, person: Person, ticket: Ticket
    ) -> AsyncIterator[bytes]:
        """Yield what the server sends; if it ends or the key does, an error as the last event."""
        try:
            async for piece in answer.aiter_raw():
                if b"data: {" in piece:  # and not only a ping, which a server that hangs sends too
                    self.servers.sign_of_life(ticket.server)
                yield piece
                if self.keys and not self.keys.holds(person):
                    yield _event(Refused(401, "Your key has been revoked."))
                    return
        except httpx.HTTPError:
            self.tally.error(person.name, 503)
            self.servers.lost(person.name, ticket.server)
            yield _event(_ended())


class _Endpoint:
    """One address that is passed on, as an application of its own."""

    def __init__(self, gateway: Gateway, path: str) -> None:
        self._gateway, self._path = gateway, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and stop working as soon as the client has gone."""
        body_is_here = asyncio.Event()

        async def noticed() -> dict:
            message = await receive()
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                body_is_here.set()
            return message

        async def client_goes() -> None:
            await body_is_here.wait()  # until then, whoever reads the body hears of it
            while (await receive())["type"] != "http.disconnect":
                pass

        work = asyncio.create_task(self._gateway.answer(self._path, Request(scope, noticed), send))
        if scope["method"] == "GET":
            body_is_here.set()
        goes = asyncio.create_task(client_goes())
        try:
            await asyncio.wait([work, goes], return_when=asyncio.FIRST_COMPLETED)
        finally:
            left = not work.done()
            work.cancel()
            goes.cancel()
            outcome, _ = await asyncio.gather(work, goes, return_exceptions=True)
        if isinstance(outcome, Exception) and not left:
            raise outcome


def _host(address: str) -> str | None:
    """Return the host in an address; None if it is none."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _event(refused: Refused) -> bytes:
    """Return an error as an event of a stream: an empty line first, in case one was cut off."""
    return b"\n\ndata: " + refused.answer().body + b"\n\n"


def _starting() -> Refused:
    message = "The class server is loading its model again. Ask again in a minute."
    return Refused(503, message, Retry_After=str(AGAIN))


def _ended() -> Refused:
    message = (
        "The model's server stopped while it was working on this, and is being restarted. Ask "
        "again. If it stops again, the question is the cause: shorten it, or tell your teacher."
    )
    return Refused(503, message, Retry_After=str(AGAIN))


def _crowded(full: LineFull) -> Refused:
    seconds = str(full.retry_after)
    if full.whole:
        message = f"The class's queue is full. Ask again in {seconds} s."
        return Refused(503, message, Retry_After=seconds)
    message = f"Too many questions of yours are waiting. Ask the next one in {seconds} s."
    return Refused(429, message, Retry_After=seconds)
