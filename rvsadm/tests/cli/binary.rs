// SPDX-License-Identifier: GPL-2.0

//! Exit codes and streams of the command itself.

use std::{
    fs::OpenOptions,
    process::{
        Command,
        Output,
        Stdio, //
    }, //
};

fn rvsadm(line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rvsadm"));
    command.args(line.split_whitespace());
    command
}

fn run(line: &str) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = rvsadm(line).output().expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn help_is_success() {
    let (code, stdout, stderr) = run("--help");
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.contains("Usage: rvsadm"));
}

#[test]
fn usage_errors_are_2() {
    for line in [
        "servcie",
        "-q",
        "-A",
        "-A -t 1.2.3.4:80 -p 0",
        "--set 1",
        "service add",
    ] {
        let (code, stdout, stderr) = run(line);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{line}");
        assert!(stderr.starts_with("rvsadm: "), "{line}: {stderr}");
    }
}

#[test]
fn an_unknown_namespace_is_4() {
    let (code, stdout, stderr) = run("-n no-such-namespace info");
    assert_eq!((code, stdout.as_str()), (Some(4), ""));
    assert_eq!(
        stderr,
        "rvsadm: cannot enter network namespace 'no-such-namespace': No such file or directory\n"
    );
    let (code, _, stderr) = run("-n ../x info");
    assert_eq!(code, Some(2), "{stderr}");
}

#[test]
fn arguments_that_are_no_text_are_2() {
    use std::os::unix::ffi::OsStrExt;

    let odd = std::ffi::OsStr::from_bytes(&[0xff]);
    let output = rvsadm("-L").arg(odd).output().expect("it starts");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_broken_pipe_is_success() {
    let mut child = rvsadm("completions bash")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn a_full_disk_is_1() {
    let full = OpenOptions::new().write(true).open("/dev/full");
    let output = rvsadm("--help")
        .stdout(full.expect("/dev/full"))
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(stderr, "rvsadm: cannot write: No space left on device\n");
}

/// What bash would offer for this line.
fn offered(line: &str) -> Vec<String> {
    let script = r#"
        rvsadm() { "$RVSADM" "$@"; }
        source <(rvsadm completions bash)
        COMP_LINE=$1 COMP_POINT=${#1}
        _rvsadm
        printf '%s\n' "${COMPREPLY[@]}""#;
    let output = Command::new("bash")
        .args(["-c", script, "bash", line])
        .env("RVSADM", env!("CARGO_BIN_EXE_rvsadm"))
        .output()
        .expect("bash starts");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes() {
    assert_eq!(offered("rvsadm ser"), ["service", "server"]);
    let verbs = offered("rvsadm server ");
    assert_eq!(verbs[..4], ["list", "add", "set", "del"]);
    assert_eq!(
        offered("rvsadm service add tcp 10.0.0.1:80 --scheduler w"),
        ["wlc", "wrr"]
    );
    assert_eq!(
        offered("rvsadm server add tcp 10.0.0.1:80 10.0.0.2:80 --meth"),
        ["--method"]
    );
    assert_eq!(
        offered("rvsadm server add tcp 10.0.0.1:80 10.0.0.2:80 --method t"),
        ["tunnel"]
    );
}
