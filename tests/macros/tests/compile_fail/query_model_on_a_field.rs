use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = Option<UserView>)]
pub struct GetUser {
    #[cqrs(model = UserView)]
    pub id: Uuid,
}

fn main() {}
