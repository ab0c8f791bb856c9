//! What the store promises, through its public API, on a real server.

#[allow(dead_code, unreachable_pub, reason = "the domain of `tests/behaviour`, of which this needs a part")]
#[path = "../../../../tests/behaviour/account.rs"]
mod account;
mod conformance;
mod encrypted;
mod kills;
mod leases;
#[allow(unreachable_pub, reason = "shared with `tests/behaviour`")]
#[path = "../../../../tests/behaviour/linearizable.rs"]
mod linearizable;
mod load;
mod migrations;
mod payloads;
mod plans;
mod pooling;
mod pools;
mod processes;
mod races;
mod refused;
mod rights;
mod roles;
mod settings;
mod silence;
mod spoilt;
mod stalls;
mod support;
mod takeover;
mod transactions;
mod views;
mod waiting;
