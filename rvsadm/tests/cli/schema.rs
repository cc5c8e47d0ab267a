// SPDX-License-Identifier: GPL-2.0

//! The schema of documents says what the parser takes.

use crate::document::any_document;
use proptest::prelude::*;
use rvs_logic::logic::uapi::{
    ConnState,
    NoServer,
    SchedFlag,
    ServiceFlag,
    TunFlag,
    TunType, //
};
use rvsadm::document::{
    Document,
    Format,
    SCHEMA, //
};
use serde_json::{
    json,
    Value, //
};
use std::collections::BTreeSet;

fn schema() -> Value {
    serde_json::from_str(SCHEMA).expect("JSON")
}

/// What of `value` is not as the schema says; of JSON schema, what ours uses.
fn wrong(root: &Value, schema: &Value, value: &Value) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.strip_prefix('#').expect("a place in it");
        return wrong(root, root.pointer(pointer).expect("a definition"), value);
    }
    if let Some(all) = schema["enum"].as_array() {
        return (!all.contains(value)).then(|| format!("{value} is none of {all:?}"));
    }
    match schema["type"].as_str().expect("a type") {
        "integer" => {
            let limit = |name: &str, usual| schema[name].as_u64().unwrap_or(usual);
            let within = value.as_u64().is_some_and(|number| {
                (limit("minimum", 0)..=limit("maximum", u64::MAX)).contains(&number)
            });
            (!within).then(|| format!("{value} is beyond its limits"))
        }
        "string" => {
            let length = value.as_str().map(|text| text.len() as u64);
            let most = schema["maxLength"].as_u64().unwrap_or(u64::MAX);
            length
                .is_none_or(|length| length > most)
                .then(|| format!("{value} is no text"))
        }
        "array" => {
            let items = value.as_array().into_iter().flatten();
            let mut wrong = items.filter_map(|item| wrong(root, &schema["items"], item));
            wrong.next()
        }
        "object" => {
            let Some(object) = value.as_object() else {
                return Some(format!("{value} is no object"));
            };
            let required = schema["required"].as_array().into_iter().flatten();
            let mut missing =
                required.filter(|name| !object.contains_key(name.as_str().expect("a name")));
            if let Some(name) = missing.next() {
                return Some(format!("{name} is missing"));
            }
            object
                .iter()
                .find_map(|(name, value)| match schema["properties"].get(name) {
                    None => Some(format!("there is no {name}")),
                    Some(schema) => wrong(root, schema, value),
                })
        }
        other => panic!("unknown type {other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_is_so(document in any_document()) {
        let (text, _) = document.write(Format::Json);
        let value = serde_json::from_str(&text).expect("JSON");
        let schema = schema();
        prop_assert_eq!(wrong(&schema, &schema, &value), None, "{}", text);
    }
}

/// The fields that the parser names when it meets another one.
fn fields_of(text: &str) -> BTreeSet<String> {
    let error = Document::read(Format::Json, "x", text).expect_err("no such field");
    let error = error.to_string();
    let (_, known) = error.split_once("there are ").expect("a list");
    let known = known.lines().next().unwrap_or_default();
    known.split(", ").map(str::to_owned).collect()
}

#[test]
fn it_has_the_fields_of_the_parser() {
    let schema = schema();
    let fields = |pointer: &str| -> BTreeSet<String> {
        let properties = schema.pointer(&format!("{pointer}/properties"));
        let properties = properties.and_then(Value::as_object).expect("properties");
        properties.keys().cloned().collect()
    };
    let service =
        |inner: &str| format!(r#"{{"service": [{{"fwmark": 7, "scheduler": "rr", {inner}}}]}}"#);
    let cases = [
        ("", r#"{"xyzzy": 1}"#.to_owned()),
        ("/$defs/service", service(r#""xyzzy": 1"#)),
        ("/$defs/server", service(r#""server": [{"xyzzy": 1}]"#)),
        ("/$defs/fallback", service(r#""fallback": {"xyzzy": 1}"#)),
        (
            "/$defs/persistence",
            service(r#""persistence": {"xyzzy": 1}"#),
        ),
        (
            "/$defs/tunnel",
            service(r#""fallback": {"tunnel": {"xyzzy": 1}}"#),
        ),
    ];
    for (pointer, text) in cases {
        assert_eq!(fields(pointer), fields_of(&text), "{pointer}");
    }
}

#[test]
fn it_has_the_words_of_the_interface() {
    let schema = schema();
    let names = |pointer: &str| schema.pointer(pointer).expect("a list").clone();
    assert_eq!(
        names("/$defs/service/properties/no_server/enum"),
        json!(NoServer::ALL.iter().map(|it| it.name()).collect::<Vec<_>>())
    );
    assert_eq!(
        names("/$defs/tunnel/properties/type/enum"),
        json!(TunType::ALL.iter().map(|it| it.name()).collect::<Vec<_>>())
    );
    assert_eq!(
        names("/$defs/tunnel/properties/flags/items/enum"),
        json!(TunFlag::ALL.iter().map(|it| it.name()).collect::<Vec<_>>())
    );
    assert_eq!(
        names("/$defs/service/properties/flags/items/enum"),
        json!(ServiceFlag::ALL
            .iter()
            .map(|it| it.name())
            .collect::<Vec<_>>())
    );
    let flags = names("/$defs/service/properties/scheduler_flags/items/enum");
    let flags = flags.as_array().expect("a list");
    assert!(SchedFlag::ALL
        .iter()
        .all(|it| flags.contains(&json!(it.name()))));
    let states = names("/$defs/timeouts/properties");
    let states = states.as_object().expect("states");
    assert_eq!(states.len(), ConnState::ALL.len());
    assert!(ConnState::ALL
        .iter()
        .all(|state| states.contains_key(state.name())));
}
