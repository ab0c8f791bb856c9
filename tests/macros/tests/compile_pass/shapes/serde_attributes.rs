//! serde's attributes on events mean what they mean to serde; the stored name is ours.

use cqrs::prelude::*;

use super::stored;

/// Who did it, in the same object as what was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Audit {
    done_by: String,
}

/// An amount in cents, written as text.
mod cents {
    use cqrs::serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(super) fn serialize<S: Serializer>(cents: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(cents)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase", deny_unknown_fields)]
#[cqrs(aggregate = "bill", id = bill_id)]
enum BillEvent {
    #[serde(rename = "opened-by-somebody", alias = "begun")]
    Opened {
        bill_id: u32,
        #[serde(rename = "for")]
        customer: String,
    },
    #[serde(rename_all = "kebab-case")]
    #[cqrs(alias = "bill.written")]
    Charged {
        bill_id: u32,
        #[serde(with = "cents")]
        amount_due: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paid_until: Option<u32>,
        #[serde(default = "one", alias = "times")]
        how_often: u8,
    },
    Closed(Closed),
    Noted(#[cqrs(id)] u32, #[serde(default)] String),
}

fn one() -> u8 {
    1
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Closed {
    bill_id: u32,
    #[serde(flatten)]
    audit: Audit,
}

/// `flatten` in the variant itself, which serde writes as a map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "note", id = note)]
enum NoteEvent {
    Written {
        note: u32,
        #[serde(flatten)]
        audit: Audit,
        #[serde(rename = "type")]
        kind: String,
    },
    #[serde(rename(serialize = "gone", deserialize = "gone"))]
    Removed { note: u32 },
}

#[test]
fn fields_are_named_as_serde_says() {
    let opened = BillEvent::Opened { bill_id: 1, customer: "Ann".into() };
    stored(&opened, "bill.opened", r#"{"billId":1,"for":"Ann"}"#);
    let charged = BillEvent::Charged { bill_id: 1, amount_due: 250, paid_until: None, how_often: 2 };
    stored(&charged, "bill.charged", r#"{"bill-id":1,"amount-due":"250","how-often":2}"#);
    let closed = BillEvent::Closed(Closed { bill_id: 1, audit: Audit { done_by: "Bob".into() } });
    stored(&closed, "bill.closed", r#"{"BillId":1,"doneBy":"Bob"}"#);
    stored(&BillEvent::Noted(1, "paid".into()), "bill.noted", r#"[1,"paid"]"#);
    let written = NoteEvent::Written { note: 1, audit: Audit { done_by: "Bob".into() }, kind: "memo".into() };
    stored(&written, "note.written", r#"{"note":1,"doneBy":"Bob","type":"memo"}"#);
    stored(&NoteEvent::Removed { note: 1 }, "note.removed", r#"{"note":1}"#);
}

#[test]
fn what_is_missing_gets_its_default() {
    let charged = |payload: &str| BillEvent::decode("bill.written", payload.as_bytes());
    let expected = BillEvent::Charged { bill_id: 1, amount_due: 5, paid_until: None, how_often: 1 };
    assert_eq!(charged(r#"{"bill-id":1,"amount-due":"5"}"#).unwrap(), expected);
    let expected = BillEvent::Charged { bill_id: 1, amount_due: 5, paid_until: Some(9), how_often: 3 };
    assert_eq!(charged(r#"{"bill-id":1,"amount-due":"5","paid-until":9,"times":3}"#).unwrap(), expected);
    assert_eq!(BillEvent::decode("bill.noted", b"[1]").unwrap(), BillEvent::Noted(1, String::new()));
}

#[test]
fn what_is_unknown_or_wrong_is_refused_in_serdes_words() {
    let error = |payload: &str| BillEvent::decode("bill.charged", payload.as_bytes()).unwrap_err().to_string();
    assert!(error(r#"{"bill-id":1,"amount-due":"5","extra":0}"#).contains("unknown field `extra`"));
    assert!(error(r#"{"bill-id":1,"amount-due":"much"}"#).contains("invalid digit"));
    assert!(error(r#"{"bill-id":1}"#).contains("missing field `amount-due`"));
}
