"""Runs a command and ends it, with all that it started, when standard input closes.

The other end of that pipe is held by the sandbox: however the sandbox ends, also by kill -9, nothing of it is left running.
"""

import os
import signal
import subprocess
import sys
import threading
import time

GRACE_SECONDS = 5


def end(group: int) -> None:
    """Asks the process group to end, and ends it."""
    try:
        os.killpg(group, signal.SIGTERM)
        for _ in range(GRACE_SECONDS * 10):
            time.sleep(0.1)
            os.killpg(group, 0)
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def main() -> int:
    # Ctrl-C and the terminal's end reach everybody in it; it is for the sandbox to end things in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)

    def watch() -> None:
        # Not sys.stdin: Python aborts when it ends while a thread is reading from that.
        while os.read(0, 4096):
            pass
        end(child.pid)

    def asked_to_end(*_: object) -> None:
        # In a thread: the main one waits for the child.
        threading.Thread(target=end, args=(child.pid,), daemon=True).start()

    signal.signal(signal.SIGTERM, asked_to_end)
    threading.Thread(target=watch, daemon=True).start()
    status = child.wait()
    end(child.pid)
    return status


if __name__ == "__main__":
    # At once: the interpreter's own end would wait for the thread that still reads, and abort.
    os._exit(main())
