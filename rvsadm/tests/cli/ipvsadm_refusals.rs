// SPDX-License-Identifier: GPL-2.0

//! The grammar of ipvsadm: the texts of refusals, and the exit codes.

use crate::ipvsadm_grammar::run;
use rvsadm::{
    cli::ipvsadm::{
        parse,
        Face, //
    },
    error::Error, //
};

#[track_caller]
fn refused(line: &str) -> String {
    match run(line) {
        Err(Error::Usage(text) | Error::Syntax(text) | Error::Lacking(text)) => text,
        other => panic!("{line}: {other:?}"),
    }
}

/// Texts as ipvsadm 1.31 prints them, observed; its name is replaced.
const REFUSED: &[(&str, &str)] = &[
    (
        "-t 1.2.3.4:80 -A",
        "Try `rvsadm -h' or 'rvsadm --help' for more information.",
    ),
    (
        "-q",
        "Try `rvsadm -h' or 'rvsadm --help' for more information.",
    ),
    (
        "-A",
        "You need to supply the 'service-address' option for the 'add-service' command",
    ),
    ("-A -t", "-t: missing argument"),
    (
        "-A -t 1.2.3.4",
        "Zero port specified for non-persistent service",
    ),
    (
        "-A -t 1.2.3.4:0",
        "Zero port specified for non-persistent service",
    ),
    (
        "-E -t 1.2.3.4",
        "Zero port specified for non-persistent service",
    ),
    (
        "-A -t :80",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t 1.2.3.4:99999",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t 1.2.3.4:",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t [::1:80",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t [::1]80",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t [::1]",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t [1.2.3.4]:80",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t ::1:80",
        "Zero port specified for non-persistent service",
    ),
    ("-Atu", "illegal virtual server address[:port] specified"),
    ("-A -t 1.2.3.4:80 -D", "invalid option `-D'"),
    ("-A -t 1.2.3.4:80 -Ln", "invalid option `-Ln'"),
    ("-A -t 1.2.3.4:80 --bogus", "--bogus: unknown option"),
    ("-A -t 1.2.3.4:80 -q", "-q: unknown option"),
    ("-A -t 1.2.3.4:80 extra", "unexpected argument extra"),
    ("-A -t 1.2.3.4:80 -", "unexpected argument -"),
    ("-A -- -t 1.2.3.4:80", "unexpected argument -t"),
    ("-Ln -- x", "unexpected argument x"),
    (
        "-A -t 1.2.3.4:80 -t 1.2.3.4:81",
        "multiple 'service-address' options specified",
    ),
    (
        "-A -t 1.2.3.4:80 -u 1.2.3.4:81",
        "multiple 'service-address' options specified",
    ),
    (
        "-A -t 1.2.3.4:80 -r 1.1.1.1",
        "Illegal 'real-server' option with the 'add-service' command",
    ),
    (
        "-D -t 1.2.3.4:80 -s rr",
        "Illegal 'scheduler' option with the 'delete-service' command",
    ),
    ("-C -n", "Illegal 'numeric' option with the 'flush' command"),
    (
        "-C -t 1.2.3.4:80",
        "Illegal 'service-address' option with the 'flush' command",
    ),
    (
        "-a -t 1.2.3.4:80",
        "You need to supply the 'real-server' option for the 'add-server' command",
    ),
    (
        "-a -r 1.2.3.4:80",
        "You need to supply the 'service-address' option for the 'add-server' command",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -w -1",
        "illegal weight specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -w 2147483648",
        "illegal weight specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -w x",
        "illegal weight specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 --weight=",
        "illegal weight specified",
    ),
    ("-a -t 1.2.3.4:80 -r 1.1.1.1 -w", "-w: missing argument"),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -m -g",
        "multiple 'forwarding-method' options specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -g -g",
        "multiple 'forwarding-method' options specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -w1 -w1",
        "multiple 'weight' options specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1:bad",
        "illegal real server address[:port] specified",
    ),
    (
        "-a -t [::1]:80 -r [::2]",
        "illegal real server address[:port] specified",
    ),
    (
        "-a -t [::1]:80 -r 1.1.1.1",
        "Different address family is allowed only for tunneling servers",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 --wei 3",
        "--wei: unknown option; did you mean --weight?",
    ),
    (
        "-L -c -t 1.2.3.4:80",
        "The option 'service-address' conflicts with the 'connection' option in the 'list' command",
    ),
    (
        "-L -c --timeout",
        "The option 'timeout' conflicts with the 'connection' option in the 'list' command",
    ),
    (
        "-L -t 10.0.0.1:80 --timeout",
        "The option 'timeout' conflicts with the 'service-address' option in the 'list' command",
    ),
    ("-L -c --stats", "options conflicts in the list command"),
    (
        "-L --timeout --stats",
        "options conflicts in the list command",
    ),
    ("-Lnq", "-Lnq: unknown option"),
    (
        "-L -s rr",
        "Illegal 'scheduler' option with the 'list' command",
    ),
    ("-L x", "unexpected argument x"),
    ("x -L", "unexpected argument x"),
    ("-Ln=5", "-Ln=5: option does not take an argument"),
    (
        "-L --numeric=5",
        "--numeric=5: option does not take an argument",
    ),
    (
        "-L=5",
        "Try `rvsadm -h' or 'rvsadm --help' for more information.",
    ),
    (
        "--",
        "Try `rvsadm -h' or 'rvsadm --help' for more information.",
    ),
    ("-Lbogus", "invalid scheduler flag `ogus'"),
    ("-A -b bogus -q", "-q: unknown option"),
    ("-A -b sh-port -n", "incompatible scheduler flag `sh-port'"),
    (
        "-A -t 1.2.3.4:80 -s sh -b mh-port",
        "incompatible scheduler flag `mh-port'",
    ),
    (
        "-A -t 1.2.3.4:80 -b SH-PORT -s sh",
        "invalid scheduler flag `SH-PORT'",
    ),
    ("-A -t 1.2.3.4:80 -6", "-6 must follow -f\n"),
    ("-A -6 -f 5", "-6 must follow -f\n"),
    ("-A -f 0", "invalid fwmark value `0' specified"),
    (
        "-A -f 4294967296",
        "invalid fwmark value `4294967296' specified",
    ),
    (
        "-A -f 1.2.3.4:80",
        "invalid fwmark value `1.2.3.4:80' specified",
    ),
    (
        "-A -t 1.2.3.4:80 -p 0",
        "invalid timeout value `0' specified",
    ),
    ("-A -t 1.2.3.4:80 -p -1", "-1: unknown option"),
    (
        "-A -t 1.2.3.4:80 -p 2678401",
        "invalid timeout value `2678401' specified",
    ),
    ("-A -t [::1]:80 -p -M 129", "illegal ipv6 netmask specified"),
    ("-A -t [::1]:80 -p -M 0", "illegal ipv6 netmask specified"),
    (
        "-A -t 1.2.3.4:80 -o",
        "One-Packet Scheduling is only for UDP virtual services",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -x -1",
        "illegal u_threshold specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -y x",
        "illegal l_threshold specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -i --tun-type x",
        "illegal tunnel type specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -i --tun-type gue --tun-port 0",
        "illegal tunnel port specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -i --tun-type gue --tun-csum --tun-nocsum",
        "You need to supply the 'tun-port' option for the 'gue' tunnel type",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -i --tun-type gue --tun-port 1 --tun-csum --tun-remcsum",
        "The option 'tun-remcsum' conflicts with the 'tun-csum' option in the 'gue' tunnel type",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -i --tun-type gre --tun-port 1 --tun-remcsum",
        "Illegal 'tun-port' option with the 'gre' tunnel type",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -i --tun-csum",
        "Illegal 'tun-csum' option with the 'ipip' tunnel type",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 --tun-csum",
        "Tunnel options conflict with forward method",
    ),
    (
        "-a -t 1.2.3.4:80 -r [::1]:80 -m --tun-type gre",
        "Different address family is allowed only for tunneling servers",
    ),
    (
        "-L --daemon --rate",
        "options conflicts in the list command",
    ),
    (
        "-L --timeout --persistent-conn",
        "options conflicts in the list command",
    ),
    (
        "-Sn --exact",
        "Illegal 'exact' option with the 'save' command",
    ),
    (
        "-R -n",
        "Illegal 'numeric' option with the 'restore' command",
    ),
    ("-Z -n", "Illegal 'numeric' option with the 'zero' command"),
    (
        "--set 1 2 3 -n",
        "Illegal 'numeric' option with the 'set' command",
    ),
    (
        "--start-daemon x",
        "illegal start-daemon parameter specified",
    ),
    ("--stop-daemon x", "illegal start_daemon specified"),
    (
        "--start-daemon master --syncid 256",
        "illegal syncid specified",
    ),
    (
        "--start-daemon master --mcast-ttl 0",
        "illegal mcast-ttl specified",
    ),
    (
        "--start-daemon master --mcast-group 1.2.3.4",
        "invalid IPv4 mcast-group `1.2.3.4'",
    ),
    (
        "--start-daemon master --mcast-group ::1",
        "invalid IPv6 mcast-group `::1'",
    ),
    ("--set", "--set option requires 3 timeout values"),
    ("--set 1", "--set option requires 3 timeout values"),
    ("--set 1 2", "--set option requires 3 timeout values"),
    ("--set 1 2 3 4", "unexpected argument 4"),
    ("--set x 2 3", "invalid timeout value `x' specified"),
    ("--set 1 x 3", "invalid timeout value `x' specified"),
    (
        "--set 2678401 2 3",
        "invalid timeout value `2678401' specified",
    ),
];

#[test]
fn refusals_have_the_texts_of_ipvsadm() {
    for (line, text) in REFUSED {
        assert_eq!(refused(line), *text, "{line}");
    }
}

#[test]
fn what_rvs_lacks_is_named() {
    let cases = [
        (
            "-A -u 1.2.3.4:80 --pe sip",
            "this version of rvs has no persistence engine sip",
        ),
        (
            "--start-daemon master --mcast-interface eth0",
            "this version of rvs has no synchronisation daemon",
        ),
        ("--stop-daemon backup", "No daemon is running"),
        // IPVS knows masks that are no prefixes.
        (
            "-A -t 1.2.3.4:80 -p -M 255.255.0.255",
            "illegal virtual server persistent mask specified",
        ),
    ];
    for (line, text) in cases {
        assert_eq!(refused(line), text, "{line}");
    }
}

#[test]
fn exit_codes_of_ipvsadm() {
    let code = |line: &str| {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let error = parse(Face::Ipvsadm, &args).expect_err(line);
        let text = Face::Ipvsadm.message(&error).expect("a message");
        (Face::Ipvsadm.code(&error, false), text)
    };
    let cases = [
        (
            "-Q",
            255,
            "Try `ipvsadm -h' or 'ipvsadm --help' for more information.",
        ),
        ("-L -Q", 255, "-Q: unknown option"),
        ("-L --stat", 255, "--stat: unknown option"),
        ("-A -t", 255, "-t: missing argument"),
        ("-L x", 2, "unexpected argument x"),
        (
            "-a -t 1.2.3.4:5 -r 1.2.3.4 -w x",
            2,
            "illegal weight specified",
        ),
        (
            "-A -u 1.2.3.4:80 --pe sip",
            255,
            "Scheduler or persistence engine not found",
        ),
        ("--stop-daemon master", 255, "No daemon is running"),
    ];
    for (line, number, text) in cases {
        assert_eq!(code(line), (number, text.to_owned()), "{line}");
    }
}
