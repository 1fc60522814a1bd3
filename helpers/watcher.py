"""Run a command for as long as somebody holds the other end of standard input.

    python watcher.py COMMAND [ARGUMENT ...]      (its output goes where ours goes)

The notebook's kernel starts this program, and this program starts the server. The kernel holds the
pipe that is our standard input. However the kernel ends (shut down, restarted, killed, out of
memory), the operating system closes the pipe, we read its end, and end the server. A pipe needs
nothing else: it works the same on Linux, macOS and Windows.

And if this program itself is killed? Linux and Windows can tie the server's life to ours. macOS has
no such tie: there the server would stay, until somebody ends it.

One more end: a wrong grammar can make llama.cpp take memory for ever, while it answers nobody
(its issue 23108). Such a server is ended, and the reason is the last line of its output.
"""

import contextlib
import ctypes
import os
import signal
import site
import subprocess
import sys
import threading
import time
from collections.abc import Callable

PATIENCE = 2  # seconds that the server has to end by itself before it is killed

# A healthy server may take much memory, but not for so long: what it needs for a context, an image
# or a state that it stores, it takes at once.
PERIOD = 0.5  # seconds between two looks at the memory
LONG, PAUSE = 16, 3  # periods: this much growth is too much; this many without any are a pause
MUCH = 2**30  # bytes
EATS = (
    "The server was ended: its memory grew by {grown:.1f} GB in {seconds:.0f} s without a pause. A "
    "grammar or schema whose bounds are the wrong way round, such as {{2,1}}, does that. Correct "
    "the last request, and start the server again."
)


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
    while os.read(0, 1024):  # empty means that the pipe is closed; else: the server is ready
        threading.Thread(target=end_when_it_eats, args=[server], daemon=True).start()
    server.terminate()
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()


def end_when_it_eats(server: subprocess.Popen) -> None:
    """End the server when its memory grows without a pause, and say why."""
    site.main()  # for psutil: nothing else here needs the environment's packages
    import psutil

    def size() -> int:
        """Return the bytes of address space, which do not change as a file's pages come and go."""
        top = psutil.Process(server.pid)
        return sum(p.memory_info().vms for p in [top, *top.children(recursive=True)])

    with contextlib.suppress(psutil.Error):  # it has ended
        begin = last = size()
        periods = idle = 0
        while periods < LONG or last - begin < MUCH:
            time.sleep(PERIOD)
            now = size()
            periods, idle = periods + 1, 0 if now > last else idle + 1
            if idle == PAUSE:
                begin, periods, idle = now, 0, 0
            last = now
        print(EATS.format(grown=(last - begin) / 1e9, seconds=periods * PERIOD), flush=True)
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


def tell_why_it_ends(server: Callable, watcher: subprocess.Popen) -> None:
    """In the kernel: have a server's memory watched, and print why it was ended."""

    def wait_and_tell() -> None:
        while watcher.returncode is None:
            time.sleep(0.2)
            watcher.poll()  # wait() would hold a lock, which a child made by fork inherits
        if (ended := server()) and not watcher.stdin.closed and EATS[:20] in (why := ended.log(1)):
            print(why, file=sys.stderr)

    with contextlib.suppress(OSError):
        watcher.stdin.write(b"ready")
    threading.Thread(target=wait_and_tell, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
