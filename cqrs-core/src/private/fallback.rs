//! What keeps one mistake one error: stand-ins for what is reported elsewhere.

use std::marker::PhantomData;

use crate::{
    dispatch::{ByName, CommandRoute, QueryRoute},
    event::{Event, EventType},
    payload::Codec,
};

/// The types of an event enum: [`TYPES`](Self::TYPES), or those of [`NoTypes`] where it is none.
#[derive(Debug)]
pub struct TypesOf<E>(PhantomData<E>);

impl<E: Event> TypesOf<E> {
    /// One entry a variant.
    pub const TYPES: &'static [EventType] = E::TYPES;
}

/// A type beside another.
pub trait Beside<T> {
    /// The other.
    type Itself;
}

impl<S, T> Beside<T> for S {
    type Itself = T;
}

/// What is no event has no types; that it is none is reported elsewhere.
pub trait NoTypes {
    /// Nothing.
    const TYPES: &'static [EventType] = &[];
}

impl<E> NoTypes for TypesOf<E> {}

/// How what could not be read is stored. Never called: that it could not be read is a compile error elsewhere.
#[must_use]
pub const fn no_codec<E>() -> Codec<E> {
    Codec {
        encode: |_| unreachable!("an event that cannot be read does not compile"),
        decode: |_, _| unreachable!("an event that cannot be read does not compile"),
    }
}

impl<H, C> Clone for ByName<H, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H, C> Copy for ByName<H, C> {}

/// What is no command has no route. By value, so that it is looked at after the others.
pub trait NoCommand<H>: Sized {
    /// Never called: that it is no command is a compile error elsewhere.
    fn command_route(self) -> CommandRoute<H> {
        unreachable!("a handler of what is no command does not compile")
    }
}

impl<H, C> NoCommand<H> for ByName<H, C> {}

/// What is no query has no route.
pub trait NoQuery<H>: Sized {
    /// Never called: that it is no query is a compile error elsewhere.
    fn query_route(self) -> QueryRoute<H> {
        unreachable!("a handler of what is no query does not compile")
    }
}

impl<H, Q> NoQuery<H> for ByName<H, Q> {}
