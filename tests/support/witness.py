"""Answers HTTP at several places, sockets of files or ports, and notes what arrives at each: one line a request."""

import http.server
import os
import socket
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        place = self.server.place
        with open(sys.argv[1], "a") as log:
            log.write(f"{place} {self.path}\n")
        body = f"{place}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "somebody"  # a socket of a file has no address of the other side


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, place: str) -> None:
        self.place = place
        if place.startswith("/"):
            self.address_family = socket.AF_UNIX
            address = place
            if os.path.exists(place):
                os.unlink(place)
        else:
            host, port = place.rsplit(":", 1)
            address = (host, int(port))
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's, which looks the name of the host up.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)


open(sys.argv[1], "a").close()
servers = [Server(place) for place in sys.argv[2:]]
for server in servers[1:]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
servers[0].serve_forever()
