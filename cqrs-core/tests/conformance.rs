//! The in-memory store, held to the contract.
#![cfg(feature = "conformance")]

use std::future::ready;

use cqrs_core::{MemoryStore, conformance::Fixture};

fn memory() -> Fixture<MemoryStore> {
    let store = MemoryStore::new();
    Fixture::new(store.clone()).opened_again_by(move || ready(store.clone()))
}

cqrs_core::conformance! { store: ready(memory()) }
