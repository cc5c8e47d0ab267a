// SPDX-License-Identifier: GPL-2.0

//! The values of a document: addresses, names, flags and numbers within limits.

use crate::{
    cli::values::{
        place,
        Place, //
    },
    output,
    request::{
        Owner,
        ServerKey, //
    },
    suggest,
};
use rvs_logic::logic::{
    addr::{
        Family,
        Protocol, //
    },
    uapi::{
        ConnState,
        Method,
        NoServer,
        SchedFlag,
        ServiceFlag,
        TunFlag,
        TunType, //
    },
};
use serde::{
    de::Error,
    Deserialize,
    Deserializer,
    Serialize,
    Serializer, //
};

/// The complaint about a word that is not one of those that are known.
fn unknown(what: &str, word: &str, known: &[&str]) -> String {
    let hint = suggest::hint(word, known.iter().copied());
    match hint.is_empty() {
        true => format!("unknown {what} '{word}'; there are {}", known.join(", ")),
        false => format!("unknown {what} '{word}'{hint}"),
    }
}

/// An address with or without a port.
pub(super) struct Address(pub(super) Place);

impl Address {
    pub(super) fn of(key: &ServerKey) -> Self {
        Self(Place {
            family: key.family,
            addr: key.endpoint.addr,
            port: Some(key.endpoint.port),
        })
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(place) = self;
        let endpoint = place.endpoint(0);
        to.collect_str(&endpoint.display(place.family))
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        place(&text).map(Self).ok_or_else(|| {
            D::Error::custom("not an IP address with or without a port (write [IPV6]:PORT)")
        })
    }
}

/// Who manages an object; an empty name is nobody.
#[derive(Clone, Copy)]
pub(super) struct OwnerName(pub(super) Option<Owner>);

impl Serialize for OwnerName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.as_ref().map_or("", Owner::as_str))
    }
}

impl<'de> Deserialize<'de> for OwnerName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let owner = (!text.is_empty()).then(|| Owner::typed(&text)).transpose();
        owner.map(Self).map_err(D::Error::custom)
    }
}

/// A value that has one of a few names.
pub(super) trait Named: Copy + 'static {
    /// What such a value is called.
    const WHAT: &'static str;
    /// Those that a document may have.
    const ALL: &'static [Self];

    fn word(self) -> &'static str;
}

/// One of a few names.
#[derive(Clone, Copy)]
pub(super) struct Word<T>(pub(super) T);

fn read_word<T: Named>(text: &str) -> Result<T, String> {
    let mut all = T::ALL.iter().copied();
    all.find(|value| value.word() == text).ok_or_else(|| {
        let known: Vec<&str> = T::ALL.iter().map(|value| value.word()).collect();
        unknown(T::WHAT, text, &known)
    })
}

impl<T: Named> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.word())
    }
}

impl<'de, T: Named> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        read_word(&text).map(Self).map_err(D::Error::custom)
    }
}

impl Named for Method {
    const WHAT: &'static str = "method";
    const ALL: &'static [Self] = &[Self::Nat, Self::Direct, Self::Tunnel, Self::Local];

    fn word(self) -> &'static str {
        self.name()
    }
}

impl Named for TunType {
    const WHAT: &'static str = "type of tunnel";
    const ALL: &'static [Self] = TunType::ALL;

    fn word(self) -> &'static str {
        self.name()
    }
}

impl Named for NoServer {
    const WHAT: &'static str = "action";
    const ALL: &'static [Self] = NoServer::ALL;

    fn word(self) -> &'static str {
        self.name()
    }
}

impl Named for ConnState {
    const WHAT: &'static str = "state";
    const ALL: &'static [Self] = ConnState::ALL;

    fn word(self) -> &'static str {
        self.name()
    }
}

impl Named for Family {
    const WHAT: &'static str = "family";
    const ALL: &'static [Self] = &[Self::Ipv4, Self::Ipv6];

    fn word(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
        }
    }
}

impl Named for Protocol {
    const WHAT: &'static str = "protocol";
    const ALL: &'static [Self] = &[Self::TCP, Self::UDP, Self::SCTP];

    fn word(self) -> &'static str {
        match self {
            Self::TCP => "tcp",
            Self::UDP => "udp",
            Self::SCTP => "sctp",
            _ => "?",
        }
    }
}

/// The protocol of a service.
#[derive(Clone, Copy)]
pub(super) struct Proto(pub(super) Protocol);

impl Serialize for Proto {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Word(self.0).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Proto {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Word(protocol) = Word::deserialize(from)?;
        Ok(Self(protocol))
    }
}

/// A state, as the key of a map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct StateName(pub(super) ConnState);

impl Ord for StateName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.value().cmp(&other.0.value())
    }
}

impl PartialOrd for StateName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for StateName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Word(self.0).serialize(to)
    }
}

impl<'de> Deserialize<'de> for StateName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Word(state) = Word::deserialize(from)?;
        Ok(Self(state))
    }
}

/// A number that is at most `MAX`.
#[derive(Clone, Copy)]
pub(super) struct Limited<const MAX: u32>(pub(super) u32);

impl<const MAX: u32> Serialize for Limited<MAX> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u32(self.0)
    }
}

impl<'de, const MAX: u32> Deserialize<'de> for Limited<MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(from)?;
        let number = u32::try_from(number).ok().filter(|number| *number <= MAX);
        let number = number.ok_or_else(|| D::Error::custom(format!("must be 0 to {MAX}")));
        number.map(Self)
    }
}

fn write_flags<S: Serializer>(names: Vec<&'static str>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(names)
}

/// The bits of flags that are named in a list.
fn read_flags<'de, D: Deserializer<'de>>(from: D, known: &[(&str, u32)]) -> Result<u32, D::Error> {
    let mut bits = 0;
    for name in Vec::<String>::deserialize(from)? {
        let found = known.iter().find(|(known, _)| *known == name);
        let (_, bit) = found.ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            D::Error::custom(unknown("flag", &name, &names))
        })?;
        bits |= bit;
    }
    Ok(bits)
}

/// Flags of a service.
#[derive(Clone, Copy, Default)]
pub(super) struct ServiceFlags(u32);

impl ServiceFlags {
    pub(super) const fn of(bits: u32) -> Self {
        Self(bits)
    }

    pub(super) const fn bits(self) -> u32 {
        self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        output::service_flags(self.0).is_empty()
    }
}

impl Serialize for ServiceFlags {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write_flags(output::service_flags(self.0), to)
    }
}

impl<'de> Deserialize<'de> for ServiceFlags {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = ServiceFlag::ALL.iter();
        let known: Vec<_> = all.map(|flag| (flag.name(), flag.bit())).collect();
        read_flags(from, &known).map(Self)
    }
}

/// Flags of a scheduler, which have other names for some.
#[derive(Clone, Default)]
pub(super) struct SchedFlags {
    scheduler: String,
    bits: u32,
}

impl SchedFlags {
    pub(super) fn of(scheduler: &str, bits: u32) -> Self {
        Self {
            scheduler: scheduler.to_owned(),
            bits,
        }
    }

    pub(super) const fn bits(&self) -> u32 {
        self.bits
    }

    pub(super) fn is_empty(&self) -> bool {
        output::sched_flags("", self.bits).is_empty()
    }
}

impl Serialize for SchedFlags {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write_flags(output::sched_flags(&self.scheduler, self.bits), to)
    }
}

impl<'de> Deserialize<'de> for SchedFlags {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = SchedFlag::ALL.iter();
        let mut known: Vec<_> = all.map(|flag| (flag.name(), flag.bit())).collect();
        known.extend([
            ("sh-fallback", SchedFlag::Sched1.bit()),
            ("sh-port", SchedFlag::Sched2.bit()),
            ("mh-fallback", SchedFlag::Sched1.bit()),
            ("mh-port", SchedFlag::Sched2.bit()),
        ]);
        let bits = read_flags(from, &known)?;
        Ok(Self::of("", bits))
    }
}

/// Flags of a tunnel.
#[derive(Clone, Copy, Default)]
pub(super) struct TunFlags(u16);

impl TunFlags {
    pub(super) const fn of(bits: u16) -> Self {
        Self(bits)
    }

    pub(super) const fn bits(self) -> u16 {
        self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        output::tun_flags(self.0).is_empty()
    }
}

impl Serialize for TunFlags {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write_flags(output::tun_flags(self.0), to)
    }
}

impl<'de> Deserialize<'de> for TunFlags {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = TunFlag::ALL.iter();
        let known: Vec<_> = all.map(|flag| (flag.name(), flag.bit())).collect();
        let bits = read_flags(from, &known)?;
        Ok(Self(u16::try_from(bits).unwrap_or_default()))
    }
}
