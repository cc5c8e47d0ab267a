// SPDX-License-Identifier: GPL-2.0

//! What is printed, in every format. The layouts of ipvsadm were observed on ipvsadm 1.31.

use crate::support::{
    client,
    config,
    conn,
    dump,
    info,
    reply,
    server,
    service,
    tcp,
    two_services,
    v4, //
};
use rvs_logic::logic::{
    proto::State,
    uapi::ConnState, //
};
use rvsadm::{
    action::{
        Action,
        Listing,
        View, //
    },
    cli::ipvsadm,
    netlink::replay::Datagram,
    output::{
        state_name, //
        stats::column,
    },
};

fn print(action: &Action, answers: Vec<Vec<Datagram>>) -> String {
    let mut out = Vec::new();
    action.run(&mut client(answers), &mut out).expect("success");
    String::from_utf8(out).expect("text")
}

fn listing(line: &str, answers: Vec<Vec<Datagram>>) -> String {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    print(&ipvsadm::parse(&words).expect(line), answers)
}

fn with_info(answers: Vec<Vec<Datagram>>) -> Vec<Vec<Datagram>> {
    [vec![reply(&info())], answers].concat()
}

#[test]
fn ipvsadm_list() {
    let want = "\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.0.0.1:80 wlc
  -> 10.0.0.2:8080                Masq    1      7          11        \n\
\x20 -> 10.0.0.3:80                  Route   3      7          11        \n\
UDP  [2001:db8::1]:53 rr
  -> [2001:db8::2]:53             Masq    1      7          11        \n";
    assert_eq!(listing("-Ln", with_info(two_services())), want);
    assert_eq!(listing("", with_info(two_services())), want);
}

#[test]
fn ipvsadm_list_in_the_order_of_the_kernel() {
    let text = listing("-Ln --nosort", with_info(two_services()));
    let starts: Vec<&str> = text.lines().skip(3).map(|line| &line[..14]).collect();
    let want = [
        "UDP  [2001:db8",
        "  -> [2001:db8",
        "TCP  10.0.0.1:",
        "  -> 10.0.0.3:",
        "  -> 10.0.0.2:",
    ];
    assert_eq!(starts, want);
}

#[test]
fn ipvsadm_list_of_one_service() {
    let servers = dump([server(tcp(80).family, v4(2, 8080), 0, 1, 0)]);
    let answers = vec![reply(&service(&tcp(80), "rr", 0)), servers];
    let want = "\
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.0.0.1:80 rr
  -> 10.0.0.2:8080                Masq    1      7          11        \n";
    assert_eq!(listing("-Ln -t 10.0.0.1:80", answers), want);
}

#[test]
fn ipvsadm_stats() {
    let want = "\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  10.0.0.1:80                       100      101      103      102      104
  -> 10.0.0.2:8080                      10       11       13       12       14
  -> 10.0.0.3:80                        20       21       23       22       24
UDP  [2001:db8::1]:53                  200      201      203      202      204
  -> [2001:db8::2]:53                   30       31       33       32       34
";
    assert_eq!(listing("-Ln --stats", with_info(two_services())), want);
}

#[test]
fn ipvsadm_numbers() {
    let cases = [
        (0, "        0", "        0"),
        (99_999_999, " 99999999", " 99999999"),
        (100_000_000, "  100000K", " 100000000"),
        (999_999_999, "  999999K", " 999999999"),
        (1_000_000_000, "    1000M", " 1000000000"),
        (99_999_999_999, "   99999M", " 99999999999"),
        (100_000_000_000, "     100G", " 100000000000"),
        (99_999_999_999_999, "   99999G", " 99999999999999"),
        (100_000_000_000_000, "     100T", " 100000000000000"),
    ];
    for (number, short, exact) in cases {
        assert_eq!(column(number, false), short);
        assert_eq!(column(number, true), exact);
    }
}

#[test]
fn ipvsadm_connections() {
    let answers = vec![dump([conn(5, 115_999), conn(1, 900_000)])];
    let want = "\
IPVS connection entries
pro expire state       source             virtual            destination
TCP 01:55  TIME_WAIT   10.0.0.9:33000     10.0.0.1:80        10.0.0.2:8080
TCP 15:00  ESTABLISHED 10.0.0.9:33000     10.0.0.1:80        10.0.0.2:8080
";
    assert_eq!(listing("-Lnc", answers), want);
}

#[test]
fn ipvsadm_timeouts() {
    let text = print(&Action::List(Listing::Timeouts), vec![reply(&config())]);
    assert_eq!(text, "Timeout (tcp tcpfin udp): 900 120 300\n");
}

#[test]
fn states_are_named_as_in_ipvs() {
    for state in ConnState::ALL {
        let known = State::from_u8(state.value()).expect("a state");
        assert_eq!(state_name(*state), known.name());
    }
}

#[test]
fn tables() {
    let want = "\
PROTOCOL  ADDRESS           SCHEDULER  SERVERS  CONNS  IN-PKTS  IN-BYTES  OUT-PKTS  OUT-BYTES
tcp       10.0.0.1:80       wlc              2    100      101       102       103        104
udp       [2001:db8::1]:53  rr               1    200      201       202       203        204
";
    assert_eq!(print(&Action::Table(View::Services), two_services()), want);
    let want = "\
SERVICE               SERVER            METHOD  WEIGHT  ACTIVE  INACTIVE  CONNS  IN-PKTS  IN-BYTES  OUT-PKTS  OUT-BYTES
tcp 10.0.0.1:80       10.0.0.2:8080     nat          1       7        11     10       11        12        13         14
tcp 10.0.0.1:80       10.0.0.3:80       direct       3       7        11     20       21        22        23         24
udp [2001:db8::1]:53  [2001:db8::2]:53  nat          1       7        11     30       31        32        33         34
";
    let servers = Action::Table(View::Servers(None));
    assert_eq!(print(&servers, two_services()), want);
    let want = "\
PROTOCOL  CLIENT          SERVICE      SERVER         METHOD  STATE        EXPIRES
tcp       10.0.0.9:33000  10.0.0.1:80  10.0.0.2:8080  nat     ESTABLISHED    15:00
";
    let conns = vec![dump([conn(1, 900_000)])];
    assert_eq!(print(&Action::Table(View::Conns), conns), want);
}

#[test]
fn facts() {
    let answers = vec![reply(&service(&tcp(80), "rr", 1)), dump([])];
    let want = "\
service:     tcp 10.0.0.1:80
scheduler:   rr
connections: 1
in:          2 packets, 3 bytes
out:         4 packets, 5 bytes
servers:     0
";
    assert_eq!(print(&Action::Table(View::Service(tcp(80))), answers), want);
    let want = "\
timeout-tcp:     900 s
timeout-tcp-fin: 120 s
timeout-udp:     300 s
";
    let answers = vec![reply(&config())];
    assert_eq!(print(&Action::Table(View::Config), answers), want);
    let want = "\
version:             0.1.0
scheduler interface: 0123456789abcdef
schedulers loaded:   rr
features:            nat direct
services:            2 in 256 buckets
servers:             3
connections:         4 of 192 bytes in 4096 buckets
scheduled:           100 connections
in:                  101 packets, 102 bytes
out:                 103 packets, 104 bytes
sent:                50 packets, 5000 bytes

DROPPED    PACKETS
malformed        1
no-route         2
";
    let answers = vec![reply(&info())];
    assert_eq!(print(&Action::Table(View::Info), answers), want);
}

/// JSON with its whitespace squeezed out.
fn json(view: View, answers: Vec<Vec<Datagram>>) -> String {
    let text = print(&Action::Json(view), answers);
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(text.ends_with('\n'));
    value.to_string()
}

#[test]
fn json_of_services() {
    let want = concat!(
        r#"[{"address":"10.0.0.1","port":80,"protocol":"tcp","scheduler":"wlc","server_count":2,"#,
        r#""stats":{"connections":100,"in_bytes":102,"in_packets":101,"out_bytes":104,"out_packets":103}},"#,
        r#"{"address":"2001:db8::1","port":53,"protocol":"udp","scheduler":"rr","server_count":1,"#,
        r#""stats":{"connections":200,"in_bytes":202,"in_packets":201,"out_bytes":204,"out_packets":203}}]"#,
    );
    assert_eq!(json(View::Services, two_services()), want);
    assert_eq!(json(View::Services, vec![dump([])]), "[]");
}

#[test]
fn json_of_servers() {
    let answers = || {
        let servers = dump([server(tcp(80).family, v4(2, 8080), 0, 1, 0)]);
        vec![reply(&service(&tcp(80), "rr", 0)), servers]
    };
    let stats = r#"{"connections":0,"in_bytes":2,"in_packets":1,"out_bytes":4,"out_packets":3}"#;
    let server = r#""address":"10.0.0.2","inactive_connections":11,"method":"nat","port":8080,"#;
    let one = json(View::Service(tcp(80)), answers());
    let want = format!(
        r#"{{"address":"10.0.0.1","port":80,"protocol":"tcp","scheduler":"rr","server_count":1,"servers":[{{"active_connections":7,{server}"stats":{stats},"weight":1}}],"stats":{stats}}}"#
    );
    assert_eq!(one, want);
    let all = json(View::Servers(Some(tcp(80))), answers());
    let want = format!(
        r#"[{{"active_connections":7,{server}"service":{{"address":"10.0.0.1","port":80,"protocol":"tcp"}},"stats":{stats},"weight":1}}]"#
    );
    assert_eq!(all, want);
}

#[test]
fn json_of_the_rest() {
    let want = concat!(
        r#"[{"client":{"address":"10.0.0.9","port":33000},"expires_ms":900000,"method":"nat","protocol":"tcp","#,
        r#""server":{"address":"10.0.0.2","port":8080},"service":{"address":"10.0.0.1","port":80},"state":"ESTABLISHED"}]"#,
    );
    assert_eq!(json(View::Conns, vec![dump([conn(1, 900_000)])]), want);
    let want = r#"{"timeout_tcp":900,"timeout_tcp_fin":120,"timeout_udp":300}"#;
    assert_eq!(json(View::Config, vec![reply(&config())]), want);
    let want = concat!(
        r#"{"connection_buckets":4096,"connection_size":192,"connections":4,"drops":{"malformed":1,"no-route":2},"#,
        r#""features":["nat","direct"],"scheduler_interface":"0123456789abcdef","schedulers":["rr"],"#,
        r#""sent_bytes":5000,"sent_packets":50,"servers":3,"service_buckets":256,"services":2,"#,
        r#""stats":{"connections":100,"in_bytes":102,"in_packets":101,"out_bytes":104,"out_packets":103},"version":"0.1.0"}"#,
    );
    assert_eq!(json(View::Info, vec![reply(&info())]), want);
}
