//! This framework beside its published peers and the raw driver, on one PostgreSQL server in one run. See README.md.

mod domain;
mod measure;
mod peers;
mod raw;
mod run;
mod table;

use std::{env, process::ExitCode};

use measure::Sizes;
use peers::{Connect, Outcome, cqrs_es, disintegrate, es_entity, esrs, eventcore, eventsourced};
use run::Bench;
use test_server::Server;

const USAGE: &str = "usage: peers [--quick] [--rounds N] [--only NAME[,NAME…]] [--url URL]

  --quick    small sizes and one round: whether everything runs
  --rounds   how often each scenario is run; the table has medians
  --only     the peers whose name contains one of these
  --url      a server that runs already, whose databases `peers_…` are dropped and made anew";

struct Arguments {
    sizes: Sizes,
    only: Vec<String>,
    url: Option<String>,
}

fn arguments(mut given: impl Iterator<Item = String>) -> Outcome<Arguments> {
    let mut arguments = Arguments { sizes: Sizes::FULL, only: Vec::new(), url: None };
    let mut rounds = None;
    while let Some(argument) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("`{argument}` needs a value\n\n{USAGE}"));
        match argument.as_str() {
            "--quick" => arguments.sizes = Sizes::QUICK,
            "--rounds" => rounds = Some(value()?.parse()?),
            "--only" => arguments.only = value()?.split(',').map(str::to_owned).collect(),
            "--url" => arguments.url = Some(value()?),
            _ => return Err(USAGE.into()),
        }
    }
    arguments.sizes.rounds = rounds.unwrap_or(arguments.sizes.rounds).max(1);
    Ok(arguments)
}

fn all() -> Vec<Box<dyn Connect>> {
    vec![
        Box::new(cqrs_es::CqrsEs),
        Box::new(esrs::Esrs),
        Box::new(es_entity::EsEntityPeer),
        Box::new(disintegrate::Disintegrate),
        Box::new(eventcore::EventCore),
        Box::new(eventsourced::EventSourcedPeer),
        Box::new(raw::TokioPostgres),
        Box::new(raw::Sqlx),
    ]
}

async fn bench() -> Outcome<()> {
    let Arguments { sizes, only, url } = arguments(env::args().skip(1))?;
    let server = match url {
        Some(_) => None,
        None => Some(Server::start()?),
    };
    let url = url.or(server.as_ref().map(|server| server.url("postgres"))).ok_or("no server")?;
    let chosen = |peer: &dyn Connect| only.is_empty() || only.iter().any(|name| peer.facts().name.contains(name));
    let mut bench = Bench::new(&url, sizes).await?;
    for peer in all().into_iter().filter(|peer| chosen(peer.as_ref())) {
        bench.add(peer.as_ref()).await?;
    }
    bench.run().await?;
    println!("{}", bench.report().await?);
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    match bench().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
