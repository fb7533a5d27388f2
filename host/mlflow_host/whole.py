"""Answers leave in one piece, head and body together.

MLflow's applications send the one, and then the other. A tunnel that breaks between the two leaves a client with half an answer,
for which it does not ask again: a metric that is stored then ends the program that logged it. And each half is a packet of its own,
of which SSH holds the second back for 40 ms.
"""

import asyncio

from uvicorn.protocols.http.auto import AutoHTTPProtocol


class WholeAnswers:
    """Holds the head of an answer back until its body, or the first part of that, is there."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = None

        async def send_together(message):
            nonlocal head
            if message["type"] == "http.response.start":
                head = message
                return
            if head is not None:
                held, head = head, None
                await send(held)
            await send(message)

        await self.app(scope, receive, send_together)


# More than this is not held back: it would only cost memory, and leaves in many packets anyway.
MOST_HELD = 64 * 1024


class WholeWrites:
    """A transport that writes at once what it was given since the event loop came by."""

    def __init__(self, transport):
        self.transport = transport
        self.parts = []
        self.held = 0

    def __getattr__(self, name):
        return getattr(self.transport, name)

    def write(self, data):
        if not self.parts:
            asyncio.get_running_loop().call_soon(self.flush)
        self.parts.append(data)
        self.held += len(data)
        if self.held > MOST_HELD:
            self.flush()

    def flush(self):
        parts, self.parts, self.held = self.parts, [], 0
        if parts:
            self.transport.write(b"".join(parts))

    def close(self):
        self.flush()
        self.transport.close()


class Protocol(AutoHTTPProtocol):
    """uvicorn's own, on such a transport."""

    def connection_made(self, transport):
        super().connection_made(WholeWrites(transport))
