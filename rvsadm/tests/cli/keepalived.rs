// SPDX-License-Identifier: GPL-2.0

//! Configurations of keepalived, and what becomes of them.

use proptest::{
    collection::vec,
    prelude::*,
    sample::select, //
};
use rvsadm::document::{
    Document,
    Format, //
};

const CONFIGURATION: &str = r#"
! Everything that keepalived does besides is left alone.
global_defs {
    router_id LVS_DEVEL   # a name
}
vrrp_instance VI_1 {
    virtual_ipaddress {
        192.0.2.1
    }
}
virtual_server_group WEB {
    192.0.2.10-11 80
    2001:db8::80 80
    fwmark 9
}
virtual_server 192.0.2.1 443 {
    delay_loop 6
    lb_algo mh
    lb_kind DR
    mh-port
    persistence_timeout 50
    persistence_granularity 255.255.255.0
    protocol TCP
    sorry_server 10.0.0.99 8443
    real_server 10.0.0.2 443 {
        weight 3
        inhibit_on_failure
        SSL_GET {
            url { path / }
        }
    }
    real_server 10.0.0.3 443
    {
        lvs_method TUN type gue port 6080 csum
        uthreshold 100
        lthreshold 50
        notify_up "/bin/echo { up }"
    }
}
virtual_server fwmark 7 {
    ip_family inet6
    lvs_sched wlc
    lvs_method NAT
    persistence_timeout
    real_server 2001:db8::2 80 { weight 0 }
}
virtual_server 192.0.2.1 53 {
    protocol UDP
    ops
    lvs_sched rr
    lvs_method NAT
    virtualhost example.org
    bogus 1
    persistence_engine sip
    real_server 10.0.0.4 5353 {
    }
}
virtual_server group WEB {
    lvs_sched rr
    lvs_method NAT
}
include other.conf
"#;

#[test]
fn a_configuration() {
    assert_eq!(Format::guess(CONFIGURATION), Format::Keepalived);
    let read = Document::read_all(Format::Keepalived, "keepalived.conf", CONFIGURATION);
    let (document, lost) = read.unwrap_or_else(|complaints| panic!("{complaints}"));
    let want = r#"[[service]]
protocol = "tcp"
address = "192.0.2.1:443"
scheduler = "mh"
scheduler_flags = ["mh-port"]

[service.persistence]
timeout = 50
prefix = 24

[service.fallback]
address = "10.0.0.99:443"
method = "direct"

[[service.server]]
address = "10.0.0.2:443"
method = "direct"
weight = 3

[[service.server]]
address = "10.0.0.3:443"
upper = 100
lower = 50

[service.server.tunnel]
type = "gue"
port = 6080
flags = ["csum"]

[[service]]
fwmark = 7
family = "ipv6"
scheduler = "wlc"

[service.persistence]
timeout = 360

[[service.server]]
address = "[2001:db8::2]:80"
method = "nat"
weight = 0

[[service]]
protocol = "udp"
address = "192.0.2.1:53"
scheduler = "rr"
flags = ["one-packet"]

[[service.server]]
address = "10.0.0.4:5353"
method = "nat"

[[service]]
protocol = "tcp"
address = "192.0.2.10:80"
scheduler = "rr"

[[service]]
protocol = "tcp"
address = "192.0.2.11:80"
scheduler = "rr"

[[service]]
protocol = "tcp"
address = "[2001:db8::80]:80"
scheduler = "rr"

[[service]]
fwmark = 9
scheduler = "rr"
"#;
    assert_eq!(document.write(Format::Toml).0, want);
    let want = [
        "tcp 192.0.2.1:443: checks of its servers, and what comes of them",
        "udp 192.0.2.1:53: checks of its servers, and what comes of them",
        "udp 192.0.2.1:53: bogus",
        "udp 192.0.2.1:53: persistence_engine",
        "include other.conf",
    ];
    assert_eq!(lost, want);
}

#[test]
fn mistakes() {
    let cases = [
        (
            "virtual_server 10.0.0.1 80 {",
            "x:1:1: this block has no end",
        ),
        (
            "virtual_server 10.0.0.1 80 {\n}\n}",
            "x:3:1: there is no block",
        ),
        ("{", "x:1:1: a block of nothing"),
        ("virtual_server {\n}", "x:1:1: something is missing here"),
        (
            "virtual_server 10.0.0.1 {\n}",
            "x:1:1: something is missing here",
        ),
        (
            "virtual_server 10.0.0 80 {\n}",
            "x:1:16: '10.0.0' is not an IP address",
        ),
        (
            "virtual_server 10.0.0.1 http {\n}",
            "x:1:25: must be 0 to 65535",
        ),
        (
            "virtual_server fwmark 0 {\n}",
            "x:1:23: must be 1 to 4294967295",
        ),
        (
            "virtual_server_group WEB {\n}\nvirtual_server group WBE {\n}",
            "x:3:22: there is no group 'WBE'; did you mean WEB?",
        ),
        (
            "virtual_server 10.0.0.1 80 {\n lb_kind FOO\n}",
            "x:2:10: unknown word 'FOO'; there are NAT, DR, TUN",
        ),
        (
            "virtual_server 10.0.0.1 80 {\n lb_kind TUN type gue\n}",
            "x:2:2: a tunnel has a port",
        ),
        (
            "virtual_server 10.0.0.1 80 {\n real_server 2001:db8::1 80 {\n }\n}",
            "x:2:2: another family",
        ),
        (
            "virtual_server 10.0.0.1 80 {\n real_server 10.0.0.2 80 {\n weight x\n }\n}",
            "x:3:9: must be 0 to 2147483647",
        ),
        (
            "virtual_server 10.0.0.1 80 {\n persistence_granularity 255.0.255.0\n}",
            "x:2:26: not a prefix",
        ),
        (
            "virtual_server 10.0.0.1 80 {\n}\nvirtual_server 10.0.0.1 80 {\n}",
            "x:3:1: this service is there already",
        ),
        (
            "virtual_server_group A {\n 10.0.0.1-x 80\n}",
            "x:2:2: not a range",
        ),
    ];
    for (text, want) in cases {
        let complaint = match Document::read(Format::Keepalived, "x", text) {
            Err(complaints) => complaints.to_string(),
            Ok(document) => panic!("{text}: {document:?}"),
        };
        assert!(complaint.starts_with(want), "{text}: {complaint}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_too_broken(
        words in vec(select(vec![
            "virtual_server", "virtual_server_group", "group", "fwmark", "10.0.0.1", "::1", "80", "{", "}", "\n",
            "\"", "!", "#", "real_server", "weight", "lb_kind", "TUN", "type", "gue", "port", "persistence_timeout",
            "persistence_granularity", "10.0.0.9-3", "A", "ö{", "sorry_server", "sorry_server_lvs_method", "4294967296",
        ]), 0..40),
    ) {
        let text = words.join(" ");
        if let Err(complaints) = Document::read(Format::Keepalived, "text", &text) {
            prop_assert!(complaints.to_string().starts_with("text:"));
        }
    }
}
