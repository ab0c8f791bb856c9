use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(modle = UserView, result = Option<UserView>)]
pub struct GetUser {
    pub id: Uuid,
}

fn main() {}
