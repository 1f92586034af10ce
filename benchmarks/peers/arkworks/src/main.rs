//! The arkworks peer: answers one JSON object a line on standard output for each on standard input (../README.md).
//!
//! Reads the same `.zkey` and `.wtns` as zkrelay, through ark-circom.
mod groth16;
mod kernels;

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::time::Instant;

use serde_json::{json, Value};

pub type Outcome<T> = Result<T, String>;

/// Prepared once, run many times; the last result is checked against another way to it.
pub trait Work {
    /// Results of one run; the driver divides.
    fn items(&self) -> usize {
        1
    }
    fn run(&mut self) -> Outcome<()>;
    fn check(&mut self) -> Outcome<()>;
}

pub struct Request(Value);

impl Request {
    pub fn path(&self, name: &str) -> Outcome<&Path> {
        let text = self.0["params"][name].as_str();
        text.map(Path::new).ok_or(format!("parameter {name:?} is missing"))
    }
    pub fn number(&self, name: &str) -> Outcome<usize> {
        let value = self.0["params"][name].as_u64();
        value.map(|n| n as usize).ok_or(format!("parameter {name:?} is missing or no natural number"))
    }
}

type Prepare = fn(&Request) -> Outcome<Box<dyn Work>>;
const WORKS: [(&str, Prepare); 8] = [
    ("prove", groth16::prepare_prove),
    ("verify", groth16::prepare_verify),
    ("field_mul", kernels::prepare_field_mul),
    ("field_chain", kernels::prepare_field_chain),
    ("g1_msm", kernels::prepare_g1_msm),
    ("g2_msm", kernels::prepare_g2_msm),
    ("ntt", kernels::prepare_ntt),
    ("pairing", kernels::prepare_pairing),
];

fn cpu_ms() -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: getrusage fills the struct that it is given.
    let usage = unsafe {
        assert_eq!(libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()), 0);
        usage.assume_init()
    };
    let ms = |t: libc::timeval| t.tv_sec as f64 * 1e3 + t.tv_usec as f64 / 1e3;
    ms(usage.ru_utime) + ms(usage.ru_stime)
}

fn wall_ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

fn answer(request: &Request, work: &mut Option<Box<dyn Work>>) -> Outcome<Value> {
    let op = request.0["op"].as_str().unwrap_or("");
    if op == "prepare" {
        check_threads(request)?;
        let name = request.0["work"].as_str().unwrap_or("");
        let found = WORKS.iter().find(|(known, _)| *known == name);
        let (_, prepare) = found.ok_or(format!("unknown work {name:?}"))?;
        *work = None;
        let start = Instant::now();
        let prepared = prepare(request)?;
        let items = prepared.items();
        *work = Some(prepared);
        return Ok(json!({"ok": true, "items": items, "prepare_ms": wall_ms(start), "notes": {}}));
    }
    let current = work.as_mut().ok_or("nothing is prepared")?;
    match op {
        "run" => {
            let count = request.0["count"].as_u64().filter(|n| *n > 0).ok_or("count must be at least 1")?;
            let (cpu, start) = (cpu_ms(), Instant::now());
            for _ in 0..count {
                current.run()?;
            }
            Ok(json!({"ok": true, "wall_ms": wall_ms(start), "cpu_ms": cpu_ms() - cpu}))
        }
        "check" => {
            current.check().map_err(|why| format!("wrong result: {why}"))?;
            Ok(json!({"ok": true}))
        }
        _ => Err(format!("unknown op {op:?}")),
    }
}

/// The pool takes the threads of RAYON_NUM_THREADS; a request for another number is refused, not ignored.
fn check_threads(request: &Request) -> Outcome<()> {
    let (asked, have) = (request.0["threads"].as_u64().unwrap_or(1), rayon::current_num_threads() as u64);
    if asked != have {
        return Err(format!("{asked} threads asked for, RAYON_NUM_THREADS gives {have}"));
    }
    Ok(())
}

fn main() {
    let say = |value: Value| {
        let mut out = io::stdout().lock();
        if writeln!(out, "{value}").and_then(|()| out.flush()).is_err() {
            std::process::exit(1);
        }
    };
    let works: Vec<&str> = WORKS.iter().map(|(name, _)| *name).collect();
    let toolchain = env!("ZKRELAY_PEER_RUSTC");
    say(json!({"peer": "arkworks", "version": "ark-groth16 0.6.0, ark-circom 0.6.0", "toolchain": toolchain, "works": works}));
    let mut work = None;
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { return };
        let reply = match serde_json::from_str::<Value>(&line) {
            Ok(value) if value["op"] == "quit" => return,
            Ok(value) => {
                let request = Request(value);
                answer(&request, &mut work)
            }
            Err(error) => Err(error.to_string()),
        };
        say(reply.unwrap_or_else(|error| json!({"ok": false, "error": error})));
    }
}
