"""A server ends with its kernel, however that ends, and survives the interrupt button."""

import os
import time

import jupyter_client
import psutil
import pytest
from conftest import KernelWithoutPorts
from processes import family, gone

START = (
    "from helpers import LlamaServer; server = LlamaServer().start(); print(server._watcher.pid)"
)
ROUNDS = int(os.environ.get("ROUNDS", "2"))  # ROUNDS=17 gives the 50 rounds of the long test


class Kernel:
    """A real kernel, driven as JupyterLab drives it."""

    def __init__(self):
        manager = jupyter_client.KernelManager if os.name == "nt" else KernelWithoutPorts
        self.manager = manager(kernel_name="python3")
        self.manager.start_kernel()
        self.connect()

    def connect(self) -> None:
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, source: str) -> str:
        """Run a cell and return what it printed."""
        printed = []

        def keep(message: dict) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self.client.execute_interactive(source, timeout=60, output_hook=keep)
        assert reply["content"]["status"] == "ok", reply["content"]
        return "".join(printed).strip()

    def interrupt(self, source: str) -> None:
        """Press the button in the middle of a cell; what is run next is run."""
        asked = self.client.execute(source, stop_on_error=False)  # or the next one may be dropped

        def begins(message: dict) -> bool:
            of_this = message["parent_header"].get("msg_id") == asked
            return of_this and message["msg_type"] == "execute_input"

        while not begins(self.client.get_iopub_msg(timeout=30)):
            pass
        time.sleep(0.5)
        self.manager.interrupt_kernel()
        reply = self.client.get_shell_msg(timeout=30)
        assert reply["content"]["ename"] == "KeyboardInterrupt", reply["content"]

    def start_server(self) -> list[psutil.Process]:
        """Start a server in the kernel; return its watcher and itself."""
        return family(int(self.run(START)))

    def kill(self) -> None:
        psutil.Process(self.manager.provisioner.process.pid).kill()


@pytest.fixture
def kernel():
    kernel = Kernel()
    yield kernel
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize("end", ["shutdown", "restart", "kill"])
def test_no_server_outlives_its_kernel(kernel, end, _round):
    processes = kernel.start_server()
    assert len(processes) >= 2, "the watcher and the server"
    if end == "shutdown":
        kernel.manager.shutdown_kernel()
    elif end == "restart":
        kernel.manager.restart_kernel()
    else:
        kernel.kill()
    assert gone(processes)


def test_the_interrupt_button_leaves_the_server_alive(kernel):
    processes = kernel.start_server()
    kernel.run("import time")
    kernel.interrupt("while True:\n    time.sleep(0.1)")  # Windows would sleep on to the end
    assert all(process.is_running() for process in processes)
    assert kernel.run("print(server.running, server._get('/health')[0])") == "True 200"


def test_an_interrupt_in_mid_answer_leaves_a_server_that_answers(kernel):
    processes = kernel.start_server()
    kernel.run("import requests")
    ask = "requests.post(server.base_url + '/chat/completions', json={0}).ok"
    story = {"messages": [{"role": "user", "content": "Tell me a story."}]}
    endless = {**story, "max_tokens": 100_000, "ignore_eos": True, "cache_prompt": False}
    kernel.interrupt(f"while True:\n    {ask.format(endless)}")  # it is always in mid-answer
    assert all(process.is_running() for process in processes)
    assert kernel.run(f"print({ask.format({**story, 'max_tokens': 4})})") == "True"


def test_two_kernels_may_start_at_once(kernel):
    other = Kernel()
    try:
        for each in (kernel, other):
            each.client.execute("from helpers import LlamaServer; server = LlamaServer().start()")
        assert kernel.run("print(server.running)") == other.run("print(server.running)") == "True"
        assert kernel.run("print(server.url)") != other.run("print(server.url)")
    finally:
        other.client.stop_channels()
        other.manager.shutdown_kernel(now=True)


def test_an_interrupt_while_it_starts_leaves_nothing(kernel, fake_program):
    slow = fake_program("import time; time.sleep(120)", name="slow-llama-server")
    kernel.client.execute(
        f"from helpers import LlamaServer; LlamaServer(binary={str(slow)!r}).start()"
    )
    deadline = time.monotonic() + 30
    while not (found := with_command(slow)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found
    kernel.manager.interrupt_kernel()
    assert gone(found)


def with_command(program) -> list[psutil.Process]:
    """The processes whose command line holds this path."""
    processes = psutil.process_iter(["cmdline"])
    return [p for p in processes if str(program) in " ".join(p.info["cmdline"] or [])]
