# SPDX-License-Identifier: GPL-2.0
"""The engines that the benchmark compares, configured in the current network namespace."""

import os
import re
import socket
import sys

from lab import PORT, VIP, run, server

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import nl  # pylint: disable=wrong-import-position

# Where servers listen for GUE packets, and the numbers of protocols.
GUE_PORT = 6080
# A flag of services: RVS_SERVICE_FLAG_FAST.
FAST = 16
PROTOCOLS = {"tcp": 6, "udp": 17}


def schedulers(prefix):
    """The names of the schedulers that can be loaded."""
    release = os.uname().release
    names = set()
    for _, _, files in os.walk(f"/lib/modules/{release}", followlinks=True):
        for file in files:
            match = re.fullmatch(prefix + r"([a-z0-9]+)\.ko(\.\w+)?", file)
            if match:
                names.add(match[1])
    return names


class Rvs:
    """rvs, over netlink."""

    name = "rvs"
    methods = {"nat": "dest.method=0", "direct": "dest.method=3",
               "ipip": "dest.method=2 dest.tun-type=0",
               "gue": f"dest.method=2 dest.tun-type=1 dest.tun-port={GUE_PORT}"}

    @staticmethod
    def load():
        run("modprobe", "rvs")

    @staticmethod
    def schedulers():
        # Built by tools/own-scheduler.
        return schedulers("rvs_") - {"ipvs", "fewest"}

    @staticmethod
    def configure(family, scheduler="rr", method="nat", servers=10, udp_timeout=None,
                  protocol="udp", persist=0, flags=0):
        """A service at the virtual address, with servers."""
        client = nl.Client()
        client.find_family()

        def request(command, text):
            answer = client.request(command, text)
            if answer.error != "ok":
                sys.exit(f"rvs refused {command}: {answer.error} {answer.where} {answer.text}")

        number = int(socket.AF_INET if family == 4 else socket.AF_INET6)
        key = (f"service.family={number} service.protocol={PROTOCOLS[protocol]} "
               f"service.addr={VIP[family]} service.port={PORT}")
        request("service-new", f"{key} service.scheduler={scheduler} "
                f"service.persist-timeout={persist} service.flags={flags}")
        for index in range(servers):
            request("dest-new", f"{key} dest.addr={server(family, index)} dest.port={PORT} "
                    f"{Rvs.methods[method]} dest.weight=1")
        if udp_timeout:
            request("config-set", f"-config.timeout-tcp config.timeout-udp={udp_timeout}")

    @staticmethod
    def info(name):
        """A number out of the state of the module."""
        client = nl.Client()
        client.find_family()
        values = dict(text.split("=", 1) for text in client.request("info-get").values())
        return int(values[f"info.{name}"])

    @staticmethod
    def connections():
        return Rvs.info("conns")


class IpVs:
    """The kernel's IPVS, through ipvsadm."""

    name = "ip_vs"
    methods = {"nat": "-m", "direct": "-g", "ipip": "-i",
               "gue": f"-i --tun-type gue --tun-port {GUE_PORT}"}

    @staticmethod
    def load():
        run("modprobe", "ip_vs")

    @staticmethod
    def schedulers():
        return schedulers("ip_vs_") - {"ftp"}

    @staticmethod
    def configure(family, scheduler="rr", method="nat", servers=10, udp_timeout=None,
                  protocol="udp", persist=0):
        """A service at the virtual address, with servers."""
        end = (lambda addr: f"[{addr}]:{PORT}") if family == 6 else (lambda addr: f"{addr}:{PORT}")
        service = f"-{protocol[0]} {end(VIP[family])}"
        lines = [f"-A {service} -s {scheduler}" + (f" -p {persist}" if persist else "")]
        for index in range(servers):
            lines.append(f"-a {service} -r {end(server(family, index))} {IpVs.methods[method]} -w 1")
        run("ipvsadm", "-R", text="\n".join(lines) + "\n")
        if udp_timeout:
            run("ipvsadm", "--set", "0", "0", str(udp_timeout))

    @staticmethod
    def connections():
        total = 0
        for line in run("ipvsadm", "-L", "-n").splitlines():
            if line.startswith("  -> ") and "RemoteAddress" not in line:
                total += sum(int(word) for word in line.split()[-2:])
        return total


ENGINES = (Rvs, IpVs)
