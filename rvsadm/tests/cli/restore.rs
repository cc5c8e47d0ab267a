// SPDX-License-Identifier: GPL-2.0

//! Restoring what was saved, and where it ends.

use crate::support::{
    client,
    dump, //
};
use rvsadm::{
    cli::ipvsadm::Face,
    netlink::replay::Datagram,
    restore, //
};

/// What restoring prints, complains about and ends with, and how many requests it made.
struct Restored {
    out: String,
    complaints: String,
    code: u8,
    requests: usize,
}

fn restore(face: Face, text: &str, answers: Vec<Vec<Datagram>>) -> Restored {
    let mut client = client(answers);
    let (mut out, mut complaints) = (Vec::new(), Vec::new());
    let code = restore::run(
        face,
        text.as_bytes(),
        &mut client,
        &mut out,
        &mut complaints,
    );
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Restored {
        out: text(out),
        complaints: text(complaints),
        code: code.expect("no error of input or output"),
        // The first request looks the family up.
        requests: client.transport().sent.len() - 1,
    }
}

fn ack() -> Vec<Datagram> {
    vec![Datagram::ack()]
}

/// A kernel that does not make many changes as one.
fn no() -> Vec<Datagram> {
    const EOPNOTSUPP: i32 = 95;
    vec![Datagram::refusal(EOPNOTSUPP, &[])]
}

fn exists() -> Vec<Datagram> {
    const EEXIST: i32 = 17;
    vec![Datagram::refusal(EEXIST, &[])]
}

const NEW: &str = "-A -t 10.0.0.1:80 -s rr\n";

#[test]
fn every_line_is_one_command() {
    let text = format!("{NEW}\n  \t\nipvsadm ipvsadm {NEW}  {}", NEW.trim_end());
    let restored = restore(Face::Ipvsadm, &text, vec![no(), ack(), ack(), ack()]);
    assert_eq!((restored.code, restored.requests), (0, 4));
    assert_eq!(restored.complaints, "");
    let restored = restore(Face::Ipvsadm, "", vec![]);
    assert_eq!((restored.code, restored.requests), (0, 0));
}

#[test]
fn what_the_kernel_refuses_does_not_end_it() {
    let three = NEW.repeat(3);
    let answers = |last: fn() -> Vec<Datagram>| vec![exists(), ack(), exists(), last()];
    let restored = restore(Face::Ipvsadm, &three, answers(ack));
    assert_eq!((restored.code, restored.requests), (0, 4));
    assert_eq!(restored.complaints, "Service already exists\n");
    let restored = restore(Face::Ipvsadm, &three, answers(exists));
    assert_eq!(restored.code, 255);
    let restored = restore(Face::Rvsadm, &three, answers(exists));
    assert_eq!(restored.code, 3);
    assert_eq!(
        restored.complaints,
        "rvsadm: line 2: Service already exists (File exists)\n\
         rvsadm: line 3: Service already exists (File exists)\n"
    );
}

#[test]
fn what_makes_no_sense_ends_it() {
    let try_help = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n";
    let cases = [
        ("# comment", 255, try_help),
        ("-R", 255, try_help),
        ("-L -q", 255, "-q: unknown option\n"),
        ("rvsadm -C", 2, "unexpected argument rvsadm\n"),
        (
            "-A -t \"10.0.0.1:80\"",
            2,
            "illegal virtual server address[:port] specified\n",
        ),
    ];
    for (line, code, complaint) in cases {
        let text = format!("{NEW}{line}\n{NEW}");
        let restored = restore(Face::Ipvsadm, &text, vec![ack(), ack()]);
        assert_eq!(
            (restored.code, restored.requests),
            (code, 1),
            "{line}: {}",
            restored.complaints
        );
        assert_eq!(restored.complaints, complaint);
    }
    let restored = restore(Face::Rvsadm, "\n-A\n", vec![]);
    assert_eq!(restored.code, 2);
    assert!(restored.complaints.starts_with("rvsadm: line 2: You need"));
}

#[test]
fn rvsadm_goes_on_and_fails_at_the_end() {
    let text = format!("-A\n{NEW}-L -q\n{NEW}");
    let restored = restore(Face::Rvsadm, &text, vec![ack(), ack()]);
    assert_eq!((restored.code, restored.requests), (2, 2));
    let lines: Vec<_> = restored.complaints.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("rvsadm: line 1: "), "{lines:?}");
    assert!(lines[1].starts_with("rvsadm: line 3: "), "{lines:?}");
}

#[test]
fn what_rvs_lacks_does_not_end_it() {
    let text = format!("-A -u 10.0.0.1:5060 -s rr -p 60 --pe sip\n{NEW}");
    let restored = restore(Face::Ipvsadm, &text, vec![ack()]);
    assert_eq!((restored.code, restored.requests), (0, 1));
    assert_eq!(
        restored.complaints,
        "Scheduler or persistence engine not found\n"
    );
}

#[test]
fn lists_in_between_are_printed() {
    let restored = restore(Face::Ipvsadm, "-S\n-L -c\n-h\n", vec![dump([]), dump([])]);
    assert_eq!((restored.code, restored.requests), (0, 2));
    assert!(restored.out.starts_with("IPVS connection entries\n"));
    assert!(restored.out.contains("Usage: ipvsadm"));
    const ESRCH: i32 = 3;
    let gone = vec![Datagram::refusal(ESRCH, &[])];
    let restored = restore(Face::Ipvsadm, "-L -t 10.0.0.9:9\n", vec![gone]);
    assert_eq!(restored.code, 1);
}

#[test]
fn consecutive_changes_are_one_step() {
    let changes = format!("{NEW}-a -t 10.0.0.1:80 -r 10.0.0.2\n--set 1 2 3\n-D -t 10.0.0.1:80\n");
    let restored = restore(Face::Ipvsadm, &changes, vec![ack()]);
    assert_eq!((restored.code, restored.requests), (0, 1));
    // Not so a list, counters that begin anew, or the removal of everything.
    for line in ["-Z\n", "-C\n"] {
        let text = format!("{NEW}{NEW}{line}{NEW}");
        let restored = restore(Face::Ipvsadm, &text, vec![ack(), ack(), ack()]);
        assert_eq!((restored.code, restored.requests), (0, 3), "{line}");
    }
    // A mistake ends it after what stands before.
    let text = format!("{NEW}{NEW}# no\n{NEW}");
    let restored = restore(Face::Ipvsadm, &text, vec![ack(), ack()]);
    assert_eq!((restored.code, restored.requests), (255, 1));
}
