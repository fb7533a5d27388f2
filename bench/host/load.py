"""Sends one kind of request again and again, from a number of clients that each keep their connection, and measures the answers.

Called as: load.py PORT PATH BODY CLIENTS SECONDS. `COUNTER` in the body becomes another number in every request. Prints one line
of JSON. Nothing is parsed that need not be, so that the server's processor time is the limit and not this program's.
"""

import asyncio
import collections
import json
import sys
import time


class Load:
    def __init__(self, port: int, path: str, body: str, seconds: float) -> None:
        self.port, self.path, self.body = port, path, body
        self.deadline = time.perf_counter() + seconds
        self.counter = int(time.time() * 1000)  # no number of an earlier call
        self.latencies: list[float] = []
        self.errors: collections.Counter[str] = collections.Counter()

    def request(self) -> bytes:
        self.counter += 1
        body = self.body.replace("COUNTER", str(self.counter))
        head = f"POST {self.path} HTTP/1.1\r\nHost: localhost:{self.port}\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    async def client(self) -> None:
        """Sends a request as soon as the one before is answered, and connects anew after an error."""
        while time.perf_counter() < self.deadline:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                while time.perf_counter() < self.deadline:
                    start = time.perf_counter()
                    writer.write(self.request())
                    await answer(reader)
                    self.latencies.append(time.perf_counter() - start)
                writer.close()
            except (OSError, ValueError, asyncio.IncompleteReadError) as error:
                self.errors[f"{self.path}: {error}"] += 1


async def answer(reader: asyncio.StreamReader) -> None:
    """Reads one answer to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"\r\ntransfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    else:
        _, _, rest = head.partition(b"\r\ncontent-length:")
        await reader.readexactly(int(rest.split(b"\r\n", 1)[0]))
    if not head.startswith(b"http/1.1 200 "):
        raise ValueError(head.split(b"\r\n", 1)[0].decode())


async def main() -> None:
    port, path, body, clients, seconds = sys.argv[1:]
    load = Load(int(port), path, body, float(seconds))
    start = time.perf_counter()
    await asyncio.gather(*(load.client() for _ in range(int(clients))))
    taken = time.perf_counter() - start
    latencies = sorted(load.latencies)
    p95 = latencies[len(latencies) * 95 // 100] if latencies else None
    for error, times in load.errors.items():
        print(f"{times} times {error}", file=sys.stderr)
    print(json.dumps({"answers": len(latencies), "perSecond": len(latencies) / taken, "p95": p95, "errors": load.errors.total()}))


asyncio.run(main())
