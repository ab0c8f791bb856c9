use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize)]
pub struct UserView {
    pub id: Uuid,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = UserView, result = u32)]
pub struct CountUsers;

fn main() {}
