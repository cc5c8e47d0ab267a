// SPDX-License-Identifier: GPL-2.0

//! What the options of a command line say, before it is known to make sense.

use super::{
    flags::{
        Flag,
        Meaning, //
    },
    opts::{
        Command,
        Opt, //
    },
    sync,
    tokens::Token,
    values::{
        self,
        Mask, //
    }, //
};
use crate::{
    cli::values::Place,
    error::Error,
    request::{
        Match,
        ServiceKey, //
    },
};
use rvs_logic::logic::{
    addr::{
        Family,
        Protocol, //
    },
    uapi::{
        self,
        Method,
        SchedFlag,
        TunType, //
    },
};

/// The scheduler of a service for which none is named.
pub(super) const DEFAULT_SCHEDULER: &str = "wlc";

/// How long persistence lasts if that is not said, in seconds.
const DEFAULT_PERSISTENCE: u32 = 360;

/// Everything that the options say.
#[derive(Default)]
pub(super) struct Options {
    /// Which options were given.
    pub(super) given: Vec<Opt>,
    pub(super) service: Option<ServiceKey>,
    pub(super) scheduler: Option<String>,
    pub(super) sched_flags: u32,
    pub(super) persistent: Option<u32>,
    pub(super) mask: Option<Mask>,
    pub(super) engine: Option<String>,
    pub(super) server: Option<Place>,
    pub(super) method: Option<Method>,
    pub(super) weight: Option<u32>,
    pub(super) upper: Option<u32>,
    pub(super) lower: Option<u32>,
    pub(super) tun_type: Option<TunType>,
    pub(super) tun_port: Option<u16>,
    /// Arguments that are no options.
    pub(super) loose: Vec<String>,
    /// The timeouts of `--set`.
    pub(super) timeouts: [u32; 3],
    flag_names: Option<String>,
}

impl Options {
    pub(super) fn has(&self, opt: Opt) -> bool {
        self.given.contains(&opt)
    }

    /// Takes in one part of the command line.
    pub(super) fn take(&mut self, token: Token<'_>) -> Result<(), Error> {
        let (flag, typed, value) = match token {
            Token::Argument(text) => {
                self.loose.push(text.to_owned());
                return Ok(());
            }
            Token::Flag { flag, typed, value } => (flag, typed, value),
        };
        match flag.meaning {
            Meaning::Option(opt) => {
                self.give(opt)?;
                self.set(opt, flag, value)
            }
            Meaning::Ipv6 => self.set_ipv6(),
            Meaning::Nothing => Ok(()),
            Meaning::Command(_) => Err(Error::usage(format!("invalid option `{typed}'"))),
        }
    }

    fn give(&mut self, opt: Opt) -> Result<(), Error> {
        if self.has(opt) {
            return Err(Error::usage(format!(
                "multiple '{}' options specified",
                opt.name()
            )));
        }
        self.given.push(opt);
        Ok(())
    }

    fn set(&mut self, opt: Opt, flag: &Flag, value: Option<&str>) -> Result<(), Error> {
        let text = value.unwrap_or_default();
        match opt {
            Opt::Service => self.set_service(flag, text)?,
            Opt::Scheduler => self.scheduler = Some(text.to_owned()),
            Opt::SchedFlags => self.flag_names = Some(text.to_owned()),
            Opt::Persistent => {
                let seconds = value.map(|text| values::timeout(text, 1)).transpose()?;
                self.persistent = Some(seconds.unwrap_or(DEFAULT_PERSISTENCE));
            }
            Opt::Netmask => self.mask = Some(Mask::read(text, self.family())?),
            Opt::Engine => self.engine = Some(text.to_owned()),
            Opt::Server => {
                // As in ipvsadm the protocol of a port's name is the service's, if known yet.
                let protocol = self.service.and_then(|key| key.protocol());
                self.server = Some(values::place(text, protocol, "real server")?);
            }
            Opt::Forward => {
                self.method = Some(match flag.short {
                    Some('m') => Method::Nat,
                    Some('i') => Method::Tunnel,
                    _ => Method::Direct,
                });
            }
            Opt::Weight => self.weight = Some(values::count(text, "weight")?),
            Opt::Upper => self.upper = Some(values::count(text, "u_threshold")?),
            Opt::Lower => self.lower = Some(values::count(text, "l_threshold")?),
            Opt::TunType => self.tun_type = Some(values::tun_type(text)?),
            Opt::TunPort => self.tun_port = Some(values::tun_port(text)?),
            _ => sync::check(opt, text)?,
        }
        Ok(())
    }

    /// The family as far as it is known.
    fn family(&self) -> Family {
        self.service.map_or(Family::Ipv4, |key| key.family)
    }

    fn set_service(&mut self, flag: &Flag, text: &str) -> Result<(), Error> {
        let protocol = match (flag.short, flag.long) {
            (Some('f'), _) => {
                self.service = Some(ServiceKey::marked(Family::Ipv4, values::mark(text)?));
                return Ok(());
            }
            (Some('u'), _) => Protocol::UDP,
            (_, "sctp-service") => Protocol::SCTP,
            _ => Protocol::TCP,
        };
        let place = values::place(text, Some(protocol), "virtual server")?;
        self.service = Some(ServiceKey::at(place.family, protocol, place.endpoint(0)));
        self.forget_mask(place.family);
        Ok(())
    }

    fn set_ipv6(&mut self) -> Result<(), Error> {
        match &mut self.service {
            Some(key) if matches!(key.matches, Match::Mark(_)) => {
                key.family = Family::Ipv6;
                self.forget_mask(Family::Ipv6);
                Ok(())
            }
            // ipvsadm says this with an empty line behind it.
            _ => Err(Error::usage("-6 must follow -f\n")),
        }
    }

    /// ipvsadm forgets a mask when it is told only later that the family is IPv6.
    fn forget_mask(&mut self, family: Family) {
        if family == Family::Ipv6 {
            self.mask = None;
        }
    }

    /// What can be said only when all options are known.
    pub(super) fn finish(&mut self, command: Command) -> Result<(), Error> {
        if command == Command::Set {
            self.take_timeouts()?;
        }
        if let Some(unexpected) = self.loose.first() {
            return Err(Error::usage(format!("unexpected argument {unexpected}")));
        }
        if let Some(names) = &self.flag_names {
            let scheduler = self.scheduler.as_deref().unwrap_or(DEFAULT_SCHEDULER);
            self.sched_flags = values::sched_flags(names, scheduler)?;
        }
        Ok(())
    }

    fn take_timeouts(&mut self) -> Result<(), Error> {
        let [tcp, fin, udp, more @ ..] = self.loose.as_slice() else {
            return Err(Error::usage("--set option requires 3 timeout values"));
        };
        self.timeouts = [
            values::timeout(tcp, 0)?,
            values::timeout(fin, 0)?,
            values::timeout(udp, 0)?,
        ];
        self.loose = more.to_vec();
        Ok(())
    }
}

/// The names of a scheduler's flags, as ipvsadm writes them: `sh-fallback,sh-port`.
pub(crate) fn sched_flag_names(scheduler: &str, bits: u32) -> String {
    let names: Vec<&str> = values::flag_table(scheduler)
        .into_iter()
        .filter(|(_, flag)| bits & SchedFlag::bit(*flag) != 0)
        .map(|(name, _)| name)
        .collect();
    names.join(",")
}

/// The highest value of a weight or a limit.
pub(super) const COUNT_MAX: u32 = uapi::WEIGHT_MAX;
