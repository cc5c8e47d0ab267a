// SPDX-License-Identifier: GPL-2.0

//! Properties of the netlink attribute reader and writer.

use proptest::prelude::*;
use rvs_logic::logic::nla::{
    Attrs,
    Full,
    Malformed,
    Writer,
    TYPE_MASK, //
};

/// An attribute, or a nest of them.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Leaf(u16, Vec<u8>),
    Nest(u16, Vec<Tree>),
}

fn any_tree() -> impl Strategy<Value = Tree> {
    let kind = 0..=TYPE_MASK;
    let payload = proptest::collection::vec(any::<u8>(), 0..40);
    let leaf = (kind.clone(), payload).prop_map(|(kind, payload)| Tree::Leaf(kind, payload));
    leaf.prop_recursive(4, 40, 6, move |inner| {
        (kind.clone(), proptest::collection::vec(inner, 0..6))
            .prop_map(|(kind, children)| Tree::Nest(kind, children))
    })
}

fn write(writer: &mut Writer<'_>, trees: &[Tree]) -> Result<(), Full> {
    for tree in trees {
        match tree {
            Tree::Leaf(kind, payload) => writer.put(*kind, payload)?,
            Tree::Nest(kind, children) => {
                let nest = writer.nest_start(*kind)?;
                write(writer, children)?;
                writer.nest_end(nest)?;
            }
        }
    }
    Ok(())
}

fn read(attrs: Attrs<'_>) -> Result<Vec<Tree>, Malformed> {
    attrs
        .map(|attr| {
            let attr = attr?;
            Ok(match attr.nested {
                true => Tree::Nest(attr.kind, read(attr.attrs())?),
                false => Tree::Leaf(attr.kind, attr.payload.to_vec()),
            })
        })
        .collect()
}

proptest! {
    #[test]
    fn what_is_written_can_be_read(
        trees in proptest::collection::vec(any_tree(), 0..6),
        fill in any::<u8>(),
    ) {
        let mut buf = vec![fill; 16384];
        let mut writer = Writer::new(&mut buf);
        write(&mut writer, &trees).expect("room");
        prop_assert_eq!(writer.len() % 4, 0);
        prop_assert_eq!(read(Attrs::new(writer.written())), Ok(trees));
    }

    #[test]
    fn a_small_buffer_is_full_and_not_overrun(
        trees in proptest::collection::vec(any_tree(), 1..6),
        room in 0..200usize,
    ) {
        let mut whole = vec![0; 16384];
        let mut writer = Writer::new(&mut whole);
        write(&mut writer, &trees).expect("room");
        let want = writer.written();
        let mut buf = vec![0; room];
        let mut writer = Writer::new(&mut buf);
        match write(&mut writer, &trees) {
            Ok(()) => prop_assert_eq!(writer.written(), want),
            Err(Full) => prop_assert!(want.len() > room),
        }
    }

    #[test]
    fn any_bytes_are_safe(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        kind in any::<u16>(),
    ) {
        let attrs = Attrs::new(&bytes);
        let mut errors = 0;
        for attr in attrs.clone() {
            prop_assert_eq!(errors, 0, "nothing follows an error");
            let Ok(attr) = attr else {
                errors += 1;
                continue;
            };
            prop_assert!(attr.kind <= TYPE_MASK);
            let _ = (attr.u8(), attr.u16_be(), attr.u32(), attr.u64(), attr.str());
            let _ = attr.attrs().check();
        }
        prop_assert_eq!(attrs.check().is_err(), errors == 1);
        let first = attrs.clone().flatten().find(|attr| attr.kind == kind);
        prop_assert_eq!(attrs.find(kind), first);
    }
}
