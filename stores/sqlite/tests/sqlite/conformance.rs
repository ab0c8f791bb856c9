//! S1 to S10, as every store is held to them: this is where `cqrs_core::conformance!` is called.
