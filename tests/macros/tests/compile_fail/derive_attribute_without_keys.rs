use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs]
pub struct Register;

fn main() {}
