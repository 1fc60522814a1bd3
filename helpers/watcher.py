"""Run a command for as long as somebody holds the other end of standard input.

    python watcher.py COMMAND [ARGUMENT ...]      (its output goes where ours goes)

The notebook's kernel starts this program, and this program starts the server. The kernel holds the
pipe that is our standard input. However the kernel ends (shut down, restarted, killed, out of
memory), the operating system closes the pipe, we read its end, and end the server. A pipe needs
nothing else: it works the same on Linux, macOS and Windows.
"""

import os
import subprocess
import sys
import threading

PATIENCE = 5  # seconds that the server has to end by itself before it is killed


def main() -> int:
    """Start the command, wait until it or the pipe ends, and return its exit code."""
    server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    threading.Thread(target=end_with_pipe, args=[server], daemon=True).start()
    return server.wait()


def end_with_pipe(server: subprocess.Popen) -> None:
    """End the server when nobody holds the pipe any more."""
    while os.read(0, 1024):  # nothing is ever written; empty means that the pipe is closed
        pass
    server.terminate()
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()


if __name__ == "__main__":
    sys.exit(main())
