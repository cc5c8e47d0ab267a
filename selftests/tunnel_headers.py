# SPDX-License-Identifier: GPL-2.0
"""Client and server 1 of tunnel_headers.sh: sends packets and looks at those of the tunnel.

    CASE KIND OUTER INNER ENGINE    answered with "ok" or with what is wrong
"""

import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wire  # noqa: E402
from wire import Failure, checksum, one_hop_less, pack, tcp, there, udp, want  # noqa: E402

VIP = {4: "10.0.0.100", 6: "2001:db8:a::100"}
CLIENT_ADDRESS = {4: "10.0.0.2", 6: "2001:db8:a::2"}
DIRECTOR = {4: "192.168.0.1", 6: "2001:db8:b::1"}
SERVER_ADDRESS = {4: "192.168.0.11", 6: "2001:db8:b::11"}
OVERHEAD = {"ipip": 0, "gre": 4, "gre-csum": 8, "gue": 12, "gue-csum": 12, "gue-remcsum": 12}
IP_LENGTH = {4: 20, 6: 40}
TOO_BIG = {4: (3, 4), 6: (2, 0)}
TIME_EXCEEDED = {4: (11, 0), 6: (3, 0)}
GUE_PORT = 6080
# DSCP 46; the sender supports ECN, and congestion was experienced.
CLASS, OUTER_CLASS = 0xBB, 0xBA


def with_class(packet, value):
    """The packet with another traffic class."""
    if wire.family_of(packet) == 6:
        return bytes([0x60 | value >> 4, (value & 15) << 4]) + packet[2:]
    head = packet[:1] + bytes([value]) + packet[2:10] + b"\0\0" + packet[12:20]
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + packet[20:]


class Tunnel:
    """A flow of its own, and the tunnel that it goes through."""

    port = 30000

    def __init__(self, kind, outer, inner, engine):
        Tunnel.port += 1
        self.kind, self.outer, self.inner = kind, int(outer), int(inner)
        self.engine = engine
        self.vip, self.client = VIP[self.inner], CLIENT_ADDRESS[self.inner]
        self.remote = False
        self.source_port = None
        CLIENT.drain()
        SERVER.drain()

    @property
    def overhead(self):
        return IP_LENGTH[self.outer] + OVERHEAD[self.kind] + (8 if self.remote else 0)

    @property
    def protocol(self):
        packet = 4 if self.inner == 4 else 41
        return {"ipip": packet, "gre": 47, "gue": 17}[self.kind.partition("-")[0]]

    def request(self, size=None, **rest):
        """What the client sends, `size` bytes."""
        headers = IP_LENGTH[self.inner] + 8
        data = b"data" if size is None else b"x" * (size - headers)
        return udp(self.client, self.vip, self.port, 80, data, **rest)

    def receive(self):
        """The next packet of the tunnel."""
        ends = DIRECTOR[self.outer], SERVER_ADDRESS[self.outer]
        got = SERVER.receive(
            lambda packet: packet.protocol == self.protocol and (packet.src, packet.dst) == ends
        )
        # In a tunnel UDP may go without a checksum over IPv6, too (RFC 6935).
        if got and self.kind == "gue" and got.segment[6:8] == b"\0\0":
            got.partial = True
        return got

    def pass_through(self, sent):
        """Sends a packet; it must come out of the tunnel as it was, but for one hop."""
        CLIENT.send(sent)
        got = there(self.receive(), "the tunnel's packet")
        inside = self.unpacked(got)
        want("the packet inside", one_hop_less(sent).hex(), inside.hex())
        return got

    def unpacked(self, got):
        """Checks the headers between the outer one and the packet inside, which is returned."""
        segment, number = got.segment, 4 if self.inner == 4 else 41
        if self.kind == "ipip":
            return segment
        if self.kind.startswith("gre"):
            ethertype = 0x0800 if self.inner == 4 else 0x86DD
            if self.kind == "gre":
                want("GRE", struct.pack(">HH", 0, ethertype).hex(), segment[:4].hex())
                return segment[4:]
            want("GRE", struct.pack(">HH", 0x8000, ethertype).hex(), segment[:4].hex())
            want("the rest of GRE", "0000", segment[6:8].hex())
            want("the sum with that of GRE", 0, checksum(segment))
            return segment[8:]
        self.check_udp(segment)
        if not self.remote:
            want("GUE", bytes([0, number, 0, 0]).hex(), segment[8:12].hex())
            return segment[12:]
        start = IP_LENGTH[self.inner]
        fields = struct.pack(">BBHIHH", 2, number, 1, 0x80000000, start, start + 6)
        want("GUE", fields.hex(), segment[8:20].hex())
        return segment[20:]

    def check_udp(self, segment):
        source, port, length, total = struct.unpack_from(">HHHH", segment)
        want("the port of GUE", GUE_PORT, port)
        want("the length of UDP", len(segment), length)
        want("has a checksum", self.kind != "gue", total != 0)
        if not 32768 <= source <= 60999:
            raise Failure(f"the source port is {source}")
        if self.source_port not in (None, source):
            raise Failure(f"the flow had the source port {self.source_port}, now {source}")
        self.source_port = source

    def outer_header(self, got, hops, dont_fragment):
        """Checks the outer IP header."""
        data, length = got.data, len(got.data)
        ends = pack(DIRECTOR[self.outer]) + pack(SERVER_ADDRESS[self.outer])
        if self.outer == 6:
            first = 6 << 28 | OUTER_CLASS << 20
            wanted = struct.pack(">IHBB", first, length - 40, self.protocol, hops) + ends
            want("the outer header", wanted.hex(), data[:40].hex())
            return
        ident = b"\0\0" if dont_fragment else data[4:6]
        wanted = struct.pack(">BBH", 0x45, OUTER_CLASS, length) + ident
        wanted += struct.pack(">HBBH", 0x4000 if dont_fragment else 0, hops, self.protocol, 0)
        wanted += ends
        wanted = wanted[:10] + struct.pack(">H", checksum(wanted)) + wanted[12:]
        want("the outer header", wanted.hex(), data[:20].hex())

    def error(self):
        """The ICMP error that the client hears; it must come from the virtual address."""
        got = there(CLIENT.receive(is_icmp), "the ICMP error")
        want("addresses", (self.vip, self.client), (got.src, got.dst))
        return got.error()


def is_icmp(packet):
    return packet.protocol in (1, 58) and (packet.family == 4 or packet.segment[0] < 128)


def headers(*args):
    """Traffic class, hops, "don't fragment", ID."""
    tunnel = Tunnel(*args)
    for free in (False, True) if tunnel.inner == 4 else (False,):
        sent = tunnel.request(ttl=37, dont_fragment=not free, ident=0x4321)
        got = tunnel.pass_through(with_class(sent, CLASS))
        tunnel.outer_header(got, 36, tunnel.inner == 4 and not free)
    first = tunnel.source_port
    other = Tunnel(*args)
    other.pass_through(other.request())
    if first is not None and other.source_port == first:
        third = Tunnel(*args)
        third.pass_through(third.request())
        if third.source_port == first:
            raise Failure("all flows have the same source port")


def partial(*args):
    """A packet of the client's kernel, which leaves the checksum to the device."""
    tunnel = Tunnel(*args)
    tunnel.remote = tunnel.kind == "gue-remcsum"
    family = socket.AF_INET if tunnel.inner == 4 else socket.AF_INET6
    CLIENT.enter("client", "net")
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind(("", tunnel.port))
        sock.sendto(b"hello", (tunnel.vip, 80))
    got = there(tunnel.receive(), "the tunnel's packet")
    inside = bytearray(tunnel.unpacked(got))
    if tunnel.remote:
        # The receiver's part: the sum from the start on goes where it was left out.
        start = IP_LENGTH[tunnel.inner]
        total = checksum(bytes(inside[start:])) or 0xFFFF
        inside[start + 6 : start + 8] = struct.pack(">H", total)
    packet = there(wire.Packet(bytes(inside)), "the packet inside")
    want("ends", (tunnel.client, tunnel.port, tunnel.vip, 80), packet.ends())
    want("data", b"hello", packet.segment[8:])


def longest(*args):
    """What fits passes whole, what is longer is refused with what would fit."""
    tunnel = Tunnel(*args)
    mtu = 1500 - tunnel.overhead
    got = tunnel.pass_through(tunnel.request(mtu))
    want("length", 1500, len(got.data))
    want("parts", 1, got.parts)
    CLIENT.send(tunnel.request(mtu + 1))
    kind, code, info, _ = tunnel.error()
    want("type and code", TOO_BIG[tunnel.inner], (kind, code))
    want("MTU", mtu, info)
    if tunnel.inner == 4:
        # Without "don't fragment" it passes in parts.
        got = tunnel.pass_through(tunnel.request(mtu + 1, dont_fragment=False))
        want("parts", 2, got.parts)


def split(*args):
    tunnel = Tunnel(*args)
    got = tunnel.pass_through(tunnel.request(1500))
    want("parts", 2, got.parts)


def narrow(*args):
    """The link takes 1290 bytes."""
    tunnel = Tunnel(*args)
    got = tunnel.pass_through(tunnel.request(1280))
    want("parts", 2, got.parts)
    CLIENT.send(tunnel.request(1281))
    kind, code, info, _ = tunnel.error()
    want("type and code", TOO_BIG[6], (kind, code))
    want("MTU", 1280, info)


def last_hop(*args):
    tunnel = Tunnel(*args)
    CLIENT.send(tunnel.request(ttl=1))
    kind, code, _, _ = tunnel.error()
    want("type and code", TIME_EXCEEDED[tunnel.inner], (kind, code))
    tunnel.pass_through(tunnel.request(ttl=2))


def mss_of(packet):
    """The MSS option, which comes first, of the TCP segment in a packet."""
    segment = there(wire.Packet(bytes(packet)), "the segment").segment
    return struct.unpack_from(">HH", segment, 20)[1]


def syn(src, dst, sport, dport, flags, mss):
    """A SYN with an MSS option."""
    packet = tcp(src, dst, sport, dport, flags, struct.pack(">BBH", 2, 4, mss))
    head = IP_LENGTH[wire.family_of(packet)]
    segment = packet[head : head + 12] + bytes([6 << 4]) + packet[head + 13 :]
    segment = segment[:16] + b"\0\0" + segment[18:]
    return packet[:head] + wire.with_sum(wire.PROTO["tcp"], src, dst, segment)


def clamp(*args):
    """The MSS of a SYN, and of the SYN+ACK if it comes back this way."""
    tunnel = Tunnel(*args)
    # Other packets of the connection may be sent with remote checksum offload.
    overhead = tunnel.overhead + (8 if tunnel.kind == "gue-remcsum" else 0)
    fits = 1500 - overhead - IP_LENGTH[tunnel.inner] - 20
    for given in (1460, 1000):
        ends = tunnel.client, tunnel.vip, tunnel.port, 80
        CLIENT.send(syn(*ends, "S", given))
        got = there(tunnel.receive(), "the tunnel's packet")
        want("MSS of the SYN", min(given, fits), mss_of(tunnel.unpacked(got)))
        ends = tunnel.vip, tunnel.client, 80, tunnel.port
        SERVER.send(syn(*ends, "SA", given))
        got = CLIENT.receive(lambda packet: packet.protocol == 6)
        there(got, "the SYN+ACK")
        want("MSS of the SYN+ACK", min(given, fits), mss_of(got.data))


CLIENT = wire.Link("client", "net", "director", "net")
SERVER = wire.Link("server1", "lan", "director", "lan")
wire.serve({
    name: globals()[name]
    for name in ("headers", "partial", "longest", "split", "narrow", "last_hop", "clamp")
})
