#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct User;

#[aggregate(event = UserEvent, error = UserError)]
impl User {}

fn main() {}
