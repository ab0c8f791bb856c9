use cqrs::prelude::*;

#[derive(Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    pub email: String,
    pub orders: u64,
}

#[derive(Deserialize, Query)]
#[cqrs(model = UserView, result = Option<UserView>)]
pub struct GetUser {
    pub id: Uuid,
}

pub fn start(builder: cqrs::EngineBuilder) -> cqrs::EngineBuilder {
    builder.projection::<UserView>()
}

fn main() {}
