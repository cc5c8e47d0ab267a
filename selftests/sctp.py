# SPDX-License-Identifier: GPL-2.0
"""Servers and a client of SCTP, for sctp.sh.

    sctp.py serve NAMESPACE ADDRESS... [-- NAMESPACE ADDRESS...]
        Servers at port 80 of each address; each says its namespace's name at once, then sends back
        what comes. Prints "ready".

    sctp.py client
        get FROM ADDRESS COUNT SIZE     the servers of COUNT associations, which carry SIZE bytes
        open FROM ADDRESS               opens one and keeps it
        close                           closes it

Ends are bound to one address each: others would be told to the peer, and packets between those
would not pass the director.
"""

import os
import selectors
import socket
import sys

PORT = 80


def endpoint(address):
    """An SCTP socket bound to the address, not listening yet."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_SCTP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return sock


def serve(arguments):
    selector = selectors.DefaultSelector()
    for group in " ".join(arguments).split(" -- "):
        name, *addresses = group.split()
        with open(f"/run/netns/{name}", "rb") as handle:
            os.setns(handle.fileno(), os.CLONE_NEWNET)
        for address in addresses:
            sock = endpoint(address)
            sock.bind((address, PORT))
            sock.listen(64)
            selector.register(sock, selectors.EVENT_READ, name)
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            if key.data:
                conn, _ = key.fileobj.accept()
                conn.send(key.data.encode())
                selector.register(conn, selectors.EVENT_READ, None)
                continue
            try:
                data = key.fileobj.recv(65536)
                key.fileobj.sendall(data)
            except OSError:
                data = b""
            if not data:
                selector.unregister(key.fileobj)
                key.fileobj.close()


def connect(source, address):
    """An association and the name of its server."""
    sock = endpoint(source)
    sock.settimeout(5)
    sock.bind((source, 0))
    sock.connect((address, PORT))
    return sock, sock.recv(64).decode()


def exchange(sock, size):
    """Whether that many bytes come back as they were sent."""
    left = size
    while left:
        data = os.urandom(min(left, 1200))
        sock.sendall(data)
        back = b""
        while len(back) < len(data):
            part = sock.recv(65536)
            if not part:
                return False
            back += part
        if back != data:
            return False
        left -= len(data)
    return True


def get(source, address, count, size):
    names = []
    for _ in range(int(count)):
        sock, name = connect(source, address)
        with sock:
            names.append(name if exchange(sock, int(size)) else "garbled")
    return " ".join(names)


def client():
    kept = []
    print("ready", flush=True)
    while words := sys.stdin.readline().split():
        try:
            if words[0] == "get":
                answer = get(*words[1:])
            elif words[0] == "open":
                sock, answer = connect(*words[1:])
                kept.append(sock)
            else:
                kept.pop().close()
                answer = "closed"
        except OSError as error:
            answer = f"error: {error}"
        print(answer, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2:])
    else:
        client()
