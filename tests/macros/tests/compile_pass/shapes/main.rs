//! Shapes of users' code that must work, a theme a file. One binary, because each is a link.

#![deny(warnings)]

mod by_path;
mod conditions;
mod direct;
mod from_macros;
mod generics;
mod ids;
mod lints;
mod names;
mod privacy;
mod serde_attributes;
mod tuples;
mod wide;

use std::future::Future;

use cqrs::{Event, prelude::*};

/// What a future comes to.
fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

/// That an event is stored under `name` as `payload`, and read back as it was.
#[track_caller]
fn stored<E: Event + PartialEq + std::fmt::Debug>(event: &E, name: &str, payload: &str) {
    let bytes = event.encode().unwrap();
    assert_eq!((event.event_type().name, std::str::from_utf8(&bytes).unwrap()), (name, payload));
    assert_eq!(E::decode(name, &bytes).unwrap(), *event);
}

/// The names that a program of commands only is called by.
fn command_names<A: cqrs::dispatch::CommandRoutes<Engine>>() -> Vec<&'static str> {
    A::command_routes().iter().map(|route| route.name).collect()
}
