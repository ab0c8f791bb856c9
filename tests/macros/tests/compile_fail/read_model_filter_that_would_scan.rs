use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub email: String,
    pub name: String,
}

fn called_alice(users: &Views<UserView>) {
    let _ = users.filter(UserView::NAME.eq("Alice"));
}

fn main() {}
