use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub active: bool,
}

fn active(users: &Views<UserView>) {
    let _ = users.filter(UserView::IS_ACTIVE.eq(true)); // the field was `is_active` once
}

fn main() {}
