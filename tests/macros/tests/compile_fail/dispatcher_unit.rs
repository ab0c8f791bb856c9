use cqrs::prelude::*;

#[derive(Dispatcher)]
pub struct App;

fn main() {}
