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

#[projection(event = Signup)]
impl UserView {
    #[on(Created)]
    fn created(id: Uuid, email: String) -> Self {
        Self { id, email, orders: 0 }
    }
}
pub enum Signup {
    Created { id: Uuid, email: String },
}

fn main() {}
