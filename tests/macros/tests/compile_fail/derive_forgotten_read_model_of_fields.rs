use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize)]
pub struct Name {
    #[cqrs(key)]
    pub id: Uuid,
    pub name: String,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = Name, result = Option<Name>)]
pub struct GetName {
    pub id: Uuid,
}

fn main() {}
