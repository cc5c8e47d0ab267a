// SPDX-License-Identifier: GPL-2.0

//! Which ports a director may use for the clients that it hides from their servers.

use super::num;

/// The first port that is not reserved for the system's services.
const FIRST: u32 = 1024;
/// The number of ports.
const END: u32 = 1 << 16;
/// How many ports are tried at most.
const TRIES: u32 = 256;

/// The ports to try for a connection, in this order: the client's own, then others from a random place on.
///
/// Ports of the range that the host's own sockets take theirs from (`net.ipv4.ip_local_port_range`) are left
/// out, unless there are no others.
pub fn candidates(client: u16, local: (u16, u16), random: u32) -> impl Iterator<Item = u16> {
    let low = u32::from(local.0).clamp(FIRST, END);
    let high = u32::from(local.1).wrapping_add(1).clamp(low, END);
    let below = low.wrapping_sub(FIRST);
    let above = END.wrapping_sub(high);
    let (below, total) = match below.wrapping_add(above) {
        0 => (END.wrapping_sub(FIRST), END.wrapping_sub(FIRST)),
        total => (below, total),
    };
    let own = u32::from(client);
    let own_is_fit = own >= FIRST && (below == total || !(low..high).contains(&own));
    let others = (0..TRIES).map(move |nth| {
        let place = random.wrapping_add(nth).checked_rem(total).unwrap_or(0);
        let port = match place.checked_sub(below) {
            None => FIRST.wrapping_add(place),
            Some(rest) => high.wrapping_add(rest),
        };
        num::low16(port)
    });
    own_is_fit.then_some(client).into_iter().chain(others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, vec::Vec};

    const LOCAL: (u16, u16) = (32768, 60999);

    #[test]
    fn the_clients_own_port_comes_first() {
        assert_eq!(candidates(5000, LOCAL, 7).next(), Some(5000));
        assert_eq!(candidates(61000, LOCAL, 7).next(), Some(61000));
    }

    #[test]
    fn ports_of_local_sockets_and_services_are_left_out() {
        for client in [0, 80, 1023, 32768, 45000, 60999] {
            for random in (0..u32::MAX).step_by(7_777_777) {
                let ports: Vec<_> = candidates(client, LOCAL, random).collect();
                assert_eq!(ports.len(), 256);
                assert!(ports.iter().all(|port| *port >= 1024));
                assert!(!ports.iter().any(|port| (32768..=60999).contains(port)));
                assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), 256);
            }
        }
    }

    #[test]
    fn every_port_outside_comes_up() {
        let all: BTreeSet<_> = (0..65536)
            .step_by(100)
            .flat_map(|random| candidates(0, LOCAL, random))
            .collect();
        assert_eq!(all.len(), (32768 - 1024) + (65535 - 60999));
    }

    #[test]
    fn if_all_are_local_all_are_tried() {
        let ports: Vec<_> = candidates(2000, (1024, 65535), 5).collect();
        assert_eq!(ports.get(..3), Some(&[2000, 1029, 1030][..]));
        let ports: Vec<_> = candidates(80, (1, 65535), 64511).collect();
        assert_eq!(ports.get(..2), Some(&[65535, 1024][..]));
    }

    #[test]
    fn a_range_at_an_end() {
        let ports: Vec<_> = candidates(80, (1024, 65534), 9).collect();
        assert!(ports.iter().all(|port| *port == 65535));
        let ports: Vec<_> = candidates(80, (1025, 65535), 9).collect();
        assert!(ports.iter().all(|port| *port == 1024));
    }
}
