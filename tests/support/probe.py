"""Tries what a process in the sandbox of a service must not be able to do, and prints what came of it as JSON."""

import ctypes
import errno
import json
import mmap
import os
import pathlib
import socket
import subprocess
from collections.abc import Callable

STATE = pathlib.Path("/var/lib/mlflow/server")
FOLDERS = ["/etc", "/usr", "/opt/mlflow", "/home", "/root", "/boot", "/run", "/var/lib/mlflow", "/var/tmp", STATE]
NEW_USER_NAMESPACE = 0x10000000
libc = ctypes.CDLL(None, use_errno=True)


def outcome(action: Callable[[], object]) -> str:
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"


def call(name: str, *arguments: object) -> None:
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def run_from_state() -> None:
    program = STATE / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    try:
        subprocess.run([program], check=True)
    finally:
        program.unlink()


def others() -> list[str]:
    """Processes of other users."""
    numbers = [entry for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit()]
    return [entry.name for entry in numbers if entry.stat().st_uid != os.getuid()]


print(
    json.dumps(
        {
            "write": {str(folder): outcome(pathlib.Path(folder, "probe").touch) for folder in FOLDERS},
            "others": others(),
            "run from the data volume": outcome(run_from_state),
            "memory to write and run": outcome(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)),
            "open the disk": outcome(lambda: os.open("/dev/nvme1n1", os.O_RDONLY)),
            "set the host name": outcome(lambda: socket.sethostname("probe")),
            "change a kernel setting": outcome(lambda: pathlib.Path("/proc/sys/kernel/core_pattern").write_text("")),
            "talk to the kernel": outcome(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
            "make a namespace": outcome(lambda: call("unshare", NEW_USER_NAMESPACE)),
            "mount": outcome(lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, None)),
        }
    )
)
