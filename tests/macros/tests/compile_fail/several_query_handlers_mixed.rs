use cqrs::prelude::*;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
pub struct CountUsers;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = String)]
pub struct Motto;

pub struct Reports;

#[query_handlers]
impl Reports {
    #[handle]
    async fn count(&self, _: CountUsers) -> Result<String, QueryError> {
        Ok(String::new())
    }

    #[handle]
    async fn motto(&self, query: Motto, language: String) -> Result<String, QueryError> {
        drop(query);
        Ok(language)
    }
}

#[derive(Dispatcher)]
pub struct App {
    reports: Reports,
}

pub async fn run(app: App) {
    let _ = app.query(CountUsers).await;
    let _ = app.query(Motto).await;
}

fn main() {}
