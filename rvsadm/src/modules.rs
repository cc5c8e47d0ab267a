// SPDX-License-Identifier: GPL-2.0

//! The kernel modules that are on disk.

use std::{
    collections::BTreeSet,
    fs,
    path::{
        Path,
        PathBuf, //
    },
};

/// The names of the schedulers whose modules the running kernel could load.
pub fn schedulers() -> BTreeSet<String> {
    let list = directory().join("modules.dep");
    schedulers_in(&fs::read_to_string(list).unwrap_or_default())
}

/// The names of the schedulers whose modules are on disk, known to modprobe or not.
pub fn files() -> BTreeSet<String> {
    /// How deep modules are that do not belong to the kernel: updates/rvs/rvs_rr.ko.
    const DEPTH: u32 = 3;

    let mut list = String::new();
    for place in ["extra", "updates"] {
        walk(&directory().join(place), DEPTH, &mut list);
    }
    schedulers_in(&list)
}

fn directory() -> PathBuf {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Path::new("/lib/modules").join(release.trim())
}

/// Lists the files below a directory, each on a line.
fn walk(directory: &Path, depth: u32, list: &mut String) {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        match depth.checked_sub(1) {
            Some(deeper) if path.is_dir() => walk(&path, deeper, list),
            _ => {
                list.push_str(&path.to_string_lossy());
                list.push('\n');
            }
        }
    }
}

/// Those in a file like modules.dep: `updates/rvs/rvs_rr.ko.xz: updates/rvs/rvs.ko`.
fn schedulers_in(list: &str) -> BTreeSet<String> {
    /// A module beside the schedulers that is none.
    const FRONT_END: &str = "ipvs";

    let paths = list.lines().filter_map(|line| line.split(':').next());
    let files = paths.filter_map(|path| path.rsplit('/').next());
    let names = files.filter_map(|file| file.strip_prefix("rvs_")?.split(".ko").next());
    names
        .filter(|name| *name != FRONT_END)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_disk() {
        let list = "kernel/lib/x.ko:\nupdates/rvs/rvs.ko:\nupdates/rvs/rvs_wlc.ko.xz: updates/rvs/rvs.ko\n\
                    updates/rvs/rvs_rr.ko: updates/rvs/rvs.ko\nupdates/rvs/rvs_ipvs.ko:\n";
        let names: Vec<String> = schedulers_in(list).into_iter().collect();
        assert_eq!(names, ["rr", "wlc"]);
        assert!(schedulers_in("").is_empty());
    }
}
