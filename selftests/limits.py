# SPDX-License-Identifier: GPL-2.0
"""A download that lasts as long as it is told to, for limits.sh.

    limits.py ADDRESS PORT PATH

Prints "ready" and does what the lines on its standard input say; each is answered with one:

    begin   asks for the file, and reads on, slowly, and never more than the half of it
    count   how many bytes have come
    finish  reads the rest: how many bytes there were, and the SHA-256 of all of them
"""

import hashlib
import select
import socket
import sys

PAUSE, PIECE, PATIENCE = 0.05, 16384, 60


class Download:
    def __init__(self, address, port, path):
        self.target, self.path = (address, int(port)), path
        self.sock, self.hash, self.got, self.size = None, None, 0, 0

    def begin(self):
        self.hash, self.got = hashlib.sha256(), 0
        self.sock = socket.create_connection(self.target, PATIENCE)
        self.sock.sendall(f"GET {self.path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.sock.recv(1)
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        self.size = int(fields["Content-Length"])
        return f"{self.size}"

    def more(self, count):
        data = self.sock.recv(count)
        self.hash.update(data)
        self.got += len(data)
        return data

    def trickle(self):
        """The next few bytes; towards the half of the file fewer and fewer."""
        if self.sock:
            self.more(max(1, min(PIECE, (self.size // 2 - self.got) // 16)))

    def count(self):
        return f"{self.got}"

    def finish(self):
        while self.more(1 << 16):
            pass
        self.sock.close()
        self.sock = None
        return f"{self.got} {self.hash.hexdigest()}"


def main():
    download = Download(*sys.argv[1:])
    print("ready", flush=True)
    while True:
        if not select.select([sys.stdin], [], [], PAUSE)[0]:
            download.trickle()
            continue
        line = sys.stdin.readline()
        if not line:
            return
        try:
            print(getattr(download, line.strip())(), flush=True)
        except OSError as error:
            print(f"error: {error}", flush=True)


main()
