// SPDX-License-Identifier: GPL-2.0

//! The page about the settings says what the code says.

use rvs_logic::logic::settings::Knob;

const PAGE: &str = include_str!("../../../Documentation/sysctl.md");

/// The section of a setting, without its heading.
fn section(knob: Knob) -> &'static str {
    let heading = format!("\n### {}\n", knob.name());
    let (_, rest) = PAGE
        .split_once(&heading)
        .unwrap_or_else(|| panic!("no section about {}", knob.name()));
    rest.split("\n#").next().unwrap_or(rest)
}

#[test]
fn every_setting_has_a_section_with_default_and_range() {
    for knob in Knob::ALL {
        let line = section(knob).trim_start().lines().next().unwrap();
        let default = format!("Default {}", knob.default_value());
        let range = format!("range 0 to {}", knob.max());
        assert!(line.starts_with(&default), "{}: {line}", knob.name());
        assert!(line.contains(&range), "{}: {line}", knob.name());
    }
}

#[test]
fn every_section_is_about_a_setting() {
    let headings = PAGE.lines().filter_map(|line| line.strip_prefix("### "));
    for heading in headings {
        assert!(
            Knob::ALL.iter().any(|knob| knob.name() == heading),
            "{heading}"
        );
    }
}
