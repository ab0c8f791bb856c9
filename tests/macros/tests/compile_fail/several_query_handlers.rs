use cqrs::prelude::*;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
pub struct CountUsers;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = String)]
pub struct Motto;

pub struct Reports;

#[query_handlers(model = Reports)]
impl Reports {
    #[handle]
    fn count(&self, _: CountUsers) -> Result<u64, QueryError> {
        Ok(0)
    }

    #[handle]
    async fn motto(self, query: Motto, ctx: &Context) -> Result<String, QueryError> {
        drop((query, ctx.now()));
        Ok(String::new())
    }

    #[handle]
    async fn nothing(&self) -> Result<(), QueryError> {
        Ok(())
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
