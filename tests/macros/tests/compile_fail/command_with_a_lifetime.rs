use cqrs::prelude::*;

#[derive(Debug, Clone, Command)]
#[cqrs(result = Uuid)]
pub struct CreateUser<'a> {
    pub email: &'a str,
}

fn main() {}
