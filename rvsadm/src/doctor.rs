// SPDX-License-Identifier: GPL-2.0

//! What often goes wrong around a load balancer, and what to type against it.
//!
//! Every check reads what there is and changes nothing. A host that has services is looked at
//! as a director, any other as a server that others forward to.

mod director;
pub mod host;
mod kernel;
mod server;

use crate::{
    client::{
        Client,
        Entry, //
    },
    error::Error,
    netlink::{
        route::{
            Held,
            Link, //
        },
        Transport, //
    },
    output::{
        doctor as output,
        paper::Paper, //
    },
    reply::Info,
};
use host::Host;
use rvs_logic::logic::addr::{
    Addr,
    Family, //
};

/// An address with its family.
pub type Address = (Family, Addr);

/// What to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The network namespace for which commands are meant, if it is not the present one.
    pub netns: Option<String>,
    /// Virtual addresses for which this host is a server.
    pub vips: Vec<Address>,
    /// Whether the answer is JSON.
    pub json: bool,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// All is well.
    Well,
    /// Something may go wrong.
    Warning,
    /// Something does not work.
    Fault,
}

impl Level {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Warning => "warning",
            Self::Fault => "fault",
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the check.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What it is.
    pub text: String,
    /// What to type against it.
    pub commands: Vec<String>,
}

/// A host that is looked at, and what was found so far.
struct Patient<'a> {
    host: &'a mut dyn Host,
    netns: Option<String>,
    given: Vec<Address>,
    entries: Vec<Entry>,
    info: Info,
    links: Vec<Link>,
    addresses: Vec<Held>,
    check: &'static str,
    findings: Vec<Finding>,
}

type Check = fn(&mut Patient<'_>);

/// What is looked at on a host with services.
const DIRECTOR: &[(&str, Check)] = &[
    ("ip_vs", kernel::stock),
    ("schedulers", kernel::schedulers),
    ("services", director::services),
    ("virtual addresses", director::placement),
    ("forwarding", director::forwarding),
    ("rp_filter", director::reverse_path),
    ("servers", director::servers),
    ("mtu", director::mtu),
    ("conntrack", kernel::conntrack),
    ("connections", kernel::connections),
];

/// What is looked at on a host without, or if virtual addresses are named.
const SERVER: &[(&str, Check)] = &[
    ("virtual addresses", server::placement),
    ("arp", server::arp),
    ("rp_filter", server::reverse_path),
];

/// Looks at the host and prints what it finds; the exit code is 1 if something does not work.
pub fn run<T: Transport>(
    question: &Question,
    client: Result<Client<T>, Error>,
    host: &mut dyn Host,
    out: &mut impl Paper,
) -> Result<u8, Error> {
    let findings = examine(question, client, host)?;
    match question.json {
        true => output::json(out, &findings)?,
        false => output::text(out, &findings)?,
    }
    let worst = findings.iter().map(|finding| finding.level).max();
    Ok(u8::from(worst == Some(Level::Fault)))
}

/// Looks at the host; a check that finds nothing says so.
pub fn examine<T: Transport>(
    question: &Question,
    client: Result<Client<T>, Error>,
    host: &mut dyn Host,
) -> Result<Vec<Finding>, Error> {
    let unreadable = |cause| Error::unreachable("cannot ask for devices and addresses", &cause);
    let mut patient = Patient {
        links: host.links().map_err(unreadable)?,
        addresses: host.addresses().map_err(unreadable)?,
        host,
        netns: question.netns.clone(),
        given: question.vips.clone(),
        entries: Vec::new(),
        info: Info::default(),
        check: "module",
        findings: Vec::new(),
    };
    let asked = client.and_then(|mut client| {
        patient.info = client.info()?;
        patient.entries = client.entries()?;
        Ok(())
    });
    kernel::reached(&mut patient, asked);
    let director = !patient.entries.is_empty();
    let checks = match (director, patient.given.is_empty()) {
        (true, true) => [DIRECTOR, &[]],
        (true, false) => [DIRECTOR, SERVER],
        (false, true) => [DIRECTOR.get(..2).unwrap_or(DIRECTOR), SERVER],
        (false, false) => [&[], SERVER],
    };
    for (name, check) in checks.into_iter().flatten() {
        patient.check = name;
        let before = patient.findings.len();
        check(&mut patient);
        if patient.findings.len() == before {
            patient.note(Level::Well, String::new(), Vec::new());
        }
    }
    Ok(patient.findings)
}

impl Patient<'_> {
    fn note(&mut self, level: Level, text: String, commands: Vec<String>) {
        self.findings.push(Finding {
            check: self.check,
            level,
            text,
            commands,
        });
    }

    fn fault(&mut self, text: String, commands: Vec<String>) {
        self.note(Level::Fault, text, commands);
    }

    fn warn(&mut self, text: String, commands: Vec<String>) {
        self.note(Level::Warning, text, commands);
    }

    /// The command as it is typed, also from outside the network namespace.
    fn here(&self, command: &str) -> String {
        let Some(netns) = &self.netns else {
            return command.to_owned();
        };
        let netns = word(netns);
        match command.strip_prefix("rvsadm ") {
            Some(rest) => format!("rvsadm -n {netns} {rest}"),
            None => format!("ip netns exec {netns} {command}"),
        }
    }

    /// The command that changes a setting.
    fn sysctl(&self, path: &[&str], value: u32) -> String {
        let dotted = path.iter().all(|part| !part.contains('.'));
        let name = path.join(if dotted { "." } else { "/" });
        self.here(&format!("sysctl -w {}={value}", word(&name)))
    }

    /// A setting of the network namespace.
    fn setting(&self, path: &[&str]) -> Option<u32> {
        let text = self.host.read(&format!("/proc/sys/{}", path.join("/")))?;
        text.trim().parse().ok()
    }

    /// A setting of a device for IPv4, of which the greater of `all` and its own holds.
    fn greater(&self, device: &str, name: &str) -> u32 {
        let of = |device| self.setting(&["net", "ipv4", "conf", device, name]);
        of("all").max(of(device)).unwrap_or_default()
    }

    fn link(&self, index: u32) -> Option<&Link> {
        self.links.iter().find(|link| link.index == index)
    }

    fn device(&self, index: u32) -> String {
        let link = self.link(index);
        link.map_or_else(|| format!("device {index}"), |link| link.name.clone())
    }

    /// The devices that hold an address.
    fn holders(&self, address: Address) -> Vec<Link> {
        let (family, addr) = address;
        let held = self.addresses.iter();
        let held = held.filter(|held| held.family == family && held.addr == addr);
        held.filter_map(|held| self.link(held.device).cloned())
            .collect()
    }

    /// The device on whose network an address would be.
    fn neighbourhood(&self, address: Address) -> Option<Link> {
        let (family, addr) = address;
        let nets = self.addresses.iter().filter(|held| {
            let single = usize::from(held.prefix) == family.addr_len().saturating_mul(8);
            let (net, wanted) = (held.addr, held.prefix);
            held.family == family
                && !single
                && net.masked(family, wanted) == addr.masked(family, wanted)
        });
        let mut links = nets.filter_map(|held| self.link(held.device));
        links.find(|link| !link.inner && link.up).cloned()
    }
}

/// An address as people write it.
fn named(address: Address) -> String {
    let (family, addr) = address;
    addr.display(family).to_string()
}

/// An address with the longest prefix, as `ip` takes it.
fn single(address: Address) -> String {
    let bits = address.0.addr_len().saturating_mul(8);
    format!("{}/{bits}", named(address))
}

/// The command that takes an address from a device.
fn remove_address(patient: &Patient<'_>, address: Address, link: &Link) -> String {
    let (family, addr) = address;
    let held = patient
        .addresses
        .iter()
        .find(|held| held.device == link.index && held.family == family && held.addr == addr);
    let prefix = held.map(|held| held.prefix).unwrap_or_default();
    let device = word(&link.name);
    patient.here(&format!(
        "ip address del {}/{prefix} dev {device}",
        named(address)
    ))
}

/// A word as a shell takes it.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@=".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}
