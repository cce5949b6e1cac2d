//! What was built in, as the lock file has it.

use crate::abi::{Buffer, guard};
use serde_json::{Map, Value};

const MANIFEST: &str = include_str!("../Cargo.toml");
const LOCK: &str = include_str!("../Cargo.lock");

/// The value of `key = "value"` in a line of TOML.
fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')
}

/// Result: {"tantivy": "0.27.0", ...}, the crates that this one names.
pub extern "C" fn versions(out: *mut Buffer) -> u32 {
    guard(out, || {
        let section = MANIFEST.split("[dependencies]\n").nth(1).unwrap_or_default();
        let named: Vec<&str> = section.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split(' ').next()).collect();
        let mut found = Map::new();
        for package in LOCK.split("[[package]]\n") {
            let mut lines = package.lines();
            let name = lines.next().and_then(|line| quoted(line, "name")).unwrap_or_default();
            if let (true, Some(version)) = (named.contains(&name), lines.next().and_then(|line| quoted(line, "version"))) {
                found.insert(name.to_string(), version.into());
            }
        }
        Ok(Value::Object(found).to_string().into_bytes())
    })
}
