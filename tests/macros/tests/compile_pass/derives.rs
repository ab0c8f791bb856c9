//! The data of a domain, with every key of every derive.
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]

use cqrs::{ClaimChange, Event as _, EventClaim, Value, prelude::*};

/// Facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    /// The first.
    Created {
        /// Who.
        id: Uuid,
        /// Reachable at.
        #[cqrs(unique, taken = UserError::EmailExists)]
        email: String,
        /// Called.
        name: String,
    },
    /// The id under another name.
    #[cqrs(name = "user.renamed", alias = "user.name_changed", alias = "user.called", id = user_id)]
    Renamed {
        /// Who.
        user_id: Uuid,
        /// Called.
        name: String,
    },
    /// The last.
    #[cqrs(release(email, login))]
    Closed {
        /// Who.
        #[cqrs(id)]
        user: Uuid,
    },
    /// A struct of its own.
    Moved(Moved),
    /// Several fields without names.
    Invited(#[cqrs(id)] Uuid, #[cqrs(unique = "login")] u32),
}

/// A fact with a type of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// Who.
    pub id: Uuid,
    /// Where to.
    pub city: String,
}

/// Ids in structs only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "item", id = item_id, id_type = u64)]
pub enum ItemEvent {
    /// One.
    Added(ItemAdded),
}

/// Its fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemAdded {
    /// Which.
    pub item_id: u64,
}

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Taken.
    #[error("email already exists: {0}")]
    EmailExists(String),
}

/// A service's command.
#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Vec<(Uuid, u8)>, error = UserError, name = "user.register", crate = ::cqrs)]
pub struct RegisterUser {
    /// Reachable at.
    pub email: String,
}

/// One that cannot fail and says nothing.
#[derive(Debug, Clone, Deserialize, Command)]
pub struct Tick;

/// A view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "users")]
pub struct UserView {
    /// Who.
    #[cqrs(key)]
    pub id: Uuid,
    /// Reachable at.
    #[cqrs(index)]
    pub email: String,
    /// Called.
    pub name: Option<String>,
    #[cqrs(index)]
    seen: Option<DateTime<Utc>>,
}

/// A question.
#[derive(Debug, Deserialize, Query)]
#[cqrs(model = UserView, result = Option<UserView>)]
pub struct GetUser {
    /// Who.
    pub id: Uuid,
}

/// A service's.
#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64, name = "count")]
pub struct CountUsers;

fn read_back(event: &UserEvent, name: &str, payload: &str) {
    let bytes = event.encode().unwrap();
    assert_eq!(std::str::from_utf8(&bytes).unwrap(), payload);
    assert_eq!(UserEvent::decode(name, &bytes).unwrap(), *event);
}

fn main() {
    let id = Uuid::nil();
    let nil = "00000000-0000-0000-0000-000000000000";
    let renamed = UserEvent::Renamed { user_id: id, name: "Bob".to_owned() };
    read_back(&renamed, "user.renamed", &format!(r#"{{"user_id":"{nil}","name":"Bob"}}"#));
    read_back(&renamed, "user.called", &format!(r#"{{"user_id":"{nil}","name":"Bob"}}"#));
    read_back(&UserEvent::Invited(id, 7), "user.invited", &format!(r#"["{nil}",7]"#));
    let city = "Delft".to_owned();
    read_back(&UserEvent::Moved(Moved { id, city }), "user.moved", &format!(r#"{{"id":"{nil}","city":"Delft"}}"#));

    let invited = UserEvent::Invited(id, 7);
    assert_eq!(invited.aggregate_id(), &id);
    assert_eq!(invited.event_type().name, "user.invited");
    let taken = |key, value: &str| EventClaim { key, change: ClaimChange::Set(value.to_owned()) };
    assert_eq!(invited.claims(), [taken("user.login", "7")]);
    let moved = UserEvent::Moved(Moved { id, city: "Delft".to_owned() });
    assert_eq!(moved.aggregate_id(), &id);
    assert!(moved.claims().is_empty());
    let given_back = |key| EventClaim { key, change: ClaimChange::Release };
    assert_eq!(UserEvent::Closed { user: id }.claims(), [given_back("user.email"), given_back("user.login")]);
    assert_eq!(UserEvent::TYPES[1].aliases, ["user.name_changed", "user.called"]);
    let added = ItemEvent::Added(ItemAdded { item_id: 3 });
    assert_eq!(added.aggregate_id(), &3);
    let created = UserEvent::Created { id, email: "a@b".to_owned(), name: String::new() };
    let error = cqrs::LostClaim::<UserError>::lost_claim(&created, "user.email");
    assert!(matches!(error, Some(UserError::EmailExists(email)) if email == "a@b"));
    assert!(cqrs::LostClaim::<UserError>::lost_claim(&created, "user.login").is_none());
    assert!(cqrs::LostClaim::<String>::lost_claim(&added, "item.number").is_none());

    assert_eq!(RegisterUser::COMMAND_NAME, "user.register");
    assert_eq!(Tick::COMMAND_NAME, "tick");
    assert_eq!(GetUser::QUERY_NAME, "get_user");
    assert_eq!(CountUsers::QUERY_NAME, "count");

    assert_eq!(format!("{:?}", UserView::SEEN), "users.seen");
    let view = UserView { id, email: String::new(), name: None, seen: None };
    assert_eq!(view.columns().unwrap(), [Value::Uuid(id), Value::Text(String::new()), Value::Null]);
    let columns: Vec<_> = UserView::SCHEMA.columns.iter().map(|column| (column.name, column.nullable)).collect();
    assert_eq!(columns, [("id", false), ("email", false), ("seen", true)]);
    let _ = UserView::EMAIL.eq("a@b").and(UserView::ID.ne(id));
}
