//! The data of a domain, with every key of every derive.
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]

use cqrs::{Event as _, prelude::*};

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

fn main() {
    let id = Uuid::nil();
    let invited = UserEvent::Invited(id, 7);
    assert_eq!(invited.aggregate_id(), &id);
    assert_eq!(invited.event_type().name, "user.invited");
    assert_eq!(invited.claims().len(), 1);
    let moved = UserEvent::Moved(Moved { id, city: "Delft".to_owned() });
    assert_eq!(moved.aggregate_id(), &id);
    assert!(moved.claims().is_empty());
    assert_eq!(UserEvent::Closed { user: id }.claims().len(), 2);
    assert_eq!(UserEvent::TYPES[1].aliases, ["user.name_changed", "user.called"]);
    let added = ItemEvent::Added(ItemAdded { item_id: 3 });
    assert_eq!(added.aggregate_id(), &3);
    let created = UserEvent::Created { id, email: "a@b".to_owned(), name: String::new() };
    let error = cqrs::LostClaim::<UserError>::lost_claim(&created, "user.email");
    assert!(matches!(error, Some(UserError::EmailExists(email)) if email == "a@b"));

    assert_eq!(RegisterUser::NAME, "user.register");
    assert_eq!(Tick::NAME, "tick");
    assert_eq!(GetUser::NAME, "get_user");
    assert_eq!(CountUsers::NAME, "count");

    assert_eq!(UserView::SCHEMA.columns.len(), 3);
    assert_eq!(format!("{:?}", UserView::SEEN), "users.seen");
    let view = UserView { id, email: String::new(), name: None, seen: None };
    assert_eq!(view.columns().unwrap().len(), 3);
    let _ = UserView::EMAIL.eq("a@b").and(UserView::ID.ne(id));
}
