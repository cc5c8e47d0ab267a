# SPDX-License-Identifier: GPL-2.0
"""Traffic of many kinds while the configuration changes at random, for soak.sh.

    soak.py MINUTES SEED FILE TRACE
        Runs in the client's namespace. FILE has the content that the web servers serve as
        /large. Prints a line each minute, at the end the totals. TRACE gets each failure and
        each change. Fails if a request failed that no change explains.

A request may fail only if its server, or, when it has heard from none yet, any server of its
service, was missing at some time while it took place: taking a server away is the one change
of these that is allowed to interrupt anything.
"""

import collections
import hashlib
import http.client
import random
import socket
import subprocess
import sys
import threading
import time

import sctp

PATIENCE = 30  # seconds that an answer may take
ADDRESSES = {4: "10.0.0.100", 6: "2001:db8:a::100"}
CLIENTS = {4: "10.0.0.2", 6: "2001:db8:a::2"}
LAN = {4: "192.168.0.1{}:{}", 6: "[2001:db8:b::1{}]:{}"}
METHODS = {"nat": ["-m"] * 3, "direct": ["-g"] * 3}
METHODS["tunnel"] = [
    ["-i", "--tun-type", "ipip"],
    ["-i", "--tun-type", "gre"],
    ["-i", "--tun-type", "gue", "--tun-port", "6080"],
]
HTTP_PORTS = {80: "nat", 81: "direct", 82: "tunnel"}
ECHO_PORTS = {90: "nat", 91: "direct", 92: "tunnel"}
SCHEDULERS = "rr wrr lc wlc sed nq sh mh dh lblc lblcr fo ovf twos p2c ewma".split()


class Service:
    """A service of the director, and when which of its servers were missing."""

    def __init__(self, kind, family, port, method):
        self.kind, self.family, self.port, self.method = kind, family, port, method
        self.name = f"{kind}/{family}/{port}"
        address = ADDRESSES[family] if family == 4 else f"[{ADDRESSES[family]}]"
        option = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}[kind]
        self.where = [option, f"{address}:{port}"]
        self.missing = []  # [server number, from, until or None]
        self.quiet = 0  # the server whose weight is 0

    def server(self, number):
        return ["-r", LAN[self.family].format(number, self.port)]

    def how(self, number):
        method = METHODS[self.method][number - 1]
        return method if isinstance(method, list) else [method]

    def absent(self, server, begin, end):
        """Whether that server, or any if none is named, was missing in between."""
        return any(
            (not server or server == f"server{number}") and since <= end and (until or end) >= begin
            for number, since, until in list(self.missing)
        )


class Soak:
    def __init__(self, minutes, seed, content, trace):
        self.dice = random.Random(seed)
        self.end = time.monotonic() + 60 * minutes
        self.trace = open(trace, "w", buffering=1)
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.changes = collections.Counter()
        with open(content, "rb") as file:
            self.content = hashlib.sha256(file.read()).digest()
        self.services = [
            Service(kind, family, port, method)
            for family in (4, 6)
            for kinds, ports in ((["tcp"], HTTP_PORTS), (["tcp", "udp"], ECHO_PORTS))
            for kind in kinds
            for port, method in ports.items()
        ]
        self.services += [Service("sctp", 4, 80, "nat"), Service("sctp", 6, 80, "direct")]

    def note(self, text):
        self.trace.write(f"{time.monotonic():.2f} {text}\n")

    def running(self):
        return time.monotonic() < self.end

    # Changes

    def adm(self, *words):
        line = ["nsenter", "--net=/run/netns/director", "rvsadm", *words]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.note(f"REFUSED {words}: {done.stderr.strip()}")
            with self.lock:
                self.counts["refused changes"] += 1
        return done.returncode == 0

    def set_up(self):
        for service in self.services:
            self.adm("-A", *service.where, "-s", "rr")
            for number in (1, 2, 3):
                self.add(service, number)

    def add(self, service, number):
        return self.adm(
            "-a", *service.where, *service.server(number), *service.how(number), "-w", "2"
        )

    def weight(self, service):
        """Another weight of a server; 0 for one of a service at most."""
        number = self.dice.choice((1, 2, 3))
        low = 0 if service.quiet in (0, number) and not self.gone(service) else 1
        weight = self.dice.randint(low, 5)
        if self.gone(service) == number:
            return
        if service.quiet == number or weight == 0:
            service.quiet = 0 if weight else number
        self.adm(
            "-e", *service.where, *service.server(number), *service.how(number), "-w", str(weight)
        )

    @staticmethod
    def gone(service):
        """The number of the server that is missing now, or 0."""
        return next((number for number, _, until in service.missing if until is None), 0)

    def scheduler(self, service):
        """Another scheduler, with persistence or without."""
        words = ["-s", self.dice.choice(SCHEDULERS)]
        if self.dice.random() < 0.25 and service.kind != "sctp":
            words += ["-p", str(self.dice.choice((10, 60, 300)))]
        self.adm("-E", *service.where, *words)

    def take_away(self, service):
        """A server leaves, or comes back. Those behind tunnels stay: soak.sh adds up theirs."""
        number = self.gone(service)
        if number:
            if self.add(service, number):
                service.missing[-1][2] = time.monotonic()
        elif not service.quiet and service.method != "tunnel":
            number = self.dice.choice((1, 2, 3))
            service.missing.append([number, time.monotonic(), None])
            if not self.adm("-d", *service.where, *service.server(number)):
                service.missing[-1][2] = time.monotonic()

    def timeouts(self, _):
        self.adm("--set", *map(str, (self.dice.choice((600, 900)), 30, self.dice.choice((60, 90)))))

    def other(self, _):
        """Services that nobody uses come and go."""
        where = ["-t", f"10.0.0.100:{self.dice.randint(1000, 1004)}"]
        if self.dice.random() < 0.5:
            line = ["-A", *where, "-s", self.dice.choice(SCHEDULERS)]
        else:
            line = ["-D", *where]
        subprocess.run(
            ["nsenter", "--net=/run/netns/director", "rvsadm", *line],
            capture_output=True,
            check=False,
        )

    def change(self):
        kinds = [self.weight, self.scheduler, self.take_away, self.timeouts, self.other]
        while self.running():
            kind = self.dice.choices(kinds, [10, 6, 3, 1, 4])[0]
            service = self.dice.choice(self.services)
            self.note(f"{kind.__name__} {service.name}")
            kind(service)
            with self.lock:
                self.changes[kind.__name__] += 1
            # Nobody stays away for long.
            for late in self.services:
                if self.gone(late) and time.monotonic() - late.missing[-1][1] > 10:
                    self.take_away(late)
            time.sleep(self.dice.uniform(0.3, 2))
        for service in self.services:
            if self.gone(service):
                self.take_away(service)

    # Traffic

    def result(self, kind, service, server, begin, error):
        """Counts a request that has ended."""
        with self.lock:
            if error is None:
                self.counts[kind] += 1
                return
        end = time.monotonic()
        excused = service.absent(server, begin, end)
        self.note(
            f"{'excused' if excused else 'FAILED'} {kind} {service.name} of {server or 'nobody'} "
            f"after {end - begin:.1f} s: {error!r}"
        )
        with self.lock:
            self.counts["excused" if excused else "FAILED"] += 1

    def until_end(self, work, kind, services, pause):
        """One client: the same again and again, with a service at random."""
        dice = random.Random(f"{kind} {threading.get_ident()}")
        while self.running():
            service = dice.choice(services)
            heard, begin, error = [""], time.monotonic(), None
            try:
                work(service, heard, dice)
            except (OSError, http.client.HTTPException, AssertionError) as caught:
                error = caught
            self.result(kind, service, heard[0], begin, error)
            time.sleep(dice.uniform(0, 2 * pause))

    @staticmethod
    def page(conn, heard, path):
        """The answer to one request, whose server is the one that answered before."""
        conn.request("GET", path)
        answer = conn.getresponse()
        name = answer.getheader("X-Server")
        assert answer.status == 200, f"status {answer.status}"
        assert heard[0] in ("", name), f"{heard[0]} has become {name}"
        heard[0] = name
        return answer

    def connect(self, service):
        return http.client.HTTPConnection(
            ADDRESSES[service.family], service.port, timeout=PATIENCE
        )

    def keep_alive(self, service, heard, dice):
        """Many requests on one connection."""
        conn = self.connect(service)
        try:
            for _ in range(dice.randint(5, 30)):
                body = self.page(conn, heard, "/index.html").read()
                assert body.decode().strip() == heard[0], f"the answer is {body!r}"
                with self.lock:
                    self.counts["requests on kept connections"] += 1
                time.sleep(dice.uniform(0, 2))
        finally:
            conn.close()

    def short(self, service, heard, _):
        conn = self.connect(service)
        try:
            body = self.page(conn, heard, "/index.html").read()
            assert body.decode().strip() == heard[0], f"the answer is {body!r}"
        finally:
            conn.close()

    def download(self, service, heard, dice):
        """A large file, as slowly as over a thin line."""
        conn = self.connect(service)
        pause, digest = dice.uniform(0.1, 0.6), hashlib.sha256()
        try:
            answer = self.page(conn, heard, "/large")
            while piece := answer.read(65536):
                digest.update(piece)
                time.sleep(pause)
            assert digest.digest() == self.content, "the file is another one"
        finally:
            conn.close()

    def echo(self, service, heard, dice):
        """A connection of TCP that is idle most of the time."""
        family = socket.AF_INET if service.family == 4 else socket.AF_INET6
        with socket.create_connection((ADDRESSES[service.family], service.port), PATIENCE) as sock:
            assert sock.family == family
            with sock.makefile("rwb", buffering=0) as file:
                heard[0] = file.readline().decode().strip()
                for _ in range(dice.randint(1, 10)):
                    text = dice.randbytes(dice.randint(1, 2000)).hex().encode() + b"\n"
                    file.write(text)
                    answer = file.readline()
                    while not answer.endswith(b"\n"):
                        assert answer, "closed"
                        answer += file.readline()
                    wanted = heard[0].encode() + b" " + text
                    assert answer == wanted, f"{len(answer)} bytes instead of {len(wanted)}"
                    time.sleep(dice.uniform(0, 5))

    def datagrams(self, service, heard, dice):
        """Datagrams from one port. Their server may change when it was taken away."""
        family = socket.AF_INET if service.family == 4 else socket.AF_INET6
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.settimeout(PATIENCE)
            sock.connect((ADDRESSES[service.family], service.port))
            for _ in range(dice.randint(1, 10)):
                text = dice.randbytes(dice.randint(1, 600)).hex().encode()
                sock.send(text)
                name, _, body = sock.recv(65536).partition(b" ")
                heard[0] = name.decode()
                assert body == text, "garbled"
                time.sleep(dice.uniform(0, 1))

    @staticmethod
    def association(service, heard, dice):
        sock, heard[0] = sctp.connect(CLIENTS[service.family], ADDRESSES[service.family])
        with sock:
            assert sctp.exchange(sock, dice.randint(1, 5000)), "garbled"

    # Both

    def report(self, minute):
        with self.lock:
            counts = " ".join(f"{name}={count}" for name, count in sorted(self.counts.items()))
        with open("/proc/slabinfo", encoding="ascii") as file:
            slabs = [line.split() for line in file if line.startswith("rvs_")]
        slab = " ".join(f"{words[0]}={words[1]}" for words in slabs)
        with open("/proc/meminfo", encoding="ascii") as file:
            memory = dict(line.split()[:2] for line in file)
        print(
            f"{minute} min: {counts}; {slab} unreclaimable={memory['SUnreclaim:']} "
            f"percpu={memory['Percpu:']} vmalloc={memory['VmallocUsed:']}",
            flush=True,
        )

    def run(self):
        by = collections.defaultdict(list)
        for service in self.services:
            web = service.kind == "tcp" and service.port in HTTP_PORTS
            by["http" if web else service.kind].append(service)
        clients = [(self.keep_alive, "http", 2)] * 8 + [(self.short, "http", 0.5)] * 4
        clients += [(self.download, "http", 5)] * 4 + [(self.echo, "tcp", 1)] * 4
        clients += [(self.datagrams, "udp", 1)] * 4 + [(self.association, "sctp", 2)] * 2
        self.set_up()
        threads = [threading.Thread(target=self.change)]
        for work, kind, pause in clients:
            arguments = (work, work.__name__, by[kind], pause)
            threads.append(threading.Thread(target=self.until_end, args=arguments))
        for thread in threads:
            thread.start()
        minute, began = 0, time.monotonic()
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.5)
            if time.monotonic() - began >= 60 * (minute + 1):
                minute += 1
                self.report(minute)
        self.report("all")
        print("changes:", *(f"{name}={count}" for name, count in sorted(self.changes.items())))
        return self.counts["FAILED"] + self.counts["refused changes"] > 0


if __name__ == "__main__":
    sys.exit(Soak(float(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]).run())
