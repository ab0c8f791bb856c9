use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = UserView, result = Option<UserView>, timeout = 5)]
pub struct GetUser {
    pub id: Uuid,
}

fn main() {}
