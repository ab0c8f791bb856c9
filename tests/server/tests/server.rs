//! Servers start, crash, come back and leave nothing behind.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use test_server::{PgBouncer, Proxy, Server, Target, Way};

/// Runs SQL through `psql`.
fn sql(url: &str, text: &str) -> Result<String, String> {
    let output = Command::new("psql").args(["-XAtqv", "ON_ERROR_STOP=1", url, "-c", text]).output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap().trim().into())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

fn exists(pid: u32) -> bool {
    Command::new("kill").args(["-0", &pid.to_string()]).stderr(Stdio::null()).status().unwrap().success()
}

fn eventually(mut holds: impl FnMut() -> bool, what: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn through(proxy: &Proxy, server: &Server) -> String {
    server.url("postgres").replace(&format!(":{}/", server.port()), &format!(":{}/", proxy.addr().port()))
}

#[test]
fn a_server_is_durable_and_survives_a_crash() {
    let server = Server::builder().set("work_mem", "5MB").start().unwrap();
    let url = server.url("postgres");
    let settings = "show fsync; show synchronous_commit; show full_page_writes; show max_connections; show work_mem;
                    show server_encoding; show lc_collate";
    let shown: Vec<_> = settings.split(';').map(|show| sql(&url, show).unwrap()).collect();
    assert_eq!(shown, ["on", "on", "on", "400", "5MB", "UTF8", "C"]);
    sql(&url, "create table kept (id int); insert into kept values (7)").unwrap();

    // One that is busy would not notice for long that its server is gone.
    let mut busy = Command::new("psql")
        .args(["-X", &url, "-c", "do $$ begin loop end loop; end $$"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = "select count(*) from pg_stat_activity where query like 'do $$%'";
    eventually(|| sql(&url, running).unwrap() == "1", "the loop does not run");
    server.kill().unwrap();
    assert!(!busy.wait().unwrap().success());
    assert_eq!(server.pid(), None);
    assert!(sql(&url, "select 1").is_err());

    server.restart().unwrap();
    assert_eq!(sql(&url, "select id from kept").unwrap(), "7");
    assert!(server.log().contains("was not properly shut down"), "{}", server.log());
    server.stop().unwrap();
    assert!(sql(&url, "select 1").is_err());
    server.restart().unwrap();
    assert_eq!(sql(&url, "select id from kept").unwrap(), "7");
}

#[test]
fn a_password_is_needed() {
    let server = Server::start().unwrap();
    let refused = sql(&server.url("postgres").replace(server.password(), "wrong"), "select 1").unwrap_err();
    assert!(refused.contains("password authentication failed"), "{refused}");
}

#[test]
fn a_setting_that_is_none_is_reported_with_the_log() {
    let error = Server::builder().set("no_such_setting", "1").start().unwrap_err().to_string();
    assert!(error.contains("unrecognized configuration parameter \"no_such_setting\""), "{error}");
}

#[test]
fn dropping_a_server_leaves_nothing() {
    let server = Server::start().unwrap();
    let folder = sql(&server.url("postgres"), "show data_directory").unwrap();
    let pid = server.pid().unwrap();
    assert!(Path::new(&folder).exists() && exists(pid));
    drop(server);
    assert!(!Path::new(&folder).exists() && !Path::new(&folder).parent().unwrap().exists());
    assert!(!exists(pid));
}

#[test]
fn a_process_killed_leaves_nothing() {
    let folders = tempfile::tempdir().unwrap();
    fs::set_permissions(folders.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    // The command outlives the process that is killed, as one that a test starts may.
    let mut process = Command::new(env!("CARGO_BIN_EXE_cqrs-test-server"))
        .args(["sh", "-c", "echo $CQRS_TEST_POSTGRES; read end"])
        .env("TMPDIR", folders.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let command = process.stdin.take();
    let mut url = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let pid = "select pid from pg_stat_activity where backend_type = 'checkpointer'";
    let pid = sql(url.trim(), pid).unwrap().parse().unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    eventually(|| fs::read_dir(folders.path()).unwrap().next().is_none(), "the folder stays");
    assert!(!exists(pid));
    drop(command);
}

#[test]
fn databases_are_fresh() {
    let target = Target::from_environment().unwrap();
    let [first, second] = [(); 2].map(|()| target.fresh_database().unwrap());
    sql(&first, "create table only_here ()").unwrap();
    assert!(sql(&second, "table only_here").unwrap_err().contains("does not exist"));
}

#[test]
fn a_bouncer_pools_transactions() {
    let server = Server::start().unwrap();
    let bouncer = PgBouncer::start_with(&server, &[("default_pool_size", "1")]).unwrap();
    let url = bouncer.url("postgres");
    assert_eq!(sql(&url, "select 1").unwrap(), "1");
    assert_eq!(
        sql(&bouncer.url("pgbouncer"), "show config").map(|text| text.contains("pool_mode|transaction")),
        Ok(true)
    );
    // A session of the server goes from client to client.
    let backends = [(); 2].map(|()| sql(&url, "select pg_backend_pid()").unwrap());
    assert_eq!(backends[0], backends[1]);
}

#[test]
fn a_proxy_cuts_where_it_is_told() {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(([127, 0, 0, 1], server.port()).into()).unwrap();
    let (url, direct) = (through(&proxy, &server), server.url("postgres"));
    let count = || sql(&direct, "select count(*) from t").unwrap();
    sql(&url, "create table t (id int)").unwrap();

    proxy.cut_next_answer();
    sql(&url, "insert into t values (1)").unwrap_err();
    assert_eq!((count().as_str(), proxy.cuts()), ("1", 1), "committed, unknown to the client");

    proxy.cut_after(Way::ToServer, 0);
    sql(&url, "insert into t values (2)").unwrap_err();
    assert_eq!((count().as_str(), proxy.cuts()), ("1", 2), "never arrived");

    proxy.cut_after(Way::ToClient, 1_000_000);
    sql(&url, "select repeat('x', 2000000)").unwrap_err();
    assert_eq!(proxy.cuts(), 3, "in the middle of a message");

    proxy.refuse(true);
    sql(&url, "select 1").unwrap_err();
    proxy.refuse(false);
    sql(&url, "select 1").unwrap();

    let mut asleep =
        Command::new("psql").args(["-X", &url, "-c", "select pg_sleep(600)"]).stderr(Stdio::null()).spawn().unwrap();
    let sleeping = "select count(*) from pg_stat_activity where query like 'select pg_sleep%'";
    eventually(|| sql(&direct, sleeping).unwrap() == "1", "nobody sleeps");
    proxy.cut();
    assert!(!asleep.wait().unwrap().success());
    assert_eq!(proxy.cuts(), 4);
}

#[test]
fn a_proxy_falls_silent_where_it_is_told() {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(([127, 0, 0, 1], server.port()).into()).unwrap();
    let url = through(&proxy, &server);
    let asleep = || Command::new("psql").args(["-X", &url, "-c", "select pg_sleep(0.1)"]).spawn().unwrap();

    proxy.silence(true);
    let mut held = asleep();
    thread::sleep(Duration::from_millis(300));
    assert!(held.try_wait().unwrap().is_none());
    proxy.silence(false);
    assert!(held.wait().unwrap().success());

    proxy.silence(true);
    let mut forgotten = asleep();
    eventually(|| proxy.open() == 1, "nobody connects");
    proxy.forget();
    proxy.silence(false);
    sql(&url, "select 1").unwrap();
    assert!(forgotten.try_wait().unwrap().is_none());
    drop(proxy);
    assert!(!forgotten.wait().unwrap().success());
}
