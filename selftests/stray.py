# SPDX-License-Identifier: GPL-2.0
"""Something from a server that no client has asked for.

    stray.py PROTO ADDRESS PORT CLIENT

In the namespace server1 sends from ADDRESS and PORT to a program at CLIENT in the
namespace client. Prints "arrived" if that receives it, "refused" if the sender is told
that nobody does, and "lost" if nothing happens.
"""

import os
import select
import socket
import sys

KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
LISTENER = 9999


def make(namespace, family, proto, address, port):
    with open(f"/run/netns/{namespace}", "rb") as handle:
        os.setns(handle.fileno(), os.CLONE_NEWNET)
    sock = socket.socket(family, KINDS[proto])
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    return sock


def send(proto, sender, receiver, to):
    sender.settimeout(2)
    sender.connect(to)
    if proto == "tcp":
        return "arrived"
    sender.send(b"unasked")
    ready, _, _ = select.select([sender, receiver], [], [], 2)
    if receiver in ready:
        return "arrived"
    if sender in ready:
        sender.recv(1)
    return "lost"


def main():
    proto, address, port, client = sys.argv[1:]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    receiver = make("client", family, proto, client, LISTENER)
    if proto == "tcp":
        receiver.listen()
    sender = make("server1", family, proto, address, int(port))
    try:
        print(send(proto, sender, receiver, (client, LISTENER)))
    except ConnectionRefusedError:
        print("refused")
    except TimeoutError:
        print("lost")


if __name__ == "__main__":
    main()
