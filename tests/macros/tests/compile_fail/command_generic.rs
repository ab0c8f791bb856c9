use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = u32)]
pub struct Register<T> {
    pub email: T,
}

fn main() {}
