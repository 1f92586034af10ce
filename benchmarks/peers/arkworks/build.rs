//! Leaves the compiler's version for the hello line.
use std::process::Command;

fn main() {
    let compiler = std::env::var("RUSTC").expect("cargo sets RUSTC");
    let out = Command::new(compiler).arg("--version").output().expect("the compiler tells its version");
    let version = String::from_utf8(out.stdout).expect("the version is text");
    println!("cargo:rustc-env=ZKRELAY_PEER_RUSTC={}", version.trim());
    println!("cargo:rerun-if-changed=build.rs");
}
