// SPDX-License-Identifier: GPL-2.0

//! Undoing what nobody confirms.
//!
//! `apply --confirm` runs itself once more, in a session of its own, so that it outlives a
//! connection that the change cuts. That process makes the change, lets the first one end,
//! and listens on a socket in [`DIRECTORY`] which is named after the network namespace. If
//! nobody confirms in time, it restores every object that the change touched to what it was;
//! what others changed meanwhile stays.

use super::{
    is_stale,
    plan::{
        self,
        Fate,
        Plan,
        Scope,
        Step,
        Subject, //
    },
    show,
    too_fast,
    Order,
    Outcome,
    ATTEMPTS, //
};
use crate::{
    client::Client,
    document::Document,
    error::{
        system_text,
        Error, //
    },
    netlink::Transport,
    output::paper::Paper,
    request::Transaction, //
};
use rustix::{
    event::{
        poll,
        PollFd,
        PollFlags,
        Timespec, //
    },
    io::Errno,
    process::setsid,
    stdio::{
        dup2_stderr,
        dup2_stdin,
        dup2_stdout, //
    },
};
use std::{
    collections::HashSet,
    env, fs,
    io::{
        self,
        BufRead,
        BufReader,
        Read,
        Write, //
    },
    net::Shutdown,
    os::{
        fd::{
            AsFd,
            OwnedFd, //
        },
        unix::{
            fs::{
                DirBuilderExt,
                MetadataExt, //
            },
            net::{
                UnixDatagram,
                UnixListener,
                UnixStream, //
            },
            process::CommandExt, //
        },
    },
    path::{
        Path,
        PathBuf, //
    },
    process::Command,
    time::{
        Duration,
        Instant, //
    },
};

/// Where the sockets are.
const DIRECTORY: &str = "/run/rvs";
/// The network namespace of this thread.
const NAMESPACE: &str = "/proc/thread-self/ns/net";
/// By this a process knows that it is the one to hold on.
const HOLDER: &str = "RVSADM_CONFIRM_HOLDER";
/// How long whoever connects may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);

const CONFIRM: &str = "confirm";
const UNDO: &str = "undo";
const DONE: &str = "done";

/// Whether this process is the second one.
pub fn is_holder() -> bool {
    env::var_os(HOLDER).is_some()
}

/// What the holder is given instead of the file.
pub fn text_for_holder() -> io::Result<String> {
    let mut text = String::new();
    io::stdin().lock().read_to_string(&mut text)?;
    Ok(text)
}

fn path() -> Result<PathBuf, Error> {
    let known = fs::metadata(NAMESPACE);
    let known = known.map_err(|cause| Error::unreachable("no network namespace", &cause))?;
    Ok(Path::new(DIRECTORY).join(format!("confirm-{}", known.ino())))
}

/// Refuses if a change waits to be confirmed.
pub fn check_none_waits() -> Result<(), Error> {
    match UnixStream::connect(path()?) {
        Ok(_) => Err(waiting()),
        Err(_) => Ok(()),
    }
}

fn waiting() -> Error {
    Error::Absent(
        "a change waits to be confirmed; try: rvsadm confirm, or rvsadm confirm --undo".to_owned(),
    )
}

/// Runs this command once more to make the change, and ends when that is done.
pub fn delegate(text: &str) -> Result<u8, Error> {
    let failed = |cause: io::Error| Error::unreachable("cannot start a second rvsadm", &cause);
    let (mut ours, theirs) = UnixStream::pair().map_err(failed)?;
    let mut child = Command::new("/proc/self/exe")
        .arg0("rvsadm")
        .args(env::args_os().skip(1))
        .env(HOLDER, "1")
        .stdin(OwnedFd::from(theirs))
        .spawn()
        .map_err(failed)?;
    // If it ends early, its exit code says more.
    let _ = ours.write_all(text.as_bytes());
    let _ = ours.shutdown(Shutdown::Write);
    let mut end = [0];
    if matches!(ours.read(&mut end), Ok(1)) {
        return Ok(0);
    }
    let code = child.wait().map_err(failed)?.code();
    Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(4))
}

/// Makes the change, and undoes it after some time unless somebody confirms it.
pub fn hold<T: Transport>(
    order: &Order,
    client: &mut Client<T>,
    out: &mut impl Paper,
    time: Duration,
) -> Result<u8, Error> {
    // It fails if this process leads a group of its own already, which is as good.
    let _ = setsid();
    let place = Place::take()?;
    let former = client.snapshot()?.document;
    let (plan, outcome) = order.transact(client, false)?;
    let Outcome::Done { generation, .. } = outcome else {
        show::plan(out, &plan, outcome, order.json)?;
        return Ok(0);
    };
    let deadline = Instant::now().checked_add(time);
    let done = Outcome::Done {
        generation,
        confirm: Some(time),
    };
    // Whoever should read it may be gone; that is what this is for.
    let _ = show::plan(out, &plan, done, order.json);
    let _ = out.flush();
    let _ = detach();
    let undone = Undo::new(former, &plan);
    if place.confirmed(deadline, || undone.run(client)) {
        return Ok(0);
    }
    match undone.run(client) {
        Ok(()) => log("nobody confirmed the change: what it touched is as before"),
        Err(error) => log(&format!(
            "nobody confirmed the change, and it cannot be undone: {error}"
        )),
    }
    Ok(0)
}

/// Lets the first process end, and keeps nothing open that others wait for.
fn detach() -> io::Result<()> {
    rustix::io::write(io::stdin().as_fd(), b"!")?;
    let null = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    dup2_stdin(&null)?;
    dup2_stdout(&null)?;
    dup2_stderr(&null)?;
    Ok(())
}

/// Tells the log of the system.
fn log(text: &str) {
    // Priority 28 is a warning of a daemon. Not every machine has a log.
    let line = format!("<28>rvsadm: {text}");
    if let Ok(socket) = UnixDatagram::unbound() {
        let _ = socket.send_to(line.as_bytes(), "/dev/log");
    }
}

/// The socket on which a confirmation comes.
struct Place {
    listener: UnixListener,
    path: PathBuf,
}

impl Place {
    fn take() -> Result<Self, Error> {
        let failed = |cause: &io::Error| {
            Error::Unreachable(format!(
                "cannot wait for a confirmation in {DIRECTORY}: {}",
                system_text(cause)
            ))
        };
        let mut directory = fs::DirBuilder::new();
        let directory = directory.recursive(true).mode(0o700);
        directory
            .create(DIRECTORY)
            .map_err(|cause| failed(&cause))?;
        let path = path()?;
        let listener = match UnixListener::bind(&path) {
            Err(cause) if cause.kind() == io::ErrorKind::AddrInUse => {
                if UnixStream::connect(&path).is_ok() {
                    return Err(waiting());
                }
                // Left by a process that was killed.
                let _ = fs::remove_file(&path);
                UnixListener::bind(&path)
            }
            bound => bound,
        };
        let listener = listener.map_err(|cause| failed(&cause))?;
        Ok(Self { listener, path })
    }

    /// Waits until somebody confirms or undoes; false if the time is over.
    fn confirmed(
        &self,
        deadline: Option<Instant>,
        mut undo: impl FnMut() -> Result<(), Error>,
    ) -> bool {
        while self.wait(deadline) {
            let Ok((caller, _)) = self.listener.accept() else {
                continue;
            };
            match said(&caller).as_deref() {
                Some(CONFIRM) => {
                    // From now on another change may come.
                    let _ = fs::remove_file(&self.path);
                    answer(caller, DONE);
                    return true;
                }
                Some(UNDO) => match undo() {
                    Ok(()) => {
                        let _ = fs::remove_file(&self.path);
                        answer(caller, DONE);
                        return true;
                    }
                    Err(error) => answer(caller, &error.to_string()),
                },
                _ => {}
            }
        }
        false
    }

    /// Waits for a caller; false if the time is over.
    fn wait(&self, deadline: Option<Instant>) -> bool {
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return false;
            }
            let left = left.and_then(|left| Timespec::try_from(left).ok());
            let mut fds = [PollFd::new(&self.listener, PollFlags::IN)];
            match poll(&mut fds, left.as_ref()) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return true,
                Err(_) => return false,
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn said(caller: &UnixStream) -> Option<String> {
    caller.set_read_timeout(Some(PATIENCE)).ok()?;
    caller.set_write_timeout(Some(PATIENCE)).ok()?;
    line(caller)
}

fn line(from: &UnixStream) -> Option<String> {
    let mut line = String::new();
    let mut reader = BufReader::new(from).take(4096);
    reader.read_line(&mut line).ok()?;
    (!line.is_empty()).then(|| line.trim_end().to_owned())
}

fn answer(mut caller: UnixStream, text: &str) {
    let _ = writeln!(caller, "{text}");
}

/// Confirms the change that waits, or undoes it at once.
pub fn settle(undo: bool) -> Result<(), Error> {
    let nothing = || Error::Absent("no change waits to be confirmed".to_owned());
    let mut holder = UnixStream::connect(path()?).map_err(|cause| match cause.kind() {
        io::ErrorKind::PermissionDenied => Error::NotPermitted,
        _ => nothing(),
    })?;
    let word = if undo { UNDO } else { CONFIRM };
    writeln!(holder, "{word}").map_err(|_| nothing())?;
    match line(&holder).as_deref() {
        Some(DONE) => Ok(()),
        Some(text) => Err(Error::Absent(text.to_owned())),
        // It was undone in this moment.
        None => Err(nothing()),
    }
}

/// How to undo a plan.
struct Undo {
    former: Document,
    /// What the plan changed.
    touched: HashSet<Subject>,
    /// Services that came or went, with all of their servers.
    whole: HashSet<Subject>,
}

impl Undo {
    fn new(former: Document, plan: &Plan) -> Self {
        let steps = plan.steps.iter();
        let touched = steps.clone().map(|step| step.subject).collect();
        let whole = steps
            .filter(|step| step.fate != Fate::Change)
            .map(|step| step.subject)
            .collect();
        Self {
            former,
            touched,
            whole,
        }
    }

    /// The steps back from what there is now.
    fn plan(&self, now: &Document) -> Plan {
        let scope = Scope {
            owner: None,
            prune: true,
            force: true,
            everything: true,
        };
        let mut plan = plan::compare(now, &self.former, &scope);
        let there: HashSet<_> = now.services.iter().map(|service| service.key).collect();
        plan.steps.retain(|step: &Step| {
            let Subject::Server(service, _) = step.subject else {
                return self.touched.contains(&step.subject);
            };
            let around = Subject::Service(service);
            if self.whole.contains(&around) {
                return true;
            }
            // If somebody else removed the service, nothing of it comes back.
            self.touched.contains(&step.subject)
                && (there.contains(&service) || self.touched.contains(&around))
        });
        plan
    }

    fn run<T: Transport>(&self, client: &mut Client<T>) -> Result<(), Error> {
        for _attempt in 0..ATTEMPTS {
            let now = client.snapshot()?;
            let plan = self.plan(&now.document);
            if plan.steps.is_empty() {
                return Ok(());
            }
            let back = Transaction {
                changes: plan.changes(),
                generation: now.generation,
                force: true,
                ..Transaction::default()
            };
            match client.transact(back) {
                Ok(_) => return Ok(()),
                Err(error) if is_stale(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(too_fast())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Format;

    fn document(text: &str) -> Document {
        Document::read(Format::Toml, "x", text).expect("a document")
    }

    fn names(plan: &Plan) -> Vec<String> {
        let steps = plan.steps.iter();
        steps
            .map(|step| format!("{:?} {}", step.fate, step.subject))
            .collect()
    }

    const FORMER: &str = r#"
        [[service]]
        protocol = "tcp"
        address = "10.0.0.1:80"
        scheduler = "rr"
        server = [{ address = "10.0.0.2" }, { address = "10.0.0.3", weight = 5 }]
        [[service]]
        protocol = "tcp"
        address = "10.0.0.1:81"
        scheduler = "rr"
    "#;

    #[test]
    fn only_what_was_touched_goes_back() {
        let former = document(FORMER);
        let wanted = document(
            r#"
            [timeouts]
            udp = 7
            [[service]]
            protocol = "tcp"
            address = "10.0.0.1:80"
            scheduler = "rr"
            server = [{ address = "10.0.0.3", weight = 7 }]
            [[service]]
            protocol = "tcp"
            address = "10.0.0.1:82"
            scheduler = "rr"
            "#,
        );
        let scope = Scope {
            prune: true,
            ..Scope::default()
        };
        let done = plan::compare(&former, &wanted, &scope);
        let undo = Undo::new(former.clone(), &done);
        assert_eq!(
            names(&undo.plan(&wanted)),
            [
                "Change timeout udp",
                "Remove service tcp 10.0.0.1:82",
                "Add server 10.0.0.2:80",
                "Change server 10.0.0.3:80",
                "Add service tcp 10.0.0.1:81",
            ]
        );
        // Others have another server there now, another service, and another timeout.
        let mut now = wanted.clone();
        now.services[0].servers.push(former.services[0].servers[0]);
        now.services[0].servers[1].key.endpoint.port = 99;
        let mut other = former.services[1].clone();
        other.key.matches = crate::request::Match::Mark(7);
        now.services.push(other);
        now.timeouts[0].seconds = 9;
        now.services.remove(1);
        assert_eq!(
            names(&undo.plan(&now)),
            [
                "Change timeout udp",
                "Add server 10.0.0.2:80",
                "Change server 10.0.0.3:80",
                "Add service tcp 10.0.0.1:81",
            ]
        );
        // They removed a service of which a server was changed.
        now.services.remove(0);
        assert_eq!(
            names(&undo.plan(&now)),
            ["Change timeout udp", "Add service tcp 10.0.0.1:81"]
        );
        assert!(undo.plan(&former).steps.is_empty());
    }
}
