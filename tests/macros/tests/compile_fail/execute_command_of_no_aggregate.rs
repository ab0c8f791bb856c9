use cqrs::prelude::*;

pub struct User;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct RenameUser {
    #[cqrs(id)]
    pub id: Uuid,
    pub name: String,
}

pub async fn run(engine: Engine, id: Uuid) {
    let renamed = engine.execute(RenameUser { id, name: "Ann".into() }).await.unwrap();
    println!("{} {:?}", renamed.version, renamed.result);
    if let Err(error) = engine.execute(RenameUser { id, name: "Bob".into() }).actor("ann").await {
        println!("{error}");
    }
}

fn main() {}
