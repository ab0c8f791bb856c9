#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
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

#[projection(evnt = UserEvent, ignore(Created, Closed))]
impl Name {
    #[on(Renamed)]
    fn renamed(id: Uuid, name: String) -> Self {
        Self { id, name }
    }

    #[handle]
    async fn get(names: &Views<Self>, query: GetName) -> Result<Option<Self>, QueryError> {
        names.get(&query.id).await
    }
}

async fn run(builder: cqrs::EngineBuilder) -> Option<String> {
    let engine = builder.projection::<Name>().start().await.ok()?;
    engine.query(GetName { id: Uuid::nil() }).await.ok()?.map(|row| row.name)
}

fn main() {}
