// SPDX-License-Identifier: GPL-2.0

//! Reads arbitrary netlink attributes and writes the sound ones again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rvs_logic::logic::nla::{
    Attrs,
    Full,
    Writer, //
};

/// Nothing nests deeper than this in earnest.
const MAX_DEPTH: u32 = 8;

fuzz_target!(|data: &[u8]| {
    let mut first = vec![0; data.len() + 8];
    let mut writer = Writer::new(&mut first);
    copy(Attrs::new(data), &mut writer, 0).expect("not longer than its source");
    let once = writer.written().to_vec();
    assert!(Attrs::new(&once).check().is_ok());

    let mut second = vec![0; once.len()];
    let mut writer = Writer::new(&mut second);
    copy(Attrs::new(&once), &mut writer, 0).expect("as long as its source");
    assert_eq!(writer.written(), once);
});

fn copy(attrs: Attrs<'_>, writer: &mut Writer<'_>, depth: u32) -> Result<(), Full> {
    for attr in attrs.flatten() {
        let _ = (attr.u8(), attr.u16_be(), attr.u32(), attr.u64(), attr.str());
        let sound = attr.attrs().check().is_ok();
        if attr.nested && sound && depth < MAX_DEPTH {
            let nest = writer.nest_start(attr.kind)?;
            copy(attr.attrs(), writer, depth + 1)?;
            writer.nest_end(nest)?;
        } else {
            writer.put(attr.kind, attr.payload)?;
        }
    }
    Ok(())
}
