//! SHA-256 of files, as model hubs publish it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::abi::{Buffer, Slice, guard};
use crate::failure::of_io;

/// Result: the hash of a file's bytes, 64 hexadecimal digits.
pub extern "C" fn sha256(path: Slice, out: *mut Buffer) -> u32 {
    guard(out, || {
        let path = Path::new(path.text()?);
        let failed = |error: std::io::Error| of_io(&error, "read", Some(path));
        let mut file = File::open(path).map_err(failed)?;
        let mut hash = Sha256::new();
        let mut block = vec![0; 1 << 18];
        loop {
            match file.read(&mut block).map_err(failed)? {
                0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes()),
                size => hash.update(&block[..size]),
            }
        }
    })
}
