// SPDX-License-Identifier: GPL-2.0

//! Why the kernel refused: its extended acknowledgement in the words of the interface.

use super::message::{
    Message,
    GENL_HEADER_LEN,
    HEADER_LEN, //
};
use crate::error::errno_text;
use rustix::io::Errno;
use rvs_logic::logic::{
    nla::{
        self,
        Attrs, //
    },
    uapi::{
        self,
        cmd,
        Attribute, //
    },
};
use std::fmt;

/// The attributes of an acknowledgement (`enum nlmsgerr_attrs`).
const ATTR_MSG: u16 = 1;
const ATTR_OFFS: u16 = 2;
const ATTR_POLICY: u16 = 4;
const ATTR_MISS_TYPE: u16 = 5;
const ATTR_MISS_NEST: u16 = 6;

/// The attributes inside [`ATTR_POLICY`] (`enum netlink_policy_type_attr`).
const POLICY_MIN_VALUE: u16 = 4;
const POLICY_MAX_VALUE: u16 = 5;
const POLICY_MAX_LENGTH: u16 = 7;

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The number of the command that was refused.
    pub command: u8,
    /// The error number.
    pub errno: i32,
    /// What the kernel says, or what the number means for this command.
    pub text: Option<String>,
    /// The attribute that the kernel objects to, such as `service.port`.
    pub attribute: Option<String>,
    /// What else may help, or nothing.
    pub hint: String,
}

impl Refusal {
    /// What ipvsadm says for this error number, whatever the kernel says.
    pub fn ipvsadm_text(&self) -> String {
        let text = match Errno::from_raw_os_error(self.errno) {
            Errno::NOENT if is_about_service(self.command) => {
                "Scheduler or persistence engine not found"
            }
            Errno::PERM => "Permission denied (you must be root)",
            Errno::INVAL => {
                "Invalid operation.  Possibly wrong module version, address not unicast, ..."
            }
            Errno::NOPROTOOPT => "Protocol not available",
            Errno::NOMEM => "Memory allocation problem",
            Errno::OPNOTSUPP => "Operation not supported with IPv6",
            Errno::AFNOSUPPORT => "Operation not supported with specified address family",
            Errno::MSGSIZE => "Module is wrong version",
            _ => match known(self.command, self.errno) {
                Some(text) => text,
                None => return errno_text(self.errno),
            },
        };
        text.to_owned()
    }

    /// Reads the acknowledgement `message` of the request `sent`.
    pub fn read(errno: i32, message: &Message<'_>, sent: &[u8]) -> Self {
        let attrs = Attrs::new(message.explanation());
        let said = attrs.find(ATTR_MSG).and_then(|attr| attr.str());
        let offset = |kind| usize::try_from(attrs.find(kind)?.u32()?).ok();
        let command = sent.get(HEADER_LEN).copied().unwrap_or_default();
        if let Some(missing) = attrs.find(ATTR_MISS_TYPE).and_then(|attr| attr.u32()) {
            let nest = offset(ATTR_MISS_NEST);
            return Self {
                command,
                errno,
                text: Some(said.unwrap_or("missing attribute").to_owned()),
                attribute: missing_path(sent, nest, missing),
                hint: String::new(),
            };
        }
        let meaning = || known(command, errno).map(str::to_owned);
        Self {
            command,
            errno,
            text: said.map(|said| with_limits(said, &attrs)).or_else(meaning),
            attribute: offset(ATTR_OFFS).and_then(|offset| path_at(sent, offset)?.name()),
            hint: String::new(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(attribute) = &self.attribute {
            write!(f, "{attribute}: ")?;
        }
        match &self.text {
            Some(text) => write!(f, "{text} ({})", errno_text(self.errno))?,
            None => f.write_str(&errno_text(self.errno))?,
        }
        f.write_str(&self.hint)
    }
}

/// The kernel's words and the limits that it names, if any.
fn with_limits(said: &str, attrs: &Attrs<'_>) -> String {
    let policy = attrs.find(ATTR_POLICY).map(|attr| attr.attrs());
    let value = |kind| policy.as_ref()?.find(kind)?.u64();
    let length = || policy.as_ref()?.find(POLICY_MAX_LENGTH)?.u32();
    match (value(POLICY_MIN_VALUE), value(POLICY_MAX_VALUE), length()) {
        (Some(min), Some(max), _) => format!("{said}, must be {min} to {max}"),
        (_, _, Some(max)) => format!("{said}, must be at most {max} bytes long"),
        _ => said.to_owned(),
    }
}

/// What an error number means for a command if the kernel says no more.
fn known(command: u8, errno: i32) -> Option<&'static str> {
    let about_service = is_about_service(command);
    let about_server = matches!(command, cmd::DEST_NEW..=cmd::DEST_GET);
    match Errno::from_raw_os_error(errno) {
        Errno::EXIST if about_service => Some("Service already exists"),
        Errno::NOENT if about_service => Some("Scheduler not found"),
        Errno::SRCH if about_service => Some("No such service"),
        Errno::EXIST if about_server => Some("Destination already exists"),
        Errno::NOENT if about_server => Some("No such destination"),
        Errno::SRCH if about_server => Some("Service not defined"),
        _ => None,
    }
}

/// Whether a command is about a service, or begins to count anew.
fn is_about_service(command: u8) -> bool {
    matches!(command, cmd::SERVICE_NEW..=cmd::SERVICE_GET | cmd::ZERO)
}

/// Where an attribute stands in a request.
struct Path {
    /// The names from the top level on.
    names: Vec<&'static str>,
    /// The attributes inside it, if it is a nest.
    inner: Option<&'static [Attribute]>,
}

impl Path {
    const TOP: Self = Self {
        names: Vec::new(),
        inner: Some(uapi::rvs::ATTRIBUTES),
    };

    fn name(&self) -> Option<String> {
        (!self.names.is_empty()).then(|| self.names.join("."))
    }

    /// The path of attribute `kind` inside this one.
    fn child(&self, kind: u16) -> Option<Self> {
        let known = self.inner?.iter().find(|attr| attr.kind == kind)?;
        let mut names = self.names.clone();
        names.push(known.name);
        Some(Self {
            names,
            inner: known.nested,
        })
    }
}

/// The path of the attribute whose header is `offset` bytes into the message `sent`.
fn path_at(sent: &[u8], offset: usize) -> Option<Path> {
    let start = HEADER_LEN.checked_add(GENL_HEADER_LEN)?;
    search(sent.get(start..)?, offset.checked_sub(start)?, &Path::TOP)
}

fn search(attrs: &[u8], offset: usize, above: &Path) -> Option<Path> {
    let mut at = 0usize;
    for attr in Attrs::new(attrs).flatten() {
        let path = above.child(attr.kind)?;
        if at == offset {
            return Some(path);
        }
        let inside = at.checked_add(nla::HEADER_LEN)?;
        let end = inside.checked_add(attr.payload.len())?;
        if offset < end {
            return search(attr.payload, offset.checked_sub(inside)?, &path);
        }
        at = end.next_multiple_of(4);
    }
    None
}

/// The path of the attribute of type `missing` that the nest at `nest` should have.
fn missing_path(sent: &[u8], nest: Option<usize>, missing: u32) -> Option<String> {
    let above = match nest {
        Some(offset) => path_at(sent, offset)?,
        None => Path::TOP,
    };
    above.child(u16::try_from(missing).ok()?)?.name()
}
