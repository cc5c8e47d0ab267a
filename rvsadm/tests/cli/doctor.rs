// SPDX-License-Identifier: GPL-2.0

//! What the doctor finds on hosts that exist only here.

use crate::{
    snapshots::snapshot,
    support::{
        client,
        dump,
        info,
        reply,
        server,
        server_with,
        service,
        service_with,
        tcp,
        udp6,
        v4,
        v6, //
    },
};
use rvs_logic::logic::{
    addr::{
        Addr,
        Endpoint,
        Family, //
    },
    uapi::{
        self,
        Method,
        ServiceFlag,
        TunType, //
    },
};
use rvsadm::{
    client::Client,
    doctor::{
        self,
        examine,
        host::Host,
        Address,
        Finding,
        Level,
        Question, //
    },
    error::Error,
    netlink::{
        replay::{
            Datagram,
            Replay, //
        },
        route::{
            Held,
            Link,
            Route, //
        },
    },
};
use std::{
    collections::{
        BTreeMap,
        BTreeSet, //
    },
    io, //
};

const LO: u32 = 1;
const ETH: u32 = 2;
const LAN: u32 = 3;

/// A host with lo, eth0 (10.0.0.254/24, where clients are and the default route) and lan
/// (192.168.0.254/24).
#[derive(Clone, Default)]
struct Fake {
    files: BTreeMap<String, String>,
    links: Vec<Link>,
    addresses: Vec<Held>,
    /// Ways that are not those of the networks.
    routes: BTreeMap<String, Option<Route>>,
    uplinks: Vec<u32>,
    chains: Vec<String>,
    loadable: BTreeSet<String>,
    on_disk: BTreeSet<String>,
}

fn link(index: u32, name: &str) -> Link {
    Link {
        index,
        name: name.to_owned(),
        up: true,
        inner: index == LO,
        tunnel: false,
        arp: true,
        mtu: if index == LO { 65536 } else { 1500 },
    }
}

fn held(device: u32, at: Endpoint, prefix: u8) -> Held {
    let family = match prefix > 32 {
        true => Family::Ipv6,
        false => Family::Ipv4,
    };
    Held {
        device,
        family,
        addr: at.addr,
        prefix,
    }
}

fn v4_of(text: &str) -> Endpoint {
    let octets: std::net::Ipv4Addr = text.parse().expect(text);
    Endpoint::new(Addr::from_v4(octets.octets()), 0)
}

impl Fake {
    fn director() -> Self {
        let all = rvsadm::suggest::SCHEDULERS.iter();
        let all: BTreeSet<String> = all.map(|name| (*name).to_owned()).collect();
        let mut fake = Self {
            links: vec![link(LO, "lo"), link(ETH, "eth0"), link(LAN, "lan")],
            addresses: vec![
                held(LO, v4_of("127.0.0.1"), 8),
                held(ETH, v4(254, 0), 24),
                held(ETH, v4(1, 0), 32),
                held(ETH, v6(1, 0), 128),
                held(ETH, v6(254, 0), 64),
                held(LAN, v4_of("192.168.0.254"), 24),
            ],
            uplinks: vec![ETH],
            loadable: all.clone(),
            on_disk: all,
            ..Self::default()
        };
        for (name, value) in [
            ("net/ipv4/ip_forward", "1"),
            ("net/ipv4/conf/eth0/forwarding", "1"),
            ("net/ipv4/conf/lan/forwarding", "1"),
            ("net/ipv6/conf/all/forwarding", "1"),
            ("net/rvs/conntrack", "0"),
            ("net/rvs/conn_max", "1000"),
        ] {
            fake.set(name, value);
        }
        fake
    }

    fn set(&mut self, name: &str, value: &str) {
        let path = format!("/proc/sys/{name}");
        self.files.insert(path, format!("{value}\n"));
    }

    fn file(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.to_owned());
    }
}

impl Host for Fake {
    fn read(&self, path: &str) -> Option<String> {
        self.files.get(path).cloned()
    }

    fn links(&mut self) -> io::Result<Vec<Link>> {
        Ok(self.links.clone())
    }

    fn addresses(&mut self) -> io::Result<Vec<Held>> {
        Ok(self.addresses.clone())
    }

    fn route(&mut self, (family, addr): Address) -> Option<Route> {
        if let Some(known) = self.routes.get(&addr.display(family).to_string()) {
            return *known;
        }
        let here = |held: &&Held| held.family == family && held.addr == addr;
        let local = self.addresses.iter().find(here);
        let near = |held: &&Held| {
            held.family == family
                && held.addr.masked(family, held.prefix) == addr.masked(family, held.prefix)
        };
        let found = local.or_else(|| self.addresses.iter().find(near));
        let device = found.map(|held| held.device);
        let device = device.or_else(|| self.uplinks.first().copied())?;
        Some(Route {
            local: local.is_some(),
            device,
            via: found.is_none().then(|| v4(253, 0).addr),
        })
    }

    fn uplinks(&mut self, _family: Family) -> Vec<u32> {
        self.uplinks.clone()
    }

    fn source_nat(&mut self) -> Vec<String> {
        self.chains.clone()
    }

    fn loadable(&self) -> BTreeSet<String> {
        self.loadable.clone()
    }

    fn on_disk(&self) -> BTreeSet<String> {
        self.on_disk.clone()
    }
}

/// The services `tcp 10.0.0.1:80` and `udp [2001:db8::1]:53`, each with one server.
fn answers(method: Method) -> Vec<Vec<Datagram>> {
    let lan = Endpoint::new(v4_of("192.168.0.11").addr, 80);
    let tunnel = |to: &mut rvs_logic::logic::nla::Writer<'_>| {
        to.put_u8(uapi::dest::TUN_TYPE, TunType::Ipip.value())
    };
    vec![
        reply(&info()),
        dump([service(&tcp(80), "rr", 0), service(&udp6(53), "rr", 0)]),
        dump([server_with(Family::Ipv4, lan, method.value(), 1, 0, tunnel)]),
        dump([server_with(
            Family::Ipv6,
            v6(2, 53),
            method.value(),
            1,
            0,
            tunnel,
        )]),
    ]
}

fn here() -> Question {
    Question::default()
}

fn look(host: &mut Fake, method: Method) -> Vec<Finding> {
    examine(&here(), Ok(client(answers(method))), host).expect("an examination")
}

/// What is wrong: level, check and commands.
fn wrong(findings: &[Finding]) -> Vec<(Level, &'static str, Vec<&str>)> {
    let wrong = findings.iter().filter(|one| one.level != Level::Well);
    wrong
        .map(|one| {
            assert!(!one.text.is_empty());
            let commands = one.commands.iter().map(String::as_str);
            (one.level, one.check, commands.collect())
        })
        .collect()
}

#[track_caller]
fn finds(change: impl Fn(&mut Fake), method: Method, check: &str, level: Level, want: &[&str]) {
    let mut host = Fake::director();
    change(&mut host);
    let findings = look(&mut host, method);
    assert_eq!(wrong(&findings), [(level, check, want.to_vec())]);
}

#[test]
fn nothing() {
    for method in [Method::Nat, Method::Direct] {
        let findings = look(&mut Fake::director(), method);
        assert_eq!(wrong(&findings), []);
        let names: Vec<&str> = findings.iter().map(|one| one.check).collect();
        let want = [
            "module",
            "ip_vs",
            "schedulers",
            "services",
            "virtual addresses",
            "forwarding",
            "rp_filter",
            "servers",
            "mtu",
            "conntrack",
            "connections",
        ];
        assert_eq!(names, want);
    }
}

#[test]
fn not_loaded() {
    let mut host = Fake::director();
    let none: Result<Client<Replay>, Error> = Err(Error::NotLoaded);
    let findings = examine(&here(), none, &mut host).expect("an examination");
    assert_eq!(
        wrong(&findings),
        [(Level::Fault, "module", vec!["modprobe rvs"])]
    );
}

#[test]
fn of_the_kernel() {
    let nat = Method::Nat;
    let unload = "modprobe -r ip_vs_rr ip_vs";
    let modules = "ip_vs_rr 1 1 - Live 0\nip_vs 1 2 ip_vs_rr, Live 0\nrvs 1 1 - Live 0\n";
    let loaded = |host: &mut Fake| host.file("/proc/modules", modules);
    finds(loaded, nat, "ip_vs", Level::Warning, &[unload]);
    let busy = |host: &mut Fake| {
        host.file("/proc/modules", modules);
        let table = "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port\n\
                     TCP  0A000001:0050 rr\n  -> 0A000002:0050 Masq 1 0 0\n";
        host.file("/proc/thread-self/net/ip_vs", table);
    };
    let both = ["ipvsadm --clear", unload];
    finds(busy, nat, "ip_vs", Level::Fault, &both);
    let unlisted = |host: &mut Fake| host.loadable.retain(|name| name != "mh");
    finds(unlisted, nat, "schedulers", Level::Warning, &["depmod -a"]);
    let absent = |host: &mut Fake| {
        host.loadable.remove("mh");
        host.on_disk.remove("mh");
    };
    finds(absent, nat, "schedulers", Level::Warning, &["make install"]);
    let full = |host: &mut Fake| {
        host.set("net/netfilter/nf_conntrack_count", "95");
        host.set("net/netfilter/nf_conntrack_max", "100");
    };
    let wider = "sysctl -w net.netfilter.nf_conntrack_max=200";
    finds(full, nat, "conntrack", Level::Warning, &[wider]);
    let masquerade = |host: &mut Fake| host.chains = vec!["nat/post".to_owned()];
    let follow = "sysctl -w net.rvs.conntrack=1";
    finds(masquerade, nat, "conntrack", Level::Warning, &[follow]);
    let few = |host: &mut Fake| host.set("net/rvs/conn_max", "4");
    let more = "sysctl -w net.rvs.conn_max=8";
    finds(few, nat, "connections", Level::Warning, &[more]);
}

#[test]
fn of_the_director() {
    let nat = Method::Nat;
    let off = |host: &mut Fake| {
        host.set("net/ipv4/ip_forward", "0");
        host.set("net/ipv4/conf/lan/forwarding", "0");
    };
    let on = "sysctl -w net.ipv4.ip_forward=1";
    finds(off, nat, "forwarding", Level::Fault, &[on]);
    let one = |host: &mut Fake| host.set("net/ipv4/conf/lan/forwarding", "0");
    let on = "sysctl -w net.ipv4.conf.lan.forwarding=1";
    finds(one, nat, "forwarding", Level::Fault, &[on]);
    let off = |host: &mut Fake| host.set("net/ipv6/conf/all/forwarding", "0");
    let on = "sysctl -w net.ipv6.conf.all.forwarding=1";
    finds(off, nat, "forwarding", Level::Fault, &[on]);
    let strict = |host: &mut Fake| {
        host.set("net/ipv4/conf/all/rp_filter", "1");
        host.uplinks = vec![LAN];
    };
    let loose = "sysctl -w net.ipv4.conf.eth0.rp_filter=2";
    finds(strict, nat, "rp_filter", Level::Fault, &[loose]);
    let lost = |host: &mut Fake| {
        host.routes.insert("192.168.0.11".to_owned(), None);
    };
    let way = "ip route add 192.168.0.11/32 via GATEWAY";
    finds(lost, nat, "servers", Level::Fault, &[way]);
    let behind = |host: &mut Fake| host.addresses.retain(|held| held.device != LAN);
    let tunnel = "rvsadm server set tcp 10.0.0.1:80 192.168.0.11:80 --tunnel ipip";
    finds(behind, Method::Direct, "servers", Level::Fault, &[tunnel]);
}

#[test]
fn of_virtual_addresses() {
    let nat = Method::Nat;
    let check = "virtual addresses";
    let away = |host: &mut Fake| {
        host.addresses
            .retain(|held| held.addr != v4(1, 0).addr && held.addr != v6(1, 0).addr);
    };
    let mut host = Fake::director();
    away(&mut host);
    let add = [
        "ip address add 10.0.0.1/32 dev eth0",
        "ip address add 2001:db8::1/128 dev eth0 nodad",
    ];
    let findings = look(&mut host, nat);
    let want = add.map(|command| (Level::Fault, check, vec![command]));
    assert_eq!(wrong(&findings), want);
    let down = |host: &mut Fake| {
        host.links[1].up = false;
        host.addresses.retain(|held| held.family == Family::Ipv4);
    };
    let mut host = Fake::director();
    down(&mut host);
    let findings = look(&mut host, nat);
    let up = "ip link set eth0 up";
    assert!(wrong(&findings).contains(&(Level::Fault, check, vec![up])));
    // IPv4 on lo is answered for, unless arp_ignore says not to; IPv6 is not.
    let on_lo = |last: Endpoint, ignore: &'static str| {
        move |host: &mut Fake| {
            let mut all = host.addresses.iter_mut();
            let held = all.find(|held| held.addr == last.addr).expect("held");
            held.device = LO;
            host.set("net/ipv4/conf/all/arp_ignore", ignore);
        }
    };
    finds(on_lo(v4(1, 0), "1"), nat, check, Level::Fault, &[add[0]]);
    finds(on_lo(v6(1, 0), "0"), nat, check, Level::Fault, &[add[1]]);
    let mut host = Fake::director();
    on_lo(v4(1, 0), "0")(&mut host);
    assert_eq!(wrong(&look(&mut host, nat)), []);
}

#[test]
fn of_tunnels() {
    let clamp = "rvsadm service set tcp 10.0.0.1:80 --mss-clamp";
    let mut host = Fake::director();
    host.links[2].mtu = 1519;
    host.links[1].mtu = 1500;
    let findings = look(&mut host, Method::Tunnel);
    let longer = "ip link set eth0 mtu 1540";
    let want = [
        (Level::Warning, "mtu", vec![clamp]),
        (Level::Warning, "mtu", vec![longer]),
    ];
    assert_eq!(wrong(&findings), want);
    host.links[2].mtu = 1520;
    let findings = look(&mut host, Method::Tunnel);
    assert_eq!(wrong(&findings), want[1..]);
    let flags = |to: &mut rvs_logic::logic::nla::Writer<'_>| {
        to.put_u32(uapi::service::FLAGS, ServiceFlag::MssClamp.bit())
    };
    host.links[2].mtu = 1500;
    let mut answers = answers(Method::Tunnel);
    answers[1] = dump([service_with(&tcp(80), "rr", 0, flags)]);
    let findings = examine(&here(), Ok(client(answers)), &mut host).expect("an examination");
    assert_eq!(wrong(&findings), []);
}

#[test]
fn of_services() {
    let idle = |servers: Vec<Vec<u8>>| {
        let answers = vec![
            reply(&info()),
            dump([service(&tcp(80), "rr", 0)]),
            dump(servers),
        ];
        let findings = examine(&here(), Ok(client(answers)), &mut Fake::director());
        findings.expect("an examination")
    };
    let findings = idle(vec![]);
    let add = vec!["rvsadm server add tcp 10.0.0.1:80 SERVER"];
    assert_eq!(wrong(&findings), [(Level::Warning, "services", add)]);
    let findings = idle(vec![server(Family::Ipv4, v4(2, 80), 3, 0, 0)]);
    let set = vec!["rvsadm server set tcp 10.0.0.1:80 10.0.0.2:80 --weight 1"];
    assert_eq!(wrong(&findings), [(Level::Warning, "services", set)]);
}

#[test]
fn of_servers() {
    let vips = vec![(Family::Ipv4, v4(1, 0).addr)];
    let look = |host: &mut Fake, vips: &[Address]| {
        let question = Question {
            vips: vips.to_vec(),
            netns: Some("blue".to_owned()),
            ..Question::default()
        };
        let none: Result<Client<Replay>, Error> = match vips.is_empty() {
            true => Ok(client([reply(&info()), dump([])])),
            false => Err(Error::NotLoaded),
        };
        examine(&question, none, host).expect("an examination")
    };
    // On eth0 all see it.
    let mut host = Fake::director();
    host.set("net/ipv4/conf/all/arp_ignore", "1");
    host.set("net/ipv4/conf/all/arp_announce", "2");
    let move_it = vec![
        "ip netns exec blue ip address del 10.0.0.1/32 dev eth0",
        "ip netns exec blue ip address add 10.0.0.1/32 dev lo",
    ];
    let findings = look(&mut host, &vips);
    let check = "virtual addresses";
    assert_eq!(wrong(&findings), [(Level::Fault, check, move_it)]);
    // Nowhere.
    host.addresses.retain(|held| held.addr != v4(1, 0).addr);
    let add = vec!["ip netns exec blue ip address add 10.0.0.1/32 dev lo"];
    let findings = look(&mut host, &vips);
    assert_eq!(wrong(&findings), [(Level::Fault, check, add)]);
    // On lo it is right, named or not, unless arp is answered.
    host.addresses.push(held(LO, v4(1, 0), 32));
    for vips in [vips.as_slice(), &[]] {
        host.set("net/ipv4/conf/all/arp_ignore", "1");
        host.set("net/ipv4/conf/all/arp_announce", "2");
        assert_eq!(wrong(&look(&mut host, vips)), []);
        host.set("net/ipv4/conf/all/arp_ignore", "0");
        host.set("net/ipv4/conf/lan/arp_ignore", "3");
        host.set("net/ipv4/conf/all/arp_announce", "0");
        let ignore = vec!["ip netns exec blue sysctl -w net.ipv4.conf.all.arp_ignore=1"];
        let announce = vec!["ip netns exec blue sysctl -w net.ipv4.conf.all.arp_announce=2"];
        let findings = look(&mut host, vips);
        let want = [
            (Level::Fault, "arp", ignore),
            (Level::Fault, "arp", announce),
        ];
        assert_eq!(wrong(&findings), want);
        // A greater one of the device's own would hold.
        host.set("net/ipv4/conf/eth0/arp_ignore", "1");
        host.set("net/ipv4/conf/all/arp_announce", "2");
        let own = vec![
            "ip netns exec blue sysctl -w net.ipv4.conf.lan.arp_ignore=1",
            "ip netns exec blue sysctl -w net.ipv4.conf.all.arp_ignore=1",
        ];
        let findings = look(&mut host, vips);
        assert_eq!(wrong(&findings), [(Level::Fault, "arp", own)]);
        host.set("net/ipv4/conf/eth0/arp_ignore", "0");
        host.set("net/ipv4/conf/lan/arp_ignore", "0");
    }
    let mut tunnel = link(7, "tunl0.5");
    tunnel.tunnel = true;
    tunnel.arp = false;
    host.links.push(tunnel);
    host.set("net/ipv4/conf/all/rp_filter", "1");
    host.set("net/ipv4/conf/all/arp_ignore", "1");
    let loose = "ip netns exec blue sysctl -w net/ipv4/conf/tunl0.5/rp_filter=2";
    let off = "ip netns exec blue sysctl -w net/ipv4/conf/tunl0.5/rp_filter=0";
    let add = "ip netns exec blue ip address add 10.0.0.1/32 dev tunl0.5";
    let rp_filter = |commands| [(Level::Fault, "rp_filter", commands)];
    let findings = look(&mut host, &vips);
    assert_eq!(wrong(&findings), rp_filter(vec![loose, add]));
    // Without an address no way back is good enough.
    host.set("net/ipv4/conf/all/rp_filter", "0");
    for value in ["1", "2"] {
        host.set("net/ipv4/conf/tunl0.5/rp_filter", value);
        let findings = look(&mut host, &vips);
        assert_eq!(wrong(&findings), rp_filter(vec![off]));
    }
    host.addresses.push(held(7, v4(1, 0), 32));
    assert_eq!(wrong(&look(&mut host, &vips)), []);
    host.set("net/ipv4/conf/tunl0.5/rp_filter", "1");
    let findings = look(&mut host, &vips);
    assert_eq!(wrong(&findings), rp_filter(vec![loose]));
}

#[test]
fn printed() {
    for (json, name) in [(false, "doctor.table"), (true, "doctor.json")] {
        let question = Question {
            json,
            netns: Some("two words".to_owned()),
            ..Question::default()
        };
        let mut host = Fake::director();
        host.set("net/ipv4/ip_forward", "0");
        host.set("net/rvs/conn_max", "4");
        host.chains = vec!["nat/post".to_owned()];
        let mut out = Vec::new();
        let client = Ok(client(answers(Method::Nat)));
        let code = doctor::run(&question, client, &mut host, &mut out).expect("output");
        assert_eq!(code, 1);
        snapshot(name, &String::from_utf8(out).expect("text"));
    }
    let mut host = Fake::director();
    let mut out = Vec::new();
    let client = Ok(client(answers(Method::Nat)));
    assert!(matches!(
        doctor::run(&here(), client, &mut host, &mut out),
        Ok(0)
    ));
}
