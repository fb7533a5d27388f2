"""How the host's commands speak: to the journal, one line a fact, and never a secret."""

import sys


def say(topic: str, text: str) -> None:
    print(f"{topic}: {text}", file=sys.stderr, flush=True)


def size(count: float) -> str:
    """A number of bytes for people: `0 B`, `1.5 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
