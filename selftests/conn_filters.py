# SPDX-License-Identifier: GPL-2.0
"""Connections shown and removed by filters, with sockets at both ends.

    conn_filters.py dump
        Shows the connections by each filter: the same that the filter, understood by this
        program, takes from the list of all.

    conn_filters.py kill FAMILY FILTER...
        Removes connections by the filter with force. Those must be gone here and at the
        servers, and all others must work.

    conn_filters.py forget FILTER...
        The same without force: nobody is told.

The filter is as nl.py takes it, without the "filter." before each name.
"""

import ipaddress
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
import nl  # pylint: disable=wrong-import-position
from traffic import KINDS, enter  # pylint: disable=wrong-import-position

SERVERS = ["server1", "server2", "server3"]
CLIENTS = {4: ["10.0.0.2", "10.0.0.66", "10.0.0.130"], 6: ["2001:db8:a::2", "2001:db8:a::1:2"]}
VIPS = {4: "10.0.0.100", 6: "2001:db8:a::100"}
AF = {4: socket.AF_INET, 6: socket.AF_INET6}

FOUR, SIX = "family=2", "family=10"
VIP4 = f"{FOUR} virtual-addr=10.0.0.100"
KEY4 = "service.family=2 service.protocol=6 service.addr=10.0.0.100 service.port=80"
FILTERS = [
    FOUR,
    SIX,
    "protocol=6",
    "protocol=17",
    f"{FOUR} client-addr=10.0.0.66",
    f"{FOUR} client-addr=10.0.0.0 client-prefix=25",
    f"{FOUR} client-addr=10.0.0.130 client-prefix=31",
    f"{FOUR} client-addr=9.0.0.0 client-prefix=0",
    f"{SIX} client-addr=2001:db8:a::1:0 client-prefix=112",
    f"{SIX} client-addr=2001:db8:a::1:2",
    "client-port=4001",
    f"{VIP4}",
    f"{VIP4} virtual-port=81",
    "virtual-port=81",
    f"{SIX} virtual-addr=2001:db8:a::100 protocol=17",
    f"{FOUR} dest-addr=192.168.0.12",
    f"{FOUR} dest-addr=192.168.0.12 dest-prefix=31 dest-port=80",
    f"dest-family={socket.AF_INET6} dest-addr=2001:db8:b::13 dest-prefix=127",
    "dest-port=80",
    "state=1",
    "state=11",
    "fwmark=7",
    "method=0",
    "method=3",
    KEY4,
    "service.family=10 service.fwmark=7",
    "template=1",
    "template=0",
    f"{FOUR} client-addr=10.0.0.66 template=1",
    f"{FOUR} protocol=6 client-port=4001 state=1 method=0 {KEY4}",
]


def parse(body):
    return dict(value.split("=", 1) for value in nl.decode("rvs", body))


def dump(control, spec=""):
    """The entries, without what changes by itself."""
    answer = control.request("conn-dump", nested(spec))
    if answer.error != "ok":
        raise OSError(f"conn-dump {spec}: {answer.error} {answer.text}")
    entries = []
    for body in answer.bodies:
        entry = {name[5:]: value for name, value in parse(body).items()}
        del entry["expires"]
        entries.append(entry)
    return entries


def nested(spec):
    return " ".join(f"filter.{part}" for part in spec.split())


def takes(spec, entry):
    """Whether the filter takes an entry, from the words of the specification."""
    parts = dict(part.split("=") for part in spec.split())
    entry = {"dest-family": entry["family"], "fwmark": "", "template": "0", **entry}
    service = {name[8:]: parts.pop(name) for name in list(parts) if name.startswith("service.")}
    if "fwmark" in service:
        parts["fwmark"], parts["family"] = service["fwmark"], service["family"]
    elif service:
        parts["protocol"], parts["family"] = service["protocol"], service["family"]
        parts.update({"virtual-addr": service["addr"], "virtual-port": service["port"]})
        parts["fwmark"] = ""
    for end in ("client", "virtual", "dest"):
        prefix, address = parts.pop(f"{end}-prefix", None), parts.pop(f"{end}-addr", None)
        if address:
            bits = prefix or ("128" if ":" in address else "32")
            network = ipaddress.ip_network(f"{address}/{bits}", strict=False)
            if ipaddress.ip_address(entry[f"{end}-addr"]) not in network:
                return False
    return all(entry[name] == value for name, value in parts.items())


class Flow:
    """A connection of a client, kept open."""

    def __init__(self, kind, family, client, port, target):
        enter("client")
        self.sock = socket.socket(AF[family], KINDS[kind])
        self.sock.settimeout(5)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((client, port))
        self.sock.connect((VIPS[family], target))
        if kind == "tcp":
            self.sock.recv(64)
        self.name = f"{kind} {client} {port} {target}"
        self.key = {
            "protocol": "6" if kind == "tcp" else "17",
            "client-addr": client,
            "client-port": str(port),
        }
        self.talk()

    def talk(self):
        self.sock.sendall(b"hello\n")
        # The answers of direct routing would come another way.
        return self.sock.type == socket.SOCK_DGRAM or self.sock.recv(64)

    def is_in(self, entries):
        """Whether it is among the entries."""
        return any(self.key.items() <= entry.items() for entry in entries)

    def end(self):
        """What has become of it."""
        try:
            self.talk()
            return "alive"
        except ConnectionResetError:
            return "reset"
        except TimeoutError:
            return "timeout"


def flows():
    """Some connections of each kind."""
    result = []
    for family, clients in CLIENTS.items():
        for number, client in enumerate(clients):
            for target in (80, 81):
                port = 4000 + number + 10 * (target - 80)
                result.append(Flow("tcp", family, client, port, target))
            result.append(Flow("udp", family, client, 4001 + number, 80))
    return result


def at_servers():
    """The client ports of all TCP connections at the servers."""
    ports = set()
    for name in SERVERS:
        enter(name)
        command = ["ss", "-Htn", "state", "established"]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        for line in lines.splitlines():
            address, _, port = line.split()[3].rpartition(":")
            address = address.strip("[]").removeprefix("::ffff:")
            ports.add((address, port))
    return ports


def compare(control):
    everything = dump(control)
    bad = 0
    for spec in FILTERS:
        wanted = [entry for entry in everything if takes(spec, entry)]
        got = dump(control, spec)
        order = lambda entry: sorted(entry.items())
        if sorted(wanted, key=order) != sorted(got, key=order):
            bad += 1
            print(f"{spec}: wanted {wanted}\n got {got}")
        if not 0 < len(wanted) < len(everything):
            bad += 1
            print(f"{spec}: takes {len(wanted)} of {len(everything)}: proves nothing")
    print(f"{len(FILTERS)} filters over {len(everything)} entries, {bad} wrong")
    return bad


def remove(control, opened, spec, force):
    """Removes connections; says which ends have not learnt what they should have."""
    before = dump(control)
    wanted = [entry for entry in before if takes(spec, entry)]
    changes = nested(spec) + (" force=" if force else "")
    answer = control.request("conn-del", changes)
    after = dump(control)
    bad = []
    count = f"count={len(wanted)}"
    if answer.error != "ok" or answer.values() != [count]:
        bad.append(f"wanted {count}, got {answer.error} {answer.values()} {answer.text}")
    if any(takes(spec, entry) for entry in after):
        bad.append("some are still there")
    if not 0 < len(wanted) < len(before) and spec:
        bad.append(f"takes {len(wanted)} of {len(before)}: proves nothing")
    killed = [flow for flow in opened if flow.is_in(wanted)]
    tcp = [flow for flow in killed if flow.key["protocol"] == "6"]
    ports = {(flow.key["client-addr"], flow.key["client-port"]) for flow in tcp}
    if not force and ports - at_servers():
        bad.append(f"servers have learnt of {ports - at_servers()}")
    if force:
        deadline = time.monotonic() + 3
        while at_servers() & ports and time.monotonic() < deadline:
            time.sleep(0.05)
        if at_servers() & ports:
            bad.append(f"servers still have {at_servers() & ports}")
    for flow in opened:
        end = flow.end()
        # Without force the director's own stack answers: it has no such connection.
        want = "reset" if flow in tcp else "alive"
        if end != want:
            bad.append(f"{flow.name}: {end}, not {want}")
    return [text for text in bad if text]


def main():
    enter("director")
    control = nl.Client()
    control.find_family()
    control.request("conn-del")
    opened = flows()
    if sys.argv[1] == "dump":
        return compare(control)
    bad = remove(control, opened, " ".join(sys.argv[2:]), sys.argv[1] == "kill")
    print(*bad, sep="\n")
    return [text for text in bad if text]


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
