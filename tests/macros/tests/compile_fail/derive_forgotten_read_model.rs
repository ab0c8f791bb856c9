#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Debug, Serialize, Deserialize)]
#[cqrs(name = "names")]
pub struct Name {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub name: String,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = Name, result = Vec<Name>)]
pub struct FindName {
    pub name: String,
}

#[projection(event = UserEvent, ignore(Created, Closed))]
impl Name {
    #[on(Renamed)]
    fn renamed(id: Uuid, name: String) -> Self {
        Self { id, name }
    }

    #[handle]
    async fn find(names: &Views<Self>, query: FindName) -> Result<Vec<Self>, QueryError> {
        names.filter(Self::NAME.eq(query.name)).page(1, 10).await
    }
}

async fn run(builder: cqrs::EngineBuilder) {
    let engine = builder.projection::<Name>().start().await.unwrap();
    let _ = engine.query(FindName { name: String::new() }).await;
}

fn main() {}
