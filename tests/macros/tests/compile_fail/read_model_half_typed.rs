use cqrs::{Views, prelude::*};

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: u64,
    #[cqrs(index)]
    pub email: String
    pub name: String,
}

pub async fn emails(views: &Views<UserView>) -> Result<Option<UserView>, QueryError> {
    views.filter(UserView::EMAIL.eq("a@b.c")).first().await
}

fn main() {}
