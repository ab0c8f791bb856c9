use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(table = "My Users", id = id)]
pub struct UserView {
    #[cqrs(key, index)]
    pub id: Uuid,
    #[cqrs(key)]
    pub email: String,
    #[serde(skip)]
    #[cqrs(index)]
    pub name: String,
    #[cqrs(indexed, unique)]
    pub city: String,
}

pub async fn run(users: Views<UserView>) {
    let _ = users.filter(UserView::CITY.eq("Delft")).rows().await;
    let _ = users.get(&Uuid::nil()).await;
}

fn main() {}
