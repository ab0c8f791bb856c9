//! One run: a database or two a peer, every scenario with every peer in turn, round after round.

use std::{fmt::Write as _, sync::Arc, time::Instant};

use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::{
    domain::{self, Account},
    measure::{self, GROUP, MANY, Sizes},
    peers::{Connect, Facts, Outcome, Peer, pool},
    table::{self, Column, Figures},
};

/// Every scenario, in the order in which a round runs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scenario {
    Clients(usize),
    Contended,
    Load,
    Many,
    Groups,
    Project,
}

const SCENARIOS: [Scenario; 8] = [
    Scenario::Clients(1),
    Scenario::Clients(64),
    Scenario::Clients(256),
    Scenario::Contended,
    Scenario::Load,
    Scenario::Many,
    Scenario::Groups,
    Scenario::Project,
];

/// The clients of the scenario with one stream.
const CONTENDERS: usize = 16;

pub struct Bench {
    url: String,
    admin: PgPool,
    sizes: Sizes,
    entrants: Vec<Entrant>,
}

/// A peer with its databases and what came of it.
struct Entrant {
    facts: &'static Facts,
    peer: Arc<dyn Peer>,
    database: PgPool,
    accounts: Arc<[Uuid]>,
    long: (Uuid, Account),
    projected: Option<Projected>,
    /// The events that were acknowledged.
    acknowledged: u64,
    figures: Figures,
    findings: Vec<String>,
    /// Scenarios that took too long to be repeated.
    tired: Vec<Scenario>,
}

/// A peer on a log that is there to be projected.
struct Projected {
    peer: Arc<dyn Peer>,
    database: PgPool,
    accounts: usize,
    sum: u64,
}

impl Bench {
    pub async fn new(url: &str, sizes: Sizes) -> Outcome<Self> {
        Ok(Self { url: url.to_owned(), admin: pool(url, 1).await?, sizes, entrants: Vec::new() })
    }

    /// A database of its own for a peer, with the schema that the peer does not make itself.
    async fn database(&self, name: &str, facts: &Facts) -> Outcome<(String, PgPool)> {
        let name = format!("peers_{name}").replace(['-', ' '], "_");
        sqlx::raw_sql(&format!("drop database if exists {name} with (force)")).execute(&self.admin).await?;
        sqlx::raw_sql(&format!("create database {name}")).execute(&self.admin).await?;
        let url = match self.url.rsplit_once('/') {
            Some((server, _)) if !server.ends_with('/') => format!("{server}/{name}"),
            _ => format!("{}/{name}", self.url),
        };
        let database = pool(&url, 1).await?;
        sqlx::raw_sql(facts.schema).execute(&database).await?;
        Ok((url, database))
    }

    /// Connects a peer and gives it the accounts that the scenarios need.
    pub async fn add(&mut self, peer: &dyn Connect) -> Outcome<()> {
        let (facts, sizes) = (peer.facts(), self.sizes);
        eprintln!("{}: prepares", facts.name);
        let (url, database) = self.database(facts.name, facts).await?;
        let connected = peer.connect(&url).await?;
        let accounts = measure::open_all(&connected, sizes.streams).await?;
        let long = measure::history(&connected, sizes.history).await?;
        let acknowledged = u64::try_from(accounts.len())? + 1 + long.1.deposits;
        let projected = match facts.projection {
            Some(_) => Some(self.projected(peer).await?),
            None => None,
        };
        sqlx::raw_sql("vacuum analyze").execute(&database).await?;
        self.entrants.push(Entrant {
            facts,
            peer: connected,
            database,
            accounts,
            long,
            projected,
            acknowledged,
            figures: Figures::default(),
            findings: Vec::new(),
            tired: Vec::new(),
        });
        Ok(())
    }

    async fn projected(&self, peer: &dyn Connect) -> Outcome<Projected> {
        let facts = peer.facts();
        let (url, database) = self.database(&format!("{} projected", facts.name), facts).await?;
        let peer = peer.connect(&url).await?;
        let accounts = measure::open_all(&peer, self.sizes.projected).await?;
        let sum = measure::fill(&peer, &accounts).await?;
        peer.prepare_projection().await?;
        sqlx::raw_sql("vacuum analyze").execute(&database).await?;
        Ok(Projected { peer, database, accounts: accounts.len(), sum })
    }

    pub async fn run(&mut self) -> Outcome<()> {
        for round in 1..=self.sizes.rounds {
            for scenario in SCENARIOS {
                sqlx::raw_sql("checkpoint").execute(&self.admin).await?;
                for entrant in &mut self.entrants {
                    if entrant.tired.contains(&scenario) {
                        continue;
                    }
                    eprintln!("round {round}, {scenario:?}: {}", entrant.facts.name);
                    let start = Instant::now();
                    if let Err(error) = entrant.run(scenario, self.sizes).await {
                        entrant.found(format!("{scenario:?}: {error}"));
                    }
                    if start.elapsed() > self.sizes.patience {
                        entrant.tired.push(scenario);
                    }
                }
            }
        }
        Ok(())
    }

    /// The table, what was found beside it, and the conditions, in Markdown.
    pub async fn report(&self) -> Outcome<String> {
        let rows: Vec<_> = self.entrants.iter().map(|entrant| (entrant.facts.name, &entrant.figures)).collect();
        let mut text = table::markdown(&rows);
        writeln!(text, "\n\n{}\n", self.conditions().await?)?;
        for Entrant { facts, findings, .. } in &self.entrants {
            facts.notes.iter().try_for_each(|note| writeln!(text, "- {}: {note}", facts.name))?;
            findings.iter().try_for_each(|finding| writeln!(text, "- **{}**: {finding}", facts.name))?;
        }
        Ok(text)
    }

    async fn conditions(&self) -> Outcome<String> {
        let setting = async |name: &str| {
            let value =
                sqlx::query_scalar::<_, String>("select current_setting($1)").bind(name).fetch_one(&self.admin).await?;
            Outcome::Ok(value)
        };
        let Sizes { rounds, streams, time, history, projected, .. } = self.sizes;
        Ok(format!(
            "PostgreSQL {}, fsync {}, full_page_writes {}, synchronous_commit {}; server and clients on one machine with {} cores; \
             payloads of {} bytes; medians of {rounds} rounds, in which each scenario is run with every peer in turn; {} s of commands \
             to any of {streams} streams; a history of {history} events; {} events projected; latencies from the first attempt to success.",
            setting("server_version").await?,
            setting("fsync").await?,
            setting("full_page_writes").await?,
            setting("synchronous_commit").await?,
            std::thread::available_parallelism()?,
            domain::PAYLOAD,
            time.as_secs_f64(),
            u64::try_from(projected)? * Sizes::PER_ACCOUNT,
        ))
    }
}

impl Entrant {
    fn found(&mut self, finding: String) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    async fn run(&mut self, scenario: Scenario, sizes: Sizes) -> Outcome<()> {
        match scenario {
            Scenario::Clients(clients) => {
                let accounts = self.accounts.clone();
                let run = self.commands(scenario, &accounts, clients, sizes).await?;
                for (column, value) in Column::of_clients(clients, run.rate(), run.percentile(50), run.percentile(99)) {
                    self.figures.add(column, value);
                }
                if run.conflict_share() >= 0.1 {
                    self.found(format!(
                        "{clients} clients on {} streams: {:.1} % conflicts",
                        accounts.len(),
                        run.conflict_share()
                    ));
                }
            }
            Scenario::Contended => {
                let account = measure::open_all(&self.peer, 1).await?;
                self.acknowledged += 1;
                let run = self.commands(scenario, &account, CONTENDERS, sizes).await?;
                self.figures.add(Column::Contended, run.rate());
                self.figures.add(Column::Conflicts, run.conflict_share());
            }
            Scenario::Load => {
                let (account, expected) = self.long;
                let (rate, loaded) = measure::load(&self.peer, account, sizes.loads).await?;
                self.figures.add(Column::Load, rate);
                if loaded != expected {
                    self.found(format!("loaded {loaded:?} where {expected:?} was acknowledged"));
                }
            }
            Scenario::Many if self.facts.several => {
                let accounts = measure::open_all(&self.peer, sizes.many).await?;
                let rate = measure::many(&self.peer, &accounts, MANY).await?;
                self.acknowledged += u64::try_from(accounts.len())? * (1 + MANY);
                self.figures.add(Column::Many, rate);
                self.check_stored(scenario).await?;
            }
            Scenario::Groups if self.facts.raw => {
                let accounts = measure::open_all(&self.peer, sizes.many).await?;
                let rate = measure::many(&self.peer, &accounts, GROUP).await?;
                self.acknowledged += u64::try_from(accounts.len())? * (1 + GROUP);
                self.figures.add(Column::Groups, rate);
            }
            Scenario::Many | Scenario::Groups => {}
            Scenario::Project => self.project(sizes).await?,
        }
        Ok(())
    }

    /// Clients, and whether what they were told is true.
    async fn commands(
        &mut self,
        scenario: Scenario,
        accounts: &Arc<[Uuid]>,
        clients: usize,
        sizes: Sizes,
    ) -> Outcome<measure::Run> {
        let run = measure::clients(&self.peer, accounts, clients, sizes.time).await;
        self.acknowledged += run.commands;
        for failure in &run.failures {
            self.found(format!("{scenario:?}: {failure}"));
        }
        self.check_stored(scenario).await?;
        Ok(run)
    }

    async fn check_stored(&mut self, scenario: Scenario) -> Outcome<()> {
        let stored: i64 = sqlx::query_scalar(self.facts.events).fetch_one(&self.database).await?;
        let (stored, acknowledged) = (u64::try_from(stored)?, self.acknowledged);
        if stored != acknowledged {
            self.found(format!("{scenario:?}: {acknowledged} events were acknowledged, {stored} are stored"));
            self.acknowledged = stored;
        }
        Ok(())
    }

    async fn project(&mut self, sizes: Sizes) -> Outcome<()> {
        let (Some(Projected { peer, database, accounts, sum }), Some(projection)) =
            (&self.projected, &self.facts.projection)
        else {
            return Ok(());
        };
        sqlx::raw_sql(projection.reset).execute(database).await?;
        let events = u64::try_from(sizes.projected)? * Sizes::PER_ACCOUNT;
        let start = Instant::now();
        peer.project().await?;
        let rate = measure::rate(events, start);
        let view = sqlx::query(projection.view).fetch_one(database).await?;
        let (rows, seen): (i64, i64) = (view.try_get(0)?, view.try_get(1)?);
        let finding = format!("the view has {rows} of {accounts} rows, and {seen} of a balance of {sum}");
        self.figures.add(Column::Project, rate);
        if usize::try_from(rows)? != *accounts || u64::try_from(seen)? != *sum {
            self.found(finding);
        }
        Ok(())
    }
}
