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
        Listing, //
    },
    cli::ipvsadm::{
        self,
        Face, //
    },
    netlink::replay::Datagram,
    output::{
        state_name, //
        stats::column,
    },
};

pub(crate) fn print(action: &Action, answers: Vec<Vec<Datagram>>) -> String {
    let mut out = Vec::new();
    action.run(&mut client(answers), &mut out).expect("success");
    String::from_utf8(out).expect("text")
}

pub(crate) fn listing(line: &str, answers: Vec<Vec<Datagram>>) -> String {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    print(&ipvsadm::parse(Face::Ipvsadm, &words).expect(line), answers)
}

pub(crate) fn with_info(answers: Vec<Vec<Datagram>>) -> Vec<Vec<Datagram>> {
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
    let name = |state| state_name(state);
    assert_eq!(name(ConnState::FinWait), "FIN_WAIT");
    assert_eq!(name(ConnState::SctpCookieSent), "C-SENT");
    assert_eq!(name(ConnState::Udp), "UDP");
    assert_eq!(name(ConnState::Assured), "ASSURED");
    for state in ConnState::ALL {
        if let Some(known) = State::from_u8(state.value()) {
            assert_eq!(name(*state), known.name());
        }
    }
}
