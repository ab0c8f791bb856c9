use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct UserView(#[cqrs(key)] Uuid, String);

fn main() {}
