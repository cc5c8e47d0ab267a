// SPDX-License-Identifier: GPL-2.0

//! The settings of a service, from attributes to values.

use super::{
    plan::Base,
    request::ServiceRequest,
    server::DestRequest,
    ServiceSpec, //
};
use crate::{
    dest::DestSpec,
    logic::{
        addr::Protocol,
        nla::Attr,
        owner::Owner,
        uapi::{
            self,
            NoServer,
            ServiceFlag, //
        }, //
    },
    net::Net,
    policy::{
        SchedOptions,
        Settings, //
    }, //
};
use kernel::prelude::*;

impl ServiceRequest<'_> {
    /// The settings of a new service.
    fn defaults(&self) -> Settings {
        Settings {
            flags: 0,
            sched: SchedOptions::default(),
            persist_timeout: 0,
            persist_prefix: self.full_prefix(),
            no_server: NoServer::Reject,
            owner: Owner::NOBODY,
            slow_start: 0,
        }
    }

    /// The length of a whole address, in bits.
    fn full_prefix(&self) -> u8 {
        match self.key.family.addr_len() {
            4 => 32,
            _ => 128,
        }
    }

    /// The complete settings: those given, and for the rest those of the service that is to be changed, or
    /// the defaults.
    pub(super) fn spec(&self, net: &Net, current: Option<Base>) -> Result<ServiceSpec> {
        let Base {
            settings: old,
            fallback: old_fallback,
        } = current.unwrap_or_else(|| Base {
            settings: self.defaults(),
            fallback: None,
        });
        let nest = &self.nest;
        let settings = Settings {
            flags: self.flags(old.flags)?,
            sched: SchedOptions {
                flags: nest
                    .u32(uapi::service::SCHED_FLAGS)
                    .unwrap_or(old.sched.flags),
                size: nest
                    .u32(uapi::service::SCHED_SIZE)
                    .unwrap_or(old.sched.size),
                expiry: nest
                    .u32(uapi::service::SCHED_EXPIRY)
                    .unwrap_or(old.sched.expiry),
            },
            persist_timeout: nest
                .u32(uapi::service::PERSIST_TIMEOUT)
                .unwrap_or(old.persist_timeout),
            persist_prefix: self.prefix(old.persist_prefix)?,
            no_server: self.no_server(old.no_server)?,
            owner: nest.owner(uapi::service::OWNER)?.unwrap_or(old.owner),
            slow_start: nest
                .u32(uapi::service::SLOW_START)
                .unwrap_or(old.slow_start),
        };
        Ok(ServiceSpec {
            fallback: self.fallback(net, &settings, old_fallback)?,
            timeouts: nest.timeouts(uapi::service::TIMEOUT)?,
            settings,
        })
    }

    fn flags(&self, old: u32) -> Result<u32> {
        let Some(attr) = self.nest.find(uapi::service::FLAGS) else {
            return Ok(old);
        };
        let flags = self.nest.value(&attr, attr.u32())?;
        let one_packet = flags & ServiceFlag::OnePacket.bit() != 0;
        if one_packet && self.key.mark().is_none() && self.key.protocol != Protocol::UDP {
            return Err(self.nest.refuse(
                EINVAL,
                &attr,
                fmt!("one-packet is for UDP and for firewall marks"),
            ));
        }
        self.check_fast(&attr, flags)?;
        Ok(flags)
    }

    /// Refuses what the fast path can do nothing for.
    fn check_fast(&self, attr: &Attr<'_>, flags: u32) -> Result {
        let has = |flag: ServiceFlag| flags & flag.bit() != 0;
        let why = match flags {
            _ if !has(ServiceFlag::Fast) => return Ok(()),
            _ if self.key.protocol == Protocol::SCTP => "fast is for TCP, UDP and firewall marks",
            _ if has(ServiceFlag::OnePacket) => {
                "fast is for connections, and one-packet makes none"
            }
            _ if has(ServiceFlag::ResetIdle) => "reset-idle has to see the packets that fast hides",
            _ => return Ok(()),
        };
        Err(self.nest.refuse(EINVAL, attr, fmt!("{why}")))
    }

    fn prefix(&self, old: u8) -> Result<u8> {
        let Some(attr) = self.nest.find(uapi::service::PERSIST_PREFIX) else {
            return Ok(old);
        };
        let most = self.full_prefix();
        match self.nest.value(&attr, attr.u8())? {
            prefix if prefix <= most => Ok(prefix),
            prefix => Err(self.nest.refuse(
                EINVAL,
                &attr,
                fmt!("the prefix has {prefix} bits, the address only {most}"),
            )),
        }
    }

    fn no_server(&self, old: NoServer) -> Result<NoServer> {
        let Some(attr) = self.nest.find(uapi::service::NO_SERVER) else {
            return Ok(old);
        };
        let action = attr.u8().and_then(NoServer::from_u8);
        match self.nest.value(&attr, action)? {
            NoServer::Bypass if self.key.mark().is_none() => Err(self.nest.refuse(
                EINVAL,
                &attr,
                fmt!("only a service with a firewall mark can be bypassed"),
            )),
            action => Ok(action),
        }
    }

    fn fallback(
        &self,
        net: &Net,
        settings: &Settings,
        old: Option<DestSpec>,
    ) -> Result<Option<DestSpec>> {
        let nest = &self.nest;
        let attr = nest.find(uapi::service::FALLBACK);
        match (settings.no_server, attr) {
            (NoServer::Fallback, Some(attr)) => {
                let dest = DestRequest::nested(nest.message, attr, &self.key)?;
                dest.spec(net).map(Some)
            }
            (NoServer::Fallback, None) if old.is_some() => Ok(old),
            (NoServer::Fallback, None) => Err(nest.message.missing(
                Some(&nest.attr),
                uapi::service::FALLBACK,
                fmt!("attribute service.fallback is missing"),
            )),
            (_, Some(attr)) => Err(nest.refuse(
                EINVAL,
                &attr,
                fmt!("a fallback destination needs no-server fallback"),
            )),
            (NoServer::Bypass, None) => Ok(Some(DestSpec::bypass(self.key.family))),
            (_, None) => Ok(None),
        }
    }
}
