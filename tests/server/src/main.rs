//! Runs a command that shares one private server: `cargo run -p cqrs-test-server -- cargo test`.

use std::process::{Command, ExitCode};
use std::{env, error};

use test_server::{SERVER_VARIABLE, Server};

fn main() -> Result<ExitCode, Box<dyn error::Error>> {
    let mut arguments = env::args_os().skip(1);
    let program = arguments.next().ok_or("usage: cqrs-test-server COMMAND [ARGUMENT]...")?;
    let server = Server::start()?;
    let status = Command::new(program).args(arguments).env(SERVER_VARIABLE, server.url("postgres")).status()?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
