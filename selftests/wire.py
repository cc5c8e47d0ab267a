# SPDX-License-Identifier: GPL-2.0
"""Packets made and read by hand, for tests of headers, and links to send them on.

The ends of these tests are not the kernels of client and server: they see nothing (see
silence() in lib.sh), and the test plays both. A packet is the bytes from its IP header on.
"""

import fcntl
import os
import select
import socket
import struct
import sys
import time

PROTO = {"icmp": 1, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "icmp6": 58, "sctp": 132}
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32}
ETHERTYPE = {4: 0x0800, 6: 0x86DD}
# <linux/if_packet.h>
OUTGOING = 4
CSUM_NOT_READY = 8
SOL_PACKET = 263


# ------------------------------------------------------------------ checksums


def checksum(data):
    """The Internet checksum."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC_TABLE = crc_table()


def crc32c(data):
    """The checksum of SCTP."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def pack(address):
    """The bytes of an address."""
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def unpack(data):
    """The text of an address."""
    return socket.inet_ntop(socket.AF_INET6 if len(data) == 16 else socket.AF_INET, bytes(data))


def family_of(packet):
    return packet[0] >> 4


# ------------------------------------------------------------- making packets


def with_sum(protocol, src, dst, segment):
    """The segment with its checksum, whose field is zero."""
    if protocol == PROTO["sctp"]:
        return segment[:8] + struct.pack("<I", crc32c(segment)) + segment[12:]
    offset = {PROTO["tcp"]: 16, PROTO["udp"]: 6, PROTO["icmp"]: 2, PROTO["icmp6"]: 2}[protocol]
    covered = segment
    if protocol != PROTO["icmp"]:
        covered = pack(src) + pack(dst) + struct.pack(">II", len(segment), protocol) + segment
    total = checksum(covered)
    if protocol == PROTO["udp"] and not total:
        total = 0xFFFF
    return segment[:offset] + struct.pack(">H", total) + segment[offset + 2 :]


def ip(src, dst, protocol, payload, ttl=64, dont_fragment=True, options=b"", extensions=(), ident=0):
    """An IP packet around a transport segment, which is complete.

    `options` are the options of IPv4; `extensions` the headers of IPv6, each a pair of its type and
    its bytes without the first.
    """
    if ":" not in src:
        words = 5 + len(options) // 4
        flags = 0x4000 if dont_fragment else 0
        head = struct.pack(
            ">BBHHHBBH", 0x40 | words, 0, words * 4 + len(payload), ident, flags, ttl, protocol, 0
        )
        head += pack(src) + pack(dst) + options
        return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload
    chain, kind = b"", protocol
    for extension, rest in reversed(extensions):
        chain, kind = bytes([kind]) + rest + chain, extension
    head = struct.pack(">IHBB", 6 << 28, len(chain) + len(payload), kind, ttl)
    return head + pack(src) + pack(dst) + chain + payload


def udp(src, dst, sport, dport, data=b"data", **rest):
    segment = struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data
    return ip(src, dst, PROTO["udp"], with_sum(PROTO["udp"], src, dst, segment), **rest)


def tcp(src, dst, sport, dport, flags, data=b"", **rest):
    bits = sum(FLAGS[flag] for flag in flags)
    segment = struct.pack(">HHIIBBHHH", sport, dport, 1000, 2000, 5 << 4, bits, 8192, 0, 0) + data
    return ip(src, dst, PROTO["tcp"], with_sum(PROTO["tcp"], src, dst, segment), **rest)


def sctp(src, dst, sport, dport, chunks, tag=1, **rest):
    segment = struct.pack(">HHII", sport, dport, tag, 0) + chunks
    return ip(src, dst, PROTO["sctp"], with_sum(PROTO["sctp"], src, dst, segment), **rest)


def icmp(src, dst, kind, code, info=0, body=b"", **rest):
    """An ICMP message; for an error `body` is the packet that it quotes."""
    protocol = PROTO["icmp6" if ":" in src else "icmp"]
    segment = struct.pack(">BBHI", kind, code, 0, info) + body
    return ip(src, dst, protocol, with_sum(protocol, src, dst, segment), **rest)


def fragments(packet, sizes, ident=0x1234):
    """The packet in parts whose payloads have these sizes, multiples of 8; the last takes the rest."""
    family = family_of(packet)
    length = (packet[0] & 15) * 4 if family == 4 else 40
    head, payload, offset, parts = packet[:length], packet[length:], 0, []
    for size in [*sizes, len(payload) - sum(sizes)]:
        more = offset + size < len(payload)
        parts.append(fragment(head, payload[offset : offset + size], offset, more, ident))
        offset += size
    return parts


def fragment(head, payload, offset, more, ident=0x1234):
    """One part of a packet with this header."""
    if family_of(head) == 4:
        field = offset // 8 | (0x2000 if more else 0)
        head = head[:2] + struct.pack(">HHH", len(head) + len(payload), ident, field) + head[8:]
        head = head[:10] + b"\0\0" + head[12:]
        return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload
    extension = struct.pack(">BBHI", head[6], 0, offset | more, ident)
    head = head[:4] + struct.pack(">HB", len(payload) + 8, 44) + head[7:]
    return head + extension + payload


# ------------------------------------------------------------ reading packets


class Packet:
    """A packet as it came, with its headers as attributes."""

    def __init__(self, data, parts=1):
        self.family, self.parts = family_of(data), parts
        # Whether the transport checksum is left to a device that does not exist.
        self.partial = False
        if self.family == 4:
            length = (data[0] & 15) * 4
            self.data = data[: struct.unpack_from(">H", data, 2)[0]]
            self.ttl, self.protocol = data[8], data[9]
            self.src, self.dst = unpack(data[12:16]), unpack(data[16:20])
            self.offset = struct.unpack_from(">H", data, 6)[0]
        else:
            self.data = data[: 40 + struct.unpack_from(">H", data, 4)[0]]
            self.ttl, self.offset = data[7], 0
            self.src, self.dst = unpack(data[8:24]), unpack(data[24:40])
            self.protocol, length = self.walk(data)
        self.segment = self.data[length:]
        self.ports = struct.unpack_from(">HH", self.segment) if len(self.segment) >= 4 else None

    def walk(self, data):
        """The protocol behind the extension headers, and where it begins."""
        kind, at = data[6], 40
        while kind in (0, 43, 44, 60):
            if kind == 44:
                self.offset = struct.unpack_from(">H", data, at + 2)[0]
            size = 8 if kind == 44 else data[at + 1] * 8 + 8
            kind, at = data[at], at + size
        return kind, at

    def ends(self):
        """Source and destination with their ports."""
        return (self.src, self.ports[0], self.dst, self.ports[1])

    def error(self):
        """Type, code, the word behind the checksum and the quoted bytes of an ICMP message."""
        kind, code, _, info = struct.unpack_from(">BBHI", self.segment)
        return kind, code, info, self.segment[8:]

    def is_unsummed(self):
        """Whether it is a datagram without checksum, as the ones of a tunnel may be (RFC 6935)."""
        return self.protocol == PROTO["udp"] and self.segment[6:8] == bytes(2)

    def is_sound(self):
        """Whether all checksums are right."""
        if self.family == 4 and checksum(self.data[: (self.data[0] & 15) * 4]):
            return False
        if self.partial:
            return True
        if self.protocol == PROTO["sctp"]:
            return with_sum(self.protocol, "", "", self.zeroed(8, 4)) == self.segment
        offset = {6: 16, 17: 6, 1: 2, 58: 2}.get(self.protocol)
        if offset is None:
            return True
        return with_sum(self.protocol, self.src, self.dst, self.zeroed(offset, 2)) == self.segment

    def zeroed(self, offset, size):
        return self.segment[:offset] + bytes(size) + self.segment[offset + size :]

    def __str__(self):
        return f"{self.protocol} {self.src} > {self.dst} ttl {self.ttl}: {self.segment.hex()}"


def one_hop_less(packet):
    """The packet as a router passes it on."""
    if family_of(packet) == 6:
        return packet[:7] + bytes([packet[7] - 1]) + packet[8:]
    head = packet[:8] + bytes([packet[8] - 1]) + packet[9:10] + b"\0\0" + packet[12:]
    length = (packet[0] & 15) * 4
    return head[:10] + struct.pack(">H", checksum(head[:length])) + head[12:]


# ----------------------------------------------------------------------- links


class Link:
    """The device of a namespace on which packets are sent to the director and looked for."""

    def __init__(self, namespace, device, gateway, gateway_device):
        self.mac = self.enter(gateway, gateway_device)
        self.enter(namespace, device)
        self.sockets, self.parts = {}, {}
        for family, ethertype in ETHERTYPE.items():
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ethertype))
            sock.bind((device, ethertype))
            sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
            sock.setsockopt(SOL_PACKET, 8, 1)  # PACKET_AUXDATA
            self.sockets[family] = sock
        self.device = device

    @staticmethod
    def enter(namespace, device):
        """Moves this process into a namespace; the hardware address of a device there."""
        with open(f"/run/netns/{namespace}", "rb") as handle:
            os.setns(handle.fileno(), os.CLONE_NEWNET)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            request = struct.pack("256s", device.encode())
            return fcntl.ioctl(sock, 0x8927, request)[18:24]  # SIOCGIFHWADDR

    def send(self, packet, length=None):
        """Sends a packet, cut to a length that need not be that of its header."""
        family = family_of(packet) if family_of(packet) in ETHERTYPE else 4
        data = packet if length is None else packet[:length]
        self.sockets[family].sendto(data, (self.device, ETHERTYPE[family], 0, 0, self.mac))

    def drain(self):
        """Forgets what has come."""
        self.parts.clear()
        while ready := select.select(list(self.sockets.values()), [], [], 0)[0]:
            for sock in ready:
                sock.recv(65536)

    def receive(self, wanted, patience=3.0):
        """The first packet that comes for which `wanted` is true; None if none does.

        Fragments are put together.
        """
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            for sock in select.select(list(self.sockets.values()), [], [], left)[0]:
                data, control, _, sender = sock.recvmsg(65536, 256)
                if sender[2] == OUTGOING:
                    continue
                packet = Packet(data)
                for level, _, aux in control:
                    if level == SOL_PACKET:
                        packet.partial = bool(struct.unpack_from("I", aux)[0] & CSUM_NOT_READY)
                packet = self.whole(packet)
                if packet and wanted(packet):
                    return packet
        return None

    def whole(self, packet):
        """The packet that a fragment completes; None if others are missing."""
        more = packet.offset & (0x2000 if packet.family == 4 else 1)
        offset = (packet.offset & 0x1FFF) * 8 if packet.family == 4 else packet.offset & 0xFFF8
        if not more and not offset:
            return packet
        parts = self.parts.setdefault((packet.src, packet.dst, packet.protocol), {})
        parts[offset] = packet
        if not more:
            parts["end"] = offset + len(packet.segment)
        payload, at = b"", 0
        while at in parts:
            payload += parts[at].segment
            at += len(parts[at].segment)
        if at != parts.get("end"):
            return None
        self.parts.pop((packet.src, packet.dst, packet.protocol))
        data = ip(packet.src, packet.dst, packet.protocol, payload, packet.ttl)
        return Packet(data, len(parts) - 1)


# ------------------------------------------------------------------------ ends

VIP = {4: "10.0.0.100", 6: "2001:db8:a::100"}
CLIENT = {4: "10.0.0.2", 6: "2001:db8:a::2"}
SERVER = {4: "192.168.0.11", 6: "2001:db8:b::11"}
PORT = 80


class Ends:
    """Client and server 1 of the topology of lib.sh, and a flow of their own between them."""

    port = 20000
    client_link = server_link = None

    def __init__(self, family, method, engine="rvs"):
        Ends.port += 1
        self.port, self.family, self.method = Ends.port, int(family), method
        self.engine = engine
        self.vip, self.client = VIP[self.family], CLIENT[self.family]
        self.server = SERVER[self.family]
        # What the server is addressed by.
        self.target = self.server if method == "m" else self.vip
        if not Ends.client_link:
            Ends.client_link = Link("client", "net", "director", "net")
            Ends.server_link = Link("server1", "lan", "director", "lan")
        self.client_link.drain()
        self.server_link.drain()

    def at_server(self, what="the request", patience=3.0, port=PORT):
        """The next packet of this flow that comes to the server."""
        got = self.server_link.receive(lambda packet: packet.ports == (self.port, port), patience)
        if got or patience >= 1:
            there(got, what)
            want(what, (self.client, self.target), (got.src, got.dst))
        return got

    def at_client(self, what="the answer", patience=3.0, port=PORT):
        """The next packet of this flow that comes to the client."""
        got = self.client_link.receive(lambda packet: packet.ports == (port, self.port), patience)
        if got or patience >= 1:
            there(got, what)
            want(what, (self.vip, self.client), (got.src, got.dst))
        return got


# ----------------------------------------------------------------------- cases


class Failure(Exception):
    """What is wrong."""


def want(what, wanted, got):
    """Fails unless both are the same."""
    if wanted != got:
        raise Failure(f"{what}: wanted {wanted}, got {got}")


def there(packet, what, unsummed=False):
    """Fails if a packet did not come, or came with a wrong checksum, or with one though it is to be
    unsummed."""
    if packet is None:
        raise Failure(f"{what} did not come")
    if not (packet.is_unsummed() if unsummed else packet.is_sound()):
        raise Failure(f"{what} has a wrong checksum: {packet}")
    return packet


def serve(cases):
    """Runs the cases that lines on the standard input name, and answers each with a line."""
    print("ready", flush=True)
    while words := sys.stdin.readline().split():
        try:
            answer = cases[words[0]](*words[1:]) or "ok"
        except Failure as failure:
            answer = str(failure)
        except Exception as error:  # noqa: BLE001 # The test waits for an answer, whatever it is.
            answer = f"{type(error).__name__}: {error}"
        print(answer, flush=True)
