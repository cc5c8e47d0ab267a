// SPDX-License-Identifier: GPL-2.0

//! What a server needs to which a director sends packets for the virtual address: by direct
//! routing or through a tunnel.

use super::{
    named,
    remove_address,
    single,
    word,
    Address,
    Patient, //
};
use rvs_logic::logic::addr::Family;

impl Patient<'_> {
    /// The virtual addresses: those that were named, or those of inner devices that look so.
    fn served(&self) -> Vec<Address> {
        if !self.given.is_empty() {
            return self.given.clone();
        }
        let inner = self.addresses.iter().filter(|held| {
            let link = self.link(held.device);
            link.is_some_and(|link| link.inner) && !is_own(held.family, &held.addr.bytes())
        });
        inner.map(|held| (held.family, held.addr)).collect()
    }
}

/// A loopback or link-local address.
fn is_own(family: Family, bytes: &[u8; 16]) -> bool {
    match (family, bytes) {
        (Family::Ipv4, [127, ..]) => true,
        (Family::Ipv6, [0xfe, second, ..]) => second & 0xc0 == 0x80,
        (Family::Ipv6, [head @ .., 1]) => head.iter().all(|byte| *byte == 0),
        _ => false,
    }
}

/// Whether this host takes packets for the virtual addresses, and leaves it to the director
/// to be found at them.
pub(super) fn placement(patient: &mut Patient<'_>) {
    for vip in patient.given.clone() {
        let add = patient.here(&format!("ip address add {} dev lo", single(vip)));
        let holders = patient.holders(vip);
        let outer = holders.iter().find(|link| !link.inner && link.arp);
        let local = patient.host.route(vip).is_some_and(|route| route.local);
        if let Some(outer) = outer.cloned() {
            let text = format!(
                "{} is on {}, so this host is found at it instead of the director",
                named(vip),
                outer.name
            );
            let mut commands = vec![remove_address(patient, vip, &outer)];
            if holders.iter().all(|link| !link.inner) {
                commands.push(add);
            }
            patient.fault(text, commands);
        } else if holders.is_empty() && !local {
            let text = format!(
                "{} is not an address of this host, which takes no packets for it",
                named(vip)
            );
            patient.fault(text, vec![add]);
        }
    }
}

/// Whether this host stays silent when its networks ask who has the virtual address.
pub(super) fn arp(patient: &mut Patient<'_>) {
    /// Only for addresses of the device that was asked by; 2 is stricter, 8 never.
    const OWN: &[u32] = &[1, 2, 8];
    /// Asks with an address of the device that it asks by.
    const BEST: u32 = 2;

    let vips = patient.served();
    let vips = vips.iter().filter(|vip| vip.0 == Family::Ipv4);
    let Some(vip) = vips.map(|vip| named(*vip)).next() else {
        return;
    };
    let asked = |patient: &Patient<'_>| {
        let with_address = |index| {
            let mut held = patient.addresses.iter();
            held.any(|held| held.device == index && held.family == Family::Ipv4)
        };
        let links = patient.links.iter();
        let links = links.filter(|link| link.up && link.arp && !link.inner);
        let links = links.filter(|link| with_address(link.index));
        links.map(|link| link.name.clone()).collect::<Vec<_>>()
    };
    for (name, text, good, value) in [
        (
            "arp_ignore",
            "answers when the network asks who has",
            OWN,
            1,
        ),
        (
            "arp_announce",
            "asks for neighbours in the name of",
            &[BEST][..],
            BEST,
        ),
    ] {
        let mut bad = asked(patient).into_iter();
        let bad = bad.find(|device| !good.contains(&patient.greater(device, name)));
        let Some(device) = bad else {
            continue;
        };
        let own = ["net", "ipv4", "conf", &device, name];
        let mut commands = Vec::new();
        // One of its own that is greater would hold.
        if patient.setting(&own).is_some_and(|own| own > value) {
            commands.push(patient.sysctl(&own, value));
        }
        commands.push(patient.sysctl(&["net", "ipv4", "conf", "all", name], value));
        let text = format!("this host {text} {vip}, by {device}");
        patient.fault(text, commands);
    }
}

/// Whether packets out of tunnels pass the check of their source addresses.
pub(super) fn reverse_path(patient: &mut Patient<'_>) {
    /// Only if the way back is the device that they come out of.
    const STRICT: u32 = 1;
    /// If there is any way back; of a device without an address that is none.
    const LOOSE: u32 = 2;

    let tunnels = patient.links.iter().filter(|link| link.tunnel && link.up);
    let tunnels: Vec<(u32, String)> = tunnels
        .map(|link| (link.index, link.name.clone()))
        .collect();
    for (index, name) in tunnels {
        let mut held = patient.addresses.iter();
        let addressed = held.any(|held| held.device == index && held.family == Family::Ipv4);
        let passes = match patient.greater(&name, "rp_filter") {
            0 => true,
            STRICT => false,
            _ => addressed,
        };
        if passes {
            continue;
        }
        let text = format!(
            "packets out of the tunnel {name} are dropped, because the way back to clients is another"
        );
        let own = ["net", "ipv4", "conf", &name, "rp_filter"];
        let all = patient.setting(&["net", "ipv4", "conf", "all", "rp_filter"]);
        let served = patient.served();
        let vip = served.into_iter().find(|vip| vip.0 == Family::Ipv4);
        let commands = match (addressed, all, vip) {
            (true, _, _) => vec![patient.sysctl(&own, LOOSE)],
            // The greater of both holds, and other devices may need that of all.
            (false, Some(1..), Some(vip)) => {
                let device = word(&name);
                let add = format!("ip address add {} dev {device}", single(vip));
                vec![patient.sysctl(&own, LOOSE), patient.here(&add)]
            }
            (false, Some(1..), None) => continue,
            (false, _, _) => vec![patient.sysctl(&own, 0)],
        };
        patient.fault(text, commands);
    }
}
