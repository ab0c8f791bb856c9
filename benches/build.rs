//! Hands the compiler's settings on, to be printed with the figures.

use std::{env, process::Command};

fn main() {
    let opt_level = env::var("OPT_LEVEL").unwrap_or_default();
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    println!("cargo::rustc-env=BENCH_OPT_LEVEL={opt_level}");
    println!("cargo::rustc-env=BENCH_RUSTC={}", String::from_utf8_lossy(&version).trim());
    println!("cargo::rerun-if-changed=build.rs");
}
