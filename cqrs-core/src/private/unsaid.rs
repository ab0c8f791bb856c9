//! The aggregate of a command that says which of its fields is the id, but not of what.
//!
//! That is reported where the command is derived. With this for its aggregate it is a command of whichever block handles
//! it, and can be executed, so that nothing more is said.

use std::{error::Error, marker::PhantomData};

use super::no_codec;
use crate::{
    aggregate::{Aggregate, Decide, DecisionResult, Misapplied, Target},
    command::Command,
    context::Context,
    dispatch::CommandRoutes,
    engine::Engine,
    event::{Event, EventType, LostClaim},
    payload::Codec,
};

/// The aggregate that is not said, of a command that fails with `E`.
#[derive(Debug)]
pub struct Unsaid<E>(PhantomData<fn() -> E>);

/// Its events. There are none.
#[derive(Debug)]
pub enum NoEvent {}

/// What a command says is its aggregate, and the one that handles it.
pub trait Of<A> {}

#[diagnostic::do_not_recommend]
impl<A> Of<A> for A {}

// What has an `#[aggregate]` block; that `Unsaid` has none keeps the two apart.
#[diagnostic::do_not_recommend]
impl<A: CommandRoutes<Engine>, E> Of<A> for Unsaid<E> {}

#[diagnostic::do_not_recommend]
impl Event for NoEvent {
    type Id = String;

    const AGGREGATE: &'static str = "";
    const TYPES: &'static [EventType] = &[];
    const CODEC: Codec<Self> = no_codec();

    fn aggregate_id(&self) -> &String {
        match *self {}
    }

    fn type_index(&self) -> usize {
        match *self {}
    }
}

#[diagnostic::do_not_recommend]
impl<E> LostClaim<E> for NoEvent {
    fn lost_claim(&self, _: &str) -> Option<E> {
        match *self {}
    }
}

#[diagnostic::do_not_recommend]
impl<E: Error + Send + Sync + 'static> Aggregate for Unsaid<E> {
    type Event = NoEvent;
    type Error = E;

    fn creates(event: &NoEvent) -> bool {
        match *event {}
    }

    fn apply(_: &mut Option<Self>, event: NoEvent) -> Result<(), Misapplied> {
        match event {}
    }
}

#[diagnostic::do_not_recommend]
impl<C: Command, E: Error + Send + Sync + 'static> Decide<C> for Unsaid<E> {
    const TARGET: Target = Target::New;

    fn decide(_: Option<&Self>, _: &C, _: &Context) -> DecisionResult<Self, C> {
        unreachable!("a command that does not say its aggregate does not compile")
    }
}
