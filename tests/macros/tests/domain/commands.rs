//! The commands of the `User` that a case defines.
#![allow(dead_code)]

use cqrs::prelude::*;

use super::User;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User, result = Uuid)]
pub struct CreateUser {
    #[cqrs(id)]
    pub id: Uuid,
    pub email: String,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct RenameUser {
    #[cqrs(id)]
    pub id: Uuid,
    pub name: String,
}
