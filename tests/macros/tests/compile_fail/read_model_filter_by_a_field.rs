use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub email: String,
}

fn find(users: &Views<UserView>) {
    let _ = users.filter(UserView::EMAIL);
}

fn main() {}
