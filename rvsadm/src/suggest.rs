// SPDX-License-Identifier: GPL-2.0

//! What the user may have meant.

/// How alike two names must be, from 0 to 1.
const ALIKE: f64 = 0.75;

/// The known name that is most like `name`, if any is.
pub fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (likeness(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// How alike two names are. In a short one, one slip of the finger is enough to make it
/// another altogether, so that counts apart.
fn likeness(a: &str, b: &str) -> f64 {
    const ONE_SLIP: f64 = 0.9;

    match strsim::damerau_levenshtein(a, b) {
        0 => 1.0,
        1 if a.len() > 1 => ONE_SLIP,
        _ => strsim::jaro_winkler(a, b),
    }
}

/// `; did you mean wlc?`, or nothing.
pub fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    closest(name, known).map_or(String::new(), |known| format!("; did you mean {known}?"))
}

/// The schedulers that come with rvs or with IPVS.
pub const SCHEDULERS: &[&str] = &[
    "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos",
    "p2c", "ewma",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness() {
        assert_eq!(closest("wcl", SCHEDULERS.iter().copied()), Some("wlc"));
        assert_eq!(closest("wheight", ["weight", "method"]), Some("weight"));
        assert_eq!(closest("xyz", ["weight", "method"]), None);
        assert_eq!(
            hint("estabished", ["established"]),
            "; did you mean established?"
        );
        assert_eq!(hint("", ["established"]), "");
    }
}
