# SPDX-License-Identifier: GPL-2.0
"""Servers and clients of the selftests, each one process.

    traffic.py serve PORT NAMESPACE...
        TCP and UDP servers in each of the namespaces. All of them say the name of
        their namespace: a TCP server at once and before each line that it sends back,
        a UDP server before each datagram that it sends back. Prints "ready".

    traffic.py serve-routed PORT NAMESPACE...
        The same, but answers of UDP servers take any route, not only one of the device
        that the request came by (a tunnel leads only one way).

    traffic.py client
        Source ports come from a counter of the machine, so that no two connections share
        one: for a director the datagrams from one port are one connection, long after the
        socket is closed.

        Does what the lines on its standard input say and answers each with one line:

        get PROTO ADDRESS PORT COUNT    the servers of COUNT new connections
        open PROTO ADDRESS PORT [COUNT] opens and keeps connections; their servers
        say [FIRST [LAST]]              sends on kept ones (default all), names the servers
        send PROTO ADDRESS PORT COUNT   COUNT datagrams from new ports, awaiting no answer
        bind PORT [COUNT]               the source port of the next connection, and the ports after
                                        it of those that follow
        source [ADDRESS]                the source address from now on, or any
        close                           closes all that are kept
        size BYTES                      the size of the data that is sent from now on
        patience SECONDS                how long an answer may take from now on
        storm PROTO ADDRESS PORT [PAUSE]
                                        new connections until the next line (which does no more
                                        than end it): how many worked, and how many failed

        Instead of the servers the answer may be "refused", "timeout", "reset" and so on.
        "time COMMAND" appends how many milliseconds COMMAND took.
"""

import errno
import fcntl
import os
import select
import selectors
import socket
import sys
import time

PAUSE = 0.05  # seconds between the connections of a storm
PATIENCE = 20.0  # seconds that a client waits for an answer if nothing else is said
RCVBUFFORCE = 33  # <asm-generic/socket.h>
PORTS = range(10_000, 32_000)  # below those that the kernel hands out itself
PORTS_FILE = "/run/rvs-ports"  # the next one; a machine begins anywhere
BLOCK = 64  # how many a client takes at a time
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def enter(namespace):
    """Moves this process into a named network namespace."""
    with open(f"/run/netns/{namespace}", "rb") as handle:
        os.setns(handle.fileno(), os.CLONE_NEWNET)


def without_device(level, kind, data):
    """The address that a datagram was sent to, but not the device that it came by."""
    if level == socket.IPPROTO_IPV6:
        return level, kind, data[:16] + bytes(4)
    return level, kind, bytes(4) + data[4:]


def source_ports():
    """Ports that nobody else in this machine has had, until all have been used."""
    while True:
        with open(os.open(PORTS_FILE, os.O_RDWR | os.O_CREAT), "r+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            first = int(file.read() or int.from_bytes(os.urandom(4), "little") % len(PORTS))
            file.seek(0)
            file.write(f"{(first + BLOCK) % len(PORTS):8}")
            file.flush()
        for number in range(first, first + BLOCK):
            yield PORTS[number % len(PORTS)]


class Servers:
    """TCP and UDP servers, told apart by the data of their selector keys."""

    def __init__(self, port, namespaces, routed=False):
        self.routed = routed
        self.selector = selectors.DefaultSelector()
        self.midline = set()
        for namespace in namespaces:
            enter(namespace)
            for kind in KINDS.values():
                for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
                    self.add(family, kind, (address, port), namespace)

    def add(self, family, kind, address, name):
        sock = socket.socket(family, kind)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        if kind == socket.SOCK_STREAM:
            sock.listen(4096)
            self.watch(sock, self.accept, name)
        else:
            sock.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, 1 << 24)
            # Answers must come from the address that was asked.
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
            else:
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_PKTINFO, 1)
            self.watch(sock, self.datagrams, name)

    def watch(self, sock, handle, name):
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ, (handle, name.encode()))

    def accept(self, sock, name):
        conn, _ = sock.accept()
        conn.send(name + b"\n")
        self.selector.register(conn, selectors.EVENT_READ, (self.stream, name))

    def stream(self, sock, name):
        """Sends back what has come, with the server's name at the head of each line."""
        try:
            data = sock.recv(65536)
            head = b"" if sock in self.midline else name + b" "
            sock.sendall(head + data if data else b"")
        except OSError:
            data = b""
        self.midline.discard(sock)
        if not data:
            self.selector.unregister(sock)
            sock.close()
        elif not data.endswith(b"\n"):
            self.midline.add(sock)

    def datagrams(self, sock, name):
        for _ in range(64):
            try:
                data, control, _, sender = sock.recvmsg(65536, 64)
                if self.routed:
                    control = [without_device(*item) for item in control]
                sock.sendmsg([name + b" " + data], control, 0, sender)
            except BlockingIOError:
                return
            except OSError:
                continue

    def run(self):
        while True:
            for key, _ in self.selector.select():
                handle, name = key.data
                handle(key.fileobj, name)


class Client:
    """The client's commands; each returns the line to answer."""

    def __init__(self):
        self.kept = []
        self.port = self.ports = 0
        self.free = source_ports()
        self.address = ""
        self.bytes = 32
        self.timeout = PATIENCE

    def connect(self, proto, address, port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, KINDS[proto])
        sock.settimeout(self.timeout)
        self.bind_source(sock)
        sock.connect((address, int(port)))
        return sock

    def bind_source(self, sock):
        """To the address and port that were asked for, or the next port that nobody had."""
        if self.port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((self.address, self.port))
            self.ports -= 1
            self.port = self.port + 1 if self.ports > 0 else 0
            return
        for port in self.free:
            try:
                return sock.bind((self.address, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise

    def ask(self, sock):
        """The name of the server of a new connection."""
        if sock.type == socket.SOCK_DGRAM:
            return self.again(sock)
        return sock.recv(64).decode().strip() or "closed"

    def again(self, sock):
        """The name of the server of a connection that has been in use."""
        request = os.urandom(self.bytes // 2).hex().encode() + b"\n"
        sock.sendall(request)
        name, _, body = self.answer(sock, len(request)).partition(b" ")
        if not name:
            return "closed"
        return name.decode() if body == request else "garbled"

    @staticmethod
    def answer(sock, size):
        """What the server sends: its name and `size` bytes, in one piece or in several."""
        if sock.type == socket.SOCK_DGRAM:
            return sock.recv(65536)
        data = b""
        while len(data.partition(b" ")[2]) < size:
            piece = sock.recv(65536)
            data += piece
            if not piece:
                break
        return data

    def get(self, proto, address, port, count="1"):
        names = []
        for _ in range(int(count)):
            with self.connect(proto, address, port) as sock:
                names.append(self.ask(sock))
        return " ".join(names)

    def open(self, proto, address, port, count="1"):
        names = []
        for _ in range(int(count)):
            sock = self.connect(proto, address, port)
            names.append(self.ask(sock))
            self.kept.append(sock)
        return " ".join(names)

    def say(self, first=None, last=None):
        chosen = self.kept if first is None else self.kept[int(first) - 1 : int(last or first)]
        return " ".join(self.again(sock) for sock in chosen)

    def send(self, proto, address, port, count):
        for _ in range(int(count)):
            with self.connect(proto, address, port) as sock:
                sock.send(b"unanswered\n")
        return count

    def bind(self, port, count="1"):
        self.port, self.ports = int(port), int(count)
        return port

    def source(self, address=""):
        self.address = address
        return address or "any"

    def size(self, count):
        self.bytes = int(count)
        return count

    def patience(self, seconds=PATIENCE):
        self.timeout = float(seconds)
        for sock in self.kept:
            sock.settimeout(self.timeout)
        return seconds

    def storm(self, proto, address, port, pause=PAUSE):
        worked = failed = 0
        while not select.select([sys.stdin], [], [], float(pause))[0]:
            if self.get_one(proto, address, port):
                worked += 1
            else:
                failed += 1
        sys.stdin.readline()
        return f"{worked} {failed}"

    def get_one(self, *arguments):
        return self.execute("get", *arguments).startswith("server")

    def close(self):
        for sock in self.kept:
            sock.close()
        self.kept = []
        return "closed"

    def time(self, command, *arguments):
        start = time.monotonic()
        answer = self.execute(command, *arguments)
        return f"{answer} {round((time.monotonic() - start) * 1000)}"

    def execute(self, command, *arguments):
        try:
            return getattr(self, command)(*arguments)
        except ConnectionRefusedError:
            return "refused"
        except ConnectionResetError:
            return "reset"
        except TimeoutError:
            return "timeout"
        except OSError as error:
            return f"error: {error}"


def main():
    if sys.argv[1] in ("serve", "serve-routed"):
        servers = Servers(int(sys.argv[2]), sys.argv[3:], sys.argv[1] == "serve-routed")
        print("ready", flush=True)
        servers.run()
    client = Client()
    print("ready", flush=True)
    while line := sys.stdin.readline():
        print(client.execute(*line.split()), flush=True)


if __name__ == "__main__":
    main()
