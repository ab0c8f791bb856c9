//! How events are stored: the variant's own fields, whatever serde's attributes make of them.

use std::collections::BTreeMap;

use cqrs::{payload::DecodeError, prelude::*};
use proptest::prelude::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Address {
    street: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    town: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Moved {
    person: u32,
    to: Address,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[cqrs(aggregate = "person", id = person, id_type = u32)]
enum PersonEvent {
    WasBorn {
        person: u32,
        full_name: String,
    },
    #[serde(rename = "gone-away")]
    #[cqrs(name = "person.went", alias = "person.left")]
    Went {
        person: u32,
        #[serde(flatten)]
        address: Address,
        #[serde(default)]
        r#type: i64,
    },
    Moved(Moved),
    Counted(#[cqrs(id)] u32, f64, BTreeMap<String, Vec<u8>>),
}

fn stored(event: &PersonEvent) -> (&'static str, String) {
    (event.event_type().name, String::from_utf8(event.encode().unwrap()).unwrap())
}

#[test]
fn the_variant_s_own_fields_are_stored() {
    let address = Address { street: "Main".into(), town: None };
    for (event, name, json) in [
        (
            PersonEvent::WasBorn { person: 7, full_name: "Ann".into() },
            "person.was_born",
            r#"{"person":7,"fullName":"Ann"}"#,
        ),
        (
            PersonEvent::Went { person: 7, address: address.clone(), r#type: -1 },
            "person.went",
            r#"{"person":7,"street":"Main","type":-1}"#,
        ),
        (
            PersonEvent::Moved(Moved { person: 7, to: address }),
            "person.moved",
            r#"{"person":7,"to":{"street":"Main"}}"#,
        ),
        (PersonEvent::Counted(7, 0.5, BTreeMap::new()), "person.counted", "[7,0.5,{}]"),
    ] {
        assert_eq!(stored(&event), (name, json.to_owned()));
        assert_eq!(*event.aggregate_id(), 7);
        assert_eq!(PersonEvent::decode(name, json.as_bytes()).unwrap(), event);
    }
}

#[test]
fn old_names_and_missing_fields_are_read() {
    let read = PersonEvent::decode("person.left", br#"{"person":7,"street":"Main"}"#).unwrap();
    let address = Address { street: "Main".into(), town: None };
    assert_eq!(read, PersonEvent::Went { person: 7, address, r#type: 0 });
}

#[test]
fn what_cannot_be_read_is_told() {
    let unknown = PersonEvent::decode("person.vanished", b"{}").unwrap_err();
    assert!(matches!(&unknown, DecodeError::UnknownType { name, .. } if name == "person.vanished"));
    assert!(unknown.to_string().contains("`person.was_born`"), "{unknown}");
    for payload in [
        &b"{}"[..],
        b"",
        b"[]",
        br#"{"person":-1,"fullName":"x"}"#,
        br#"{"person":7,"fullName":"x"} x"#,
        b"{\"person\":7,\"fullName\":\"\xff\"}",
    ] {
        let error = PersonEvent::decode("person.was_born", payload).unwrap_err();
        assert!(matches!(error, DecodeError::Payload { variant: "WasBorn", .. }), "{error}");
    }
}

fn event() -> impl Strategy<Value = PersonEvent> {
    let text = ".{0,20}";
    let address = || (text, proptest::option::of(text)).prop_map(|(street, town)| Address { street, town });
    prop_oneof![
        (any::<u32>(), text).prop_map(|(person, full_name)| PersonEvent::WasBorn { person, full_name }),
        (any::<u32>(), address(), any::<i64>()).prop_map(|(person, address, r#type)| PersonEvent::Went {
            person,
            address,
            r#type
        }),
        (any::<u32>(), address()).prop_map(|(person, to)| PersonEvent::Moved(Moved { person, to })),
        (any::<u32>(), -1e9..1e9_f64, proptest::collection::btree_map(text, any::<Vec<u8>>(), 0..4))
            .prop_map(|(person, measure, map)| PersonEvent::Counted(person, measure.round(), map)),
    ]
}

proptest! {
    #[test]
    fn what_is_stored_is_read_back(event in event()) {
        let bytes = event.encode().unwrap();
        prop_assert_eq!(PersonEvent::decode(event.event_type().name, &bytes).unwrap(), event);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, index in 0..4_usize) {
        let _ = PersonEvent::decode(PersonEvent::TYPES[index].name, &bytes);
    }
}
