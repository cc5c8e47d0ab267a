// SPDX-License-Identifier: GPL-2.0

//! IPVS's socket options, for clients without netlink and for containers whose administrator is not the
//! machine's. They know IPv4, and neither tunnel types nor persistence engines.

use crate::apply::{
    self,
    error, //
};
use kernel::{
    prelude::*,
    str::CString, //
};
use rvs::{
    api::{
        self,
        ServerShown,
        ServiceShown, //
    },
    front::View,
    logic::{
        addr::{
            Family,
            Protocol, //
        },
        ipvs::{
            daemon,
            files::Counters,
            spec::{
                self,
                Key, //
            },
            uapi::{
                self,
                conn_flag,
                sockopt::*, //
            }, //
        },
        num,
        uapi::Method, //
    },
    sys::sockopt::{
        Answer,
        Options, //
    }, //
};

const SERVICE: usize = 44;
const SERVER: usize = 24;
const SERVICE_ENTRY: usize = 104;
const SERVER_ENTRY: usize = 96;
/// Where the entries begin in lists of services and of servers.
const SERVICES_HEAD: usize = 8;
const SERVERS_HEAD: usize = 24;
const DAEMON: usize = 24;

/// The options.
pub(crate) static OPTIONS: Options = Options {
    base: BASE,
    set_lengths: &[0, 0, 44, 44, 44, 0, 0, 68, 68, 68, 12, 24, 24, 0, 0, 44],
    get_lengths: &[64, 12, 8, 104, 24, 0, 12, 48],
    set,
    get,
};

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(num::array_at(bytes, at).unwrap_or_default())
}

fn set(view: &View<'_>, option: u32, bytes: &[u8]) -> Result {
    match option {
        SET_FLUSH => {
            return view.configure().flush();
        }
        SET_TIMEOUT => {
            let wanted = [0, 4, 8].map(|at| u32_at(bytes, at));
            let timeouts = spec::timeouts(wanted, api::hz()).map_err(error)?;
            return view.configure().set_timeouts(timeouts);
        }
        SET_STARTDAEMON => {
            let name = bytes.get(4..20).unwrap_or(&[]);
            if name.first() == Some(&0) || !name.contains(&0) {
                return Err(EINVAL);
            }
            daemon::check_state(u32_at(bytes, 0)).map_err(error)?;
            return Err(apply::no_daemon());
        }
        SET_STOPDAEMON => {
            daemon::check_state(u32_at(bytes, 0)).map_err(error)?;
            return Err(ESRCH);
        }
        _ => {}
    }
    set_service(view, option, bytes)
}

fn set_service(view: &View<'_>, option: u32, bytes: &[u8]) -> Result {
    let bytes_of_service = bytes.first_chunk::<SERVICE>().ok_or(EINVAL)?;
    let (key, user) = spec::service_user(bytes_of_service);
    let nothing = [0; 2];
    let is_unnamed =
        u32_at(bytes, 12) == 0 && u32_at(bytes, 4) == 0 && bytes.get(8..10) == Some(&nothing[..]);
    if option == SET_ZERO && is_unnamed {
        return view.configure().zero(None);
    }
    if matches!(option, SET_ADD | SET_EDIT) && user.scheduler.len() == spec::NAME_LEN {
        return Err(EINVAL);
    }
    let protocol = u16::from_ne_bytes(num::array_at(bytes, 0).unwrap_or_default());
    let known = [Protocol::TCP, Protocol::UDP, Protocol::SCTP];
    if !known.iter().any(|known| u16::from(known.0) == protocol) {
        return Err(EFAULT);
    }
    match option {
        SET_ADD => apply::add_service(view, &key, &user),
        SET_EDIT => apply::set_service(view, &key, &user),
        SET_DEL => view.configure().remove(&key),
        SET_ZERO => view.configure().zero(Some(&key)),
        _ => set_server(view, option, &key, bytes),
    }
}

fn set_server(view: &View<'_>, option: u32, key: &Key, bytes: &[u8]) -> Result {
    let mut session = view.configure();
    if !session.has(key) {
        return Err(ESRCH);
    }
    let bytes = bytes.get(SERVICE..).unwrap_or(&[]);
    let user = spec::dest_user(bytes.first_chunk::<SERVER>().ok_or(EINVAL)?);
    let wish = || user.wish(Family::Ipv4).map_err(error);
    match option {
        SET_ADDDEST => session.add_server(key, &wish()?),
        SET_EDITDEST => session.set_server(key, &wish()?),
        SET_DELDEST => {
            let named = user.key.resolve(Family::Ipv4).map_err(error)?;
            session.remove_server(key, named)
        }
        _ => Err(EINVAL),
    }
}

/// Numbers at their places in a structure.
struct Struct<const N: usize>([u8; N]);

impl<const N: usize> Struct<N> {
    fn new() -> Self {
        Self([0; N])
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        let place = self.0.get_mut(at..).unwrap_or_default();
        for (to, from) in place.iter_mut().zip(bytes) {
            *to = *from;
        }
    }

    fn u32(&mut self, at: usize, value: u32) {
        self.put(at, &value.to_ne_bytes());
    }

    /// Counters and rates; of most of them the low half.
    fn stats(&mut self, at: usize, totals: Counters, rates: Counters) {
        let [conns, inpkts, outpkts, inbytes, outbytes] = totals;
        let low = [(0, conns), (4, inpkts), (8, outpkts)];
        let rates = [32, 36, 40, 44, 48].into_iter().zip(rates);
        for (offset, value) in Iterator::chain(low.into_iter(), rates) {
            self.u32(at.wrapping_add(offset), num::low32(value));
        }
        for (offset, value) in [(16, inbytes), (24, outbytes)] {
            self.put(at.wrapping_add(offset), &value.to_ne_bytes());
        }
    }
}

fn service_entry(shown: &ServiceShown) -> Struct<SERVICE_ENTRY> {
    let mut entry = Struct::new();
    // IPVS behaviour: a firewall mark's protocol is TCP.
    let (protocol, mark) = match shown.key {
        Key::Mark(_, mark) => (u16::from(Protocol::TCP.0), mark),
        Key::Address(_, protocol, end) => {
            entry.put(4, &end.addr.v4());
            entry.put(8, &end.port.to_be_bytes());
            (protocol, 0)
        }
    };
    entry.put(0, &protocol.to_ne_bytes());
    entry.u32(12, mark);
    entry.put(16, &shown.scheduler);
    entry.u32(32, shown.settings.flags());
    entry.u32(36, shown.settings.persist_timeout);
    entry.put(40, &shown.settings.netmask(Family::Ipv4));
    entry.u32(44, shown.servers);
    entry.stats(48, shown.totals, shown.rates);
    entry
}

fn server_entry(shown: &ServerShown) -> Struct<SERVER_ENTRY> {
    let mut entry = Struct::new();
    let spec = &shown.settings;
    let flags = match spec.method {
        Method::Nat => conn_flag::INACTIVE,
        _ => conn_flag::INACTIVE | conn_flag::NO_OUTPUT,
    };
    entry.put(0, &spec.endpoint.addr.v4());
    entry.put(4, &spec.endpoint.port.to_be_bytes());
    let numbers = [
        u32::from(spec.method.value()) | flags,
        spec.weight,
        spec.upper,
        spec.lower,
        shown.active,
        shown.inactive,
        shown.clients,
    ];
    for (at, number) in (8..).step_by(4).zip(numbers) {
        entry.u32(at, number);
    }
    entry.stats(40, shown.totals, shown.rates);
    entry
}

/// The key in a question: protocol, address, port and firewall mark are where they are in a service.
fn key(bytes: &[u8]) -> Key {
    let mut service = Struct::<SERVICE>::new();
    service.put(0, bytes.get(..16).unwrap_or(bytes));
    spec::service_user(&service.0).0
}

fn get(view: &View<'_>, option: u32, bytes: &[u8], answer: &mut Answer<'_>) -> Result {
    match option {
        GET_VERSION => {
            let size = view.conn_buckets();
            let text =
                CString::try_from_fmt(fmt!("IP Virtual Server version 1.2.1 (size={size})"))?;
            answer.put(text.to_bytes_with_nul())?;
            answer.end()
        }
        GET_INFO => {
            let mut info = Struct::<12>::new();
            info.u32(0, uapi::VERSION);
            info.u32(4, view.conn_buckets());
            info.u32(8, count_services(view));
            answer.put(&info.0)
        }
        GET_SERVICES => get_services(view, u32_at(bytes, 0), answer),
        GET_SERVICE => {
            let shown = view.configure().show(&key(bytes))?;
            answer.put(&service_entry(&shown).0)
        }
        GET_DESTS => get_servers(view, bytes, answer),
        GET_TIMEOUT => {
            let mut timeouts = Struct::<12>::new();
            for (at, seconds) in [0, 4, 8].into_iter().zip(view.configure().timeouts()) {
                timeouts.u32(at, seconds);
            }
            answer.put(&timeouts.0)
        }
        // There are none.
        GET_DAEMON => answer.put(&[0; 2 * DAEMON]),
        _ => Err(EINVAL),
    }
}

/// How many services of IPv4 there are.
fn count_services(view: &View<'_>) -> u32 {
    let session = view.configure();
    let (mut next, mut count) = (0, 0u32);
    while let Some(shown) = session.show_from(next) {
        next = shown.id.wrapping_add(1);
        count = count.wrapping_add(u32::from(shown.key.family() == Family::Ipv4));
    }
    count
}

/// Whether there is room for exactly so many entries.
fn check_room(answer: &Answer<'_>, head: usize, entry: usize, count: u32) -> Result {
    let want = num::index(count).checked_mul(entry);
    match want.and_then(|want| want.checked_add(head)) {
        Some(want) if want == answer.room() => Ok(()),
        _ => Err(EINVAL),
    }
}

fn get_services(view: &View<'_>, count: u32, answer: &mut Answer<'_>) -> Result {
    check_room(answer, SERVICES_HEAD, SERVICE_ENTRY, count)?;
    // The head is the question, and stays.
    answer.skip(SERVICES_HEAD)?;
    let session = view.configure();
    let (mut next, mut left) = (0, count);
    while let (Some(shown), true) = (session.show_from(next), left != 0) {
        next = shown.id.wrapping_add(1);
        if shown.key.family() == Family::Ipv4 {
            answer.put(&service_entry(&shown).0)?;
            left = left.wrapping_sub(1);
        }
    }
    Ok(())
}

fn get_servers(view: &View<'_>, bytes: &[u8], answer: &mut Answer<'_>) -> Result {
    let count = u32_at(bytes, 16);
    check_room(answer, SERVERS_HEAD, SERVER_ENTRY, count)?;
    let key = key(bytes);
    let session = view.configure();
    let there = session.show(&key)?.servers;
    answer.skip(SERVERS_HEAD)?;
    // Userspace is written to afterwards: that may sleep.
    let mut entries = KVec::with_capacity(num::index(count.min(there)), GFP_KERNEL)?;
    session.servers(&key, u64::MAX, &mut |shown| {
        if shown.settings.family != Family::Ipv4 {
            return true;
        }
        entries.push_within_capacity(server_entry(shown)).is_ok()
    })?;
    entries.iter().try_for_each(|entry| answer.put(&entry.0))
}
