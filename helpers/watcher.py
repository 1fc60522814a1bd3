"""Run a command for as long as somebody holds the other end of standard input.

    python watcher.py COMMAND [ARGUMENT ...]      (its output goes where ours goes)

The notebook's kernel starts this program, and this program starts the server. The kernel holds the
pipe that is our standard input. However the kernel ends (shut down, restarted, killed, out of
memory), the operating system closes the pipe, we read its end, and end the server. A pipe needs
nothing else: it works the same on Linux, macOS and Windows.

And if this program itself is killed? Linux and Windows can tie the server's life to ours. macOS has
no such tie: there the server would stay, until somebody ends it.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

PATIENCE = 5  # seconds that the server has to end by itself before it is killed


def main() -> int:
    """Start the command, wait until it or the pipe ends, and return its exit code."""
    linux, windows = sys.platform == "linux", sys.platform == "win32"
    try:
        server = subprocess.Popen(
            sys.argv[1:], stdin=subprocess.DEVNULL, preexec_fn=end_with_parent if linux else None
        )
    except OSError as error:
        print(f"{sys.argv[1]} cannot be run on this computer: {error.strerror}")
        return 127
    job = end_with_job(server) if windows else None  # noqa: F841 (it lasts as long as this name)
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


def end_with_parent() -> None:
    """Linux: ask the system to kill this process, the server to be, when its parent ends."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_with_job(server: subprocess.Popen) -> int:
    """Windows: put the server into a job that is ended when its last handle, ours, is closed."""
    KILL_ON_JOB_CLOSE, EXTENDED_LIMITS = 0x2000, 9

    class Limits(ctypes.Structure):
        """JOBOBJECT_EXTENDED_LIMIT_INFORMATION; only the flags matter here."""

        _fields_ = [
            ("times", ctypes.c_int64 * 2),
            ("flags", ctypes.c_uint32),
            ("others", ctypes.c_size_t * 15),
        ]

    kernel32 = ctypes.WinDLL("kernel32")
    kernel32.CreateJobObjectW.restype = ctypes.c_void_p
    job = kernel32.CreateJobObjectW(None, None)
    limits = Limits(flags=KILL_ON_JOB_CLOSE)
    kernel32.SetInformationJobObject(
        ctypes.c_void_p(job), EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
    )
    kernel32.AssignProcessToJobObject(ctypes.c_void_p(job), ctypes.c_void_p(int(server._handle)))
    return job


if __name__ == "__main__":
    sys.exit(main())
