//! Servers, databases and roles that cannot be worked with: an error names the cure, and nothing is lost.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::{MetadataExt as _, chown},
    path::Path,
    process::Command,
};

use cqrs_core::{Append, EventStore as _, NewEvent, Position, StoreError};
use cqrs_postgres::PostgresStore;
use test_server::Server;

use crate::roles::{
    Home, PASSWORD, append, assert_gapless, connect, event, full, read_all, stream, unopenable, unwritable, with,
    with_login, write,
};

async fn refusal(url: &str) -> StoreError {
    let builder = PostgresStore::builder(url);
    assert!(!format!("{builder:?}").contains(PASSWORD));
    let error = builder.open().await.unwrap_err();
    let told = format!("{error} {error:?} {error:#?}");
    assert!(!told.contains(PASSWORD), "{told}");
    error
}

async fn unavailable(url: &str) -> String {
    let StoreError::Unavailable { message, .. } = refusal(url).await else { panic!("it is there") };
    message
}

#[tokio::test]
async fn who_cannot_connect_hears_why() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let message = unavailable(&format!("postgres://app:{PASSWORD}@127.0.0.1:{port}/app")).await;
    assert!(message.contains("is it running, and are host and port right?"), "{message}");
    let message = unavailable(&format!("postgres://app:{PASSWORD}@nowhere.invalid/app")).await;
    assert!(message.contains("is it running, and are host and port right?"), "{message}");

    let home = Home::new().await;
    for (url, cure) in [
        (with_login(&home.url, &home.guest, "hunter3"), "check its name, its password"),
        (with_login(&home.url, "nobody_here", PASSWORD), "check its name, its password"),
        (home.of(&home.guest).replace(&home.database(), "cqrs_nowhere"), "CREATE DATABASE"),
    ] {
        let message = unopenable(refusal(&url).await);
        assert!(message.contains(cure), "{message}");
    }
    let message = unopenable(refusal(&home.of(&home.guest).replace(&format!(":{PASSWORD}"), "")).await);
    assert!(message.contains("password missing"), "{message}");
}

#[tokio::test]
async fn a_connection_string_that_is_none_gives_no_password_away() {
    for (url, said) in [
        ("", ""),
        ("app.db", ""),
        ("postgres://app:hunter2@host:port/app", "option `port`"),
        ("postgres://app:hunter2@host/app?sslmode=sometimes", "option `sslmode`"),
        ("postgres://app:hunter2@host/app?sslrootcert=a.pem", "`sslrootcert` is not supported"),
        ("host=h password=hunter2 hunter2=x", ""),
        ("host=h password='hunter2", ""),
    ] {
        let message = match refusal(url).await {
            StoreError::Unopenable { message, .. } => message,
            error => panic!("{url}: {error:?}"),
        };
        assert!(message.contains(said), "{url}: {message}");
    }
}

#[tokio::test]
async fn a_database_of_another_encoding_is_refused() {
    let home = Home::new().await;
    for encoding in ["SQL_ASCII", "LATIN1"] {
        let name = format!("{}_{}", home.database(), encoding.to_lowercase());
        home.run(&format!("CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")).await;
        let message = unopenable(refusal(&home.url.replace(&home.database(), &name)).await);
        assert!(message.contains(encoding) && message.contains("ENCODING 'UTF8'"), "{message}");
        home.run(&format!("DROP DATABASE {name}")).await;
    }
}

#[tokio::test]
async fn where_nothing_may_be_written_what_is_there_is_read() {
    let home = Home::new().await;
    let store = home.builder(&home.owner).open().await.unwrap();
    write(&store, full("a")).await.unwrap();

    let read_only = with(&home.of(&home.owner), "options=-cdefault_transaction_read_only%3Don");
    let reading = PostgresStore::connect(&read_only).await.unwrap();
    assert_eq!(read_all(&reading).await.len(), 1);
    let message = unwritable(write(&reading, full("b")).await.unwrap_err());
    assert!(message.contains("default_transaction_read_only"), "{message}");
    let message = unwritable(PostgresStore::builder(&read_only).schema("other").open().await.unwrap_err());
    assert!(message.contains("default_transaction_read_only"), "{message}");
    assert_eq!(store.holder("thing.name", "b").await.unwrap(), None);

    // An operator turns it on and off again under a program that runs.
    home.run(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", home.database())).await;
    let fresh = PostgresStore::connect(home.of(&home.owner)).await.unwrap();
    unwritable(write(&fresh, full("b")).await.unwrap_err());
    home.run(&format!(
        "BEGIN READ WRITE; ALTER DATABASE {} RESET default_transaction_read_only; COMMIT",
        home.database()
    ))
    .await;
    write(&store, full("b")).await.unwrap();
    assert_gapless(&read_all(&reading).await);
}

#[tokio::test]
async fn a_role_without_rights_hears_what_to_run() {
    let home = Home::new().await;
    let message = unwritable(home.builder(&home.guest).open().await.unwrap_err());
    assert!(message.contains("`grants_sql`"), "{message}");
    let store = home.builder(&home.owner).open().await.unwrap();
    write(&store, full("a")).await.unwrap();
    let message = unwritable(home.builder(&home.guest).open().await.unwrap_err());
    assert!(message.contains("`grants_sql`"), "{message}");

    // What is read may be what is not written.
    let guest = &home.guest;
    home.own(&format!("GRANT USAGE ON SCHEMA cqrs TO {guest}; GRANT SELECT ON ALL TABLES IN SCHEMA cqrs TO {guest}"))
        .await;
    let reading = home.builder(guest).open().await.unwrap();
    assert_eq!(read_all(&reading).await.len(), 1);
    let both = [full("b"), append().event(event("c"))];
    let message = unwritable(reading.append(&both).await.unwrap_err());
    assert!(message.contains("permission denied") && message.contains("`grants_sql`"), "{message}");
    home.own(&store_grants(&home)).await;
    assert!(reading.append(&both).await.unwrap().iter().all(Result::is_ok));
    assert_gapless(&read_all(&store).await);
}

fn store_grants(home: &Home) -> String {
    home.builder(&home.owner).grants_sql(&home.guest, &[]).unwrap()
}

#[tokio::test]
async fn a_newer_schema_is_left_to_newer_programs() {
    let home = Home::new().await;
    drop(home.builder(&home.owner).open().await.unwrap());
    home.own("INSERT INTO cqrs.migrations (number) VALUES (4711)").await;
    for migrate in [true, false] {
        let error = home.builder(&home.owner).migrate(migrate).open().await.unwrap_err();
        assert!(matches!(error, StoreError::NewerSchema { found: 4711, supported: 1.. }), "{error:?}");
    }
}

/// A server whose tables are on a disk of 24 megabytes. Dropping it unmounts the disk.
struct Small {
    server: Server,
    disk: tempfile::TempDir,
}

impl Small {
    /// `None` where this process may not mount.
    fn new() -> Option<Self> {
        let disk = tempfile::tempdir().unwrap();
        let mounted = mount(disk.path(), &["-t", "tmpfs", "-o", "size=24m", "tmpfs"]);
        mounted.then(|| Self { server: Server::start().unwrap(), disk })
    }
}

fn mount(place: &Path, options: &[&str]) -> bool {
    Command::new("mount").args(options).arg(place).output().is_ok_and(|output| output.status.success())
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = self.server.stop();
        let _ = Command::new("umount").arg(self.disk.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_takes_nothing_and_keeps_what_it_has() {
    let Some(small) = Small::new() else {
        eprintln!("no right to mount: a full disk is not tested");
        return;
    };
    let user = fs::metadata(format!("/proc/{}", small.server.pid().unwrap())).unwrap();
    let tables = small.disk.path().join("tables");
    fs::create_dir(&tables).unwrap();
    chown(&tables, Some(user.uid()), Some(user.gid())).unwrap();
    fs::set_permissions(small.disk.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let admin = connect(&small.server.url("postgres")).await;
    admin.batch_execute(&format!("CREATE TABLESPACE small LOCATION '{}'", tables.display())).await.unwrap();
    admin.batch_execute("CREATE DATABASE small TABLESPACE small").await.unwrap();

    let store = PostgresStore::connect(small.server.url("small")).await.unwrap();
    // Of bytes that cannot be compressed to nothing.
    let large = || {
        let text: String = (0..20_000).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect();
        append().event(NewEvent::new(&stream("large"), "thing.grew", format!("\"{text}\"")))
    };
    let mut written = Vec::new();
    let (batch, error): ([Append; 2], _) = loop {
        let batch = [full(&format!("a{}", written.len())), large()];
        match store.append(&batch).await {
            Ok(answers) => written.extend(answers.into_iter().map(Result::unwrap)),
            Err(error) => break (batch, error),
        }
    };
    let message = unwritable(error);
    assert!(message.contains("No space left") && message.contains("make room"), "{message}");
    let events = read_all(&store).await;
    assert_eq!(events.len(), written.len());
    assert_gapless(&events);
    assert_eq!(store.receipt(batch[0].request).await.unwrap(), None);

    assert!(mount(small.disk.path(), &["-o", "remount,size=64m"]));
    let last = store.append(&batch).await.unwrap().pop().unwrap().unwrap();
    assert_eq!(last.last, Position(written.len() as u64 + 2));
    assert_gapless(&read_all(&store).await);
}
