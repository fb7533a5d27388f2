#!/usr/bin/env python3
"""Stands for AWS's session-manager-plugin: joins the local port to the socket that the stand-in for the service names.

It takes exactly the words that the AWS CLI gives the real one, says what that says, and on Ctrl-C ends its session as that does.
The channel to the service, its protocol and its time limits are not here.
"""

import json
import os
import signal
import socket
import sys
import threading
import urllib.request

VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"


def copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def accept(client: socket.socket, path: str) -> None:
    upstream = socket.socket(socket.AF_UNIX)
    try:
        upstream.connect(path)
    except OSError:
        print("Connection to destination port failed, check SSM Agent logs.", flush=True)
        client.close()
        return
    for pair in ((client, upstream), (upstream, client)):
        threading.Thread(target=copy, args=pair, daemon=True).start()


def main() -> None:
    if sys.argv[1:] == ["--version"]:
        print("1.2.764.0")
        return
    variable, _region, operation, profile, request, endpoint = sys.argv[1:]
    assert (variable, operation) == (VARIABLE, "StartSession"), sys.argv
    # Beside a profile, the real one might take these for the credentials that it ends the session with.
    assert not profile or not {"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} & set(os.environ)
    session = json.loads(os.environ[VARIABLE])
    parameters = json.loads(request)["Parameters"]
    assert sorted(parameters) == ["localPortNumber", "portNumber"], parameters
    (port,) = parameters["localPortNumber"]

    def interrupted(*_: object) -> None:
        print("Terminate signal received, exiting.", flush=True)
        call = urllib.request.Request(
            endpoint,
            data=json.dumps({"SessionId": session["SessionId"]}).encode(),
            headers={"X-Amz-Target": "AmazonSSM.TerminateSession"},
        )
        urllib.request.urlopen(call).close()
        os._exit(0)

    signal.signal(signal.SIGINT, interrupted)
    print(f"\nStarting session with SessionId: {session['SessionId']}", flush=True)
    server = socket.create_server(("127.0.0.1", int(port)))
    print(f"Port {port} opened for sessionId {session['SessionId']}.\nWaiting for connections...", flush=True)
    while True:
        client, _ = server.accept()
        threading.Thread(target=accept, args=(client, session["StreamUrl"]), daemon=True).start()


main()
