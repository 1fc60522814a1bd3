r"""The commands of the class server.

    python -m classroom keys NAMES.txt     make a key for every name in a list
    python -m classroom                    start the server
    python -m classroom size 200           how many servers so many learners need in a cluster

On Windows, type `.venv\Scripts\python -m classroom`.
"""

import argparse
import asyncio
import errno
import os
import secrets
import socket
import sys
from pathlib import Path

import psutil

from classroom import cards, cluster, keys, page
from classroom.size import CONTEXT, size, slots_at
from helpers import model
from helpers.errors import PortTaken, ServerError
from helpers.network import HOST, is_open

PORT = 8080
ROOM = "0.0.0.0"
LEARNERS = 8  # as long as there are no keys to count
SLOTS = 8  # of each server, where several run elsewhere


def main(words: list[str] | None = None) -> None:
    """Do what the command line says."""
    wanted = parser().parse_args(words)
    try:
        wanted.do(wanted)
    except ServerError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:  # this is how a teacher ends it
        sys.exit(130)


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m classroom", description="One model for a room full of people."
    )
    parser.set_defaults(do=start)
    _for_server(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    made = _command(commands, "keys", make_keys, "make a key for every name in a list")
    made.add_argument("names", type=Path, help="a text file with one name on each line")
    added = _command(commands, "add", add, "make a key for each of these names")
    added.add_argument("names", nargs="+", metavar="NAME")
    gone = _command(commands, "revoke", revoke, "make a key invalid")
    gone.add_argument("name", metavar="NAME")
    printed = _command(commands, "cards", print_cards, "write a page of cards to print")
    printed.add_argument("--port", type=_port, default=PORT, help="as for the server")
    printed.add_argument("--address", help="of this computer, if it has several")
    printed.add_argument("--hub", metavar="URL", help="for a hub at this address")
    _for_size(_command(commands, "size", say_size, "say how many servers a cluster needs"))
    return parser


def _command(commands: object, name: str, do: object, words: str) -> argparse.ArgumentParser:
    """Return the parser for a command."""
    command = commands.add_parser(name, help=words, description=words)
    command.set_defaults(do=do)
    if name != "size":
        _for_keys(command)
    return command


def _for_keys(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--keys", type=Path, default=keys.FILE, metavar="FILE", help=f"default: {keys.FILE.name}"
    )


def _for_server(command: argparse.ArgumentParser) -> None:
    """Give a command the options of the server."""
    _for_keys(command)
    option = command.add_argument
    option("--model", help="a GGUF file, or the name of a model; default: LLM_MODEL, or cria")
    option("--learners", type=_number, help="default: as many as there are keys")
    option(
        "--slots",
        type=_number,
        help=f"replies at once; default: one for every three learners, or {SLOTS} with --servers",
    )
    option("--context", type=_number, help="tokens in each slot")
    option("--each", type=_number, default=2, help="replies at once for each learner; default: 2")
    option("--port", type=_port, default=PORT, help=f"default: {PORT}")
    option("--here", action="store_true", help="listen on this computer only, even with keys")
    option("--servers", metavar="URL", help="start no llama-server; use those at this address")


def _for_size(command: argparse.ArgumentParser) -> None:
    """Give a command the options of `size`."""
    option = command.add_argument
    option("learners", type=_number, help="how many work at the same time")
    option("--model", help="as for the server")
    option("--slots", type=_number, default=SLOTS, help="replies at once of a server; default: 8")
    option("--context", type=_number, help="tokens in each slot")
    option("--cores", type=_number, default=4, help="of each server; default: 4")
    option("--speed", type=float, help="tokens a second of one server, measured")
    option("--minute", type=_number, default=100, help="tokens a learner a minute; default: 100")
    option("--core-price", type=float, default=0, help="price of a core for an hour")
    option("--gigabyte-price", type=float, default=0, help="price of 1 GB of memory for an hour")
    option("--hours", type=_number, default=1, help="how many hours the servers run")


def _number(word: str) -> int:
    """Return a whole number from 1 on."""
    if not (word.isascii() and word.isdecimal() and int(word)):
        raise argparse.ArgumentTypeError(f"{word!r} is not a whole number of 1 or more")
    return int(word)


def _port(word: str) -> int:
    """Return the number of a port."""
    if _number(word) > 65_535:
        raise argparse.ArgumentTypeError(f"{word} is not a port: the last one is 65535")
    return int(word)


# --- keys and cards -------------------------------------------------------------------------------


def make_keys(wanted: argparse.Namespace) -> None:
    """Make a key for every name in a list that has none yet."""
    _tell_of(keys.add(wanted.keys, keys.names(wanted.names)), wanted)


def add(wanted: argparse.Namespace) -> None:
    """Make a key for each of these names."""
    _tell_of(keys.add(wanted.keys, wanted.names), wanted)


def _tell_of(made: list[keys.Person], wanted: argparse.Namespace) -> None:
    print(f"{len(made)} new keys have been added to {wanted.keys}.")
    print(f"Print the cards:  {keys.COMMAND} cards")


def revoke(wanted: argparse.Namespace) -> None:
    """Make a key invalid."""
    keys.revoke(wanted.keys, wanted.name)
    print("The key is no longer valid. A running server knows this already.")


def print_cards(wanted: argparse.Namespace) -> None:
    """Write the cards."""
    people, here = keys.read(wanted.keys), cards.addresses()
    if not (wanted.address or wanted.hub or here):
        raise ServerError(
            "This computer is in no network, so it has no address for the cards.\n"
            "Connect it to the network of the room, or name its address:  --address 192.168.1.20"
        )
    url = f"http://{wanted.address or (here or [HOST])[0]}:{wanted.port}/v1"
    keys.write(cards.FILE, cards.sheet(people, url, wanted.hub))
    print(f"The cards are in {cards.FILE}: open it in a browser, and print it.")
    print(f"Address: {wanted.hub or url}")
    if not (wanted.address or wanted.hub) and len(here) > 1:
        print(f"This computer has other addresses, too ({', '.join(here[1:])}): use --address.")


# --- the server -----------------------------------------------------------------------------------


def say_size(wanted: argparse.Namespace) -> None:
    """Say how many servers so many learners need."""
    planned = cluster.plan(
        model(wanted.model),
        wanted.learners,
        slots=wanted.slots,
        context=wanted.context,
        cores=wanted.cores,
        speed=wanted.speed,
        minute=wanted.minute,
        core_price=wanted.core_price,
        gigabyte_price=wanted.gigabyte_price,
        hours=wanted.hours,
    )
    print(planned)


def start(wanted: argparse.Namespace) -> None:
    """Start llama-server and the gateway, and keep them at work until Ctrl-C."""
    from classroom.gateway import Gateway, Limits  # slow to import, and for this alone
    from classroom.watch import ClassServer, Watch

    if wanted.servers is not None:
        return start_gateway(wanted)
    expected = wanted.keys != keys.FILE or wanted.keys.exists()  # a wrong --keys is an error
    people = keys.Keys(wanted.keys) if expected else None
    learners = [p for p in people.people if not p.is_teacher] if people else []
    people = people if learners else None  # without learners, for this computer only
    file = model(wanted.model)
    planned = size(
        file,
        wanted.learners or len(learners) or LEARNERS,
        psutil.virtual_memory().available,
        wanted.slots,
        wanted.context,
    )
    host = ROOM if people and not wanted.here else HOST
    _must_be_free(wanted.port, host)
    for name, value in variables().items():
        os.environ[name] = os.environ.get(name) or value
    print(planned)
    print("The model is being loaded. A large one may take minutes.", flush=True)
    server = ClassServer(file, options=planned.options, own=True)
    with server:
        # a processor keeps the weights once more, in an order of its own
        watch = Watch(server, planned.limit + planned.model)
        slots = wanted.slots or min(planned.slots, slots_at(server.speed()))
        if slots < planned.slots:
            print(f"Replies at once: {slots}, because the model writes slowly. The others wait.")
        limits = Limits(slots, planned.context, min(wanted.each, slots))
        gateway = Gateway(people, watch, limits)
        print(_greeting(people, wanted, host), flush=True)
        try:
            asyncio.run(gateway.serve(gateway.web(host, wanted.port)))
        finally:
            print("The class server has ended.")


def start_gateway(wanted: argparse.Namespace) -> None:
    """Start the gateway alone, in front of llama-servers that run elsewhere."""
    from classroom.gateway import Gateway, Limits
    from classroom.replicas import Replicas

    if wanted.model or wanted.learners:
        raise ServerError(
            "--model and --learners are for a llama-server that this command starts, and --servers "
            "starts none.\nLeave them out. --slots says how many replies each server makes at once."
        )
    host = HOST if wanted.here else ROOM
    _must_be_free(wanted.port, host)
    people, slots = keys.Keys(wanted.keys), wanted.slots or SLOTS
    servers = Replicas(wanted.servers, os.environ.get("LLAMA_API_KEY") or "no-key", slots)
    limits = Limits(slots, wanted.context or CONTEXT, min(wanted.each, slots))
    gateway = Gateway(people, servers, limits)
    print(f"The gateway listens on port {wanted.port}, in front of {wanted.servers}.", flush=True)
    asyncio.run(gateway.serve(gateway.web(host, wanted.port)))


def _must_be_free(port: int, host: str) -> None:
    """Raise `PortTaken` if the class server could not listen there."""
    other = "choose another port:  --port 8090  (for the cards, too)"
    try:
        if not is_open(port):
            return socket.create_server((host, port)).close()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            root = os.name == "posix" and port < 1024
            what = "Type sudo before the command, or " if root else "Please "
            why = f"Port {port} cannot be used: {os.strerror(error.errno)}."
            raise PortTaken(f"{why}\n{what}{other}") from None
    raise PortTaken(
        f"Port {port} is taken: another program listens there.\nEnd that program, or {other}"
    )


def variables() -> dict[str, str]:
    """Return the settings of llama-server that do not stand on its command line.

    The key would show there in the list of processes. It is made for this one run, so that nobody
    else on this computer can avoid the gateway.
    """
    return {
        "LLAMA_API_KEY": secrets.token_hex(16),
        "LLAMA_ARG_BATCH": "256",  # a long prompt keeps the others waiting for less time
        "LLAMA_ARG_CTX_CHECKPOINTS": "4",  # of hybrid models; `size` does not count them
    }


def _greeting(people: keys.Keys | None, wanted: argparse.Namespace, host: str) -> str:
    """Return what the teacher reads when the server can be asked."""
    teacher = f"Your page:     http://{HOST}:{wanted.port}{page.PATH}"
    if not people:
        return (
            f"There are no keys for learners yet, so only programs on this computer can ask:\n"
            f"               http://{HOST}:{wanted.port}/v1\n{teacher}\n"
            f"Make the keys from a list of names:  {keys.COMMAND} keys NAMES.txt\n"
            "End the server with Ctrl-C."
        )
    where = cards.addresses() if host == ROOM else [HOST]
    room = "\n               ".join(f"http://{address}:{wanted.port}/v1" for address in where)
    room = room or f"connect this computer to a network; {keys.COMMAND} cards says the address"
    return (
        f"{'For the room: ' if host == ROOM else 'For this computer:'} {room}\n{teacher}\n"
        f"               (the password is the key of the teacher in {wanted.keys})\n"
        "End the server with Ctrl-C."
    )


if __name__ == "__main__":
    main()
