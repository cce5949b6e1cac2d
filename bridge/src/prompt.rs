//! A line from a person at a terminal, with editing and history.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Config, Editor};

use crate::abi::{Buffer, Code, Failure, Slice, guard, into_handle};

pub struct Prompt {
    editor: Mutex<Editor<(), FileHistory>>,
    history: Option<PathBuf>,
}

fn failure(what: &str, error: &ReadlineError) -> Failure {
    match error {
        ReadlineError::Eof => Failure::new(Code::OutOfRange, "the input has ended"),
        ReadlineError::Interrupted => Failure::new(Code::Cancelled, "Ctrl-C was pressed"),
        ReadlineError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Failure::new(Code::InvalidArgument, "the line is not UTF-8")
        }
        _ => Failure::new(Code::Unavailable, format!("{what}: {error}")),
    }
}

/// With the lines of `history`, a file that need not exist yet; empty: none is kept.
pub extern "C" fn open(history: Slice, out: *mut *mut Prompt, text: *mut Buffer) -> u32 {
    guard(text, || {
        let path = history.text()?;
        let config = Config::builder().auto_add_history(false).max_history_size(1000).map_err(|error| failure("history", &error))?.build();
        let mut editor = Editor::with_config(config).map_err(|error| failure("the terminal cannot be used", &error))?;
        editor.set_history_ignore_space(true);
        let history = (!path.is_empty()).then(|| PathBuf::from(path));
        if let Some(file) = history.as_ref().filter(|file| file.exists()) {
            editor.load_history(file).map_err(|error| failure("the history cannot be read", &error))?;
        }
        into_handle(out, Prompt { editor: Mutex::new(editor), history });
        Ok(Vec::new())
    })
}

/// Result: the next line, without its end; it joins the history. Codes: 11 (out of range) at the end of the input, 1 (cancelled) after Ctrl-C.
pub extern "C" fn read(prompt: *const Prompt, shown: Slice, out: *mut Buffer) -> u32 {
    guard(out, || {
        let prompt = unsafe { &*prompt };
        let mut editor = prompt.editor.lock().unwrap_or_else(PoisonError::into_inner);
        let line = editor.readline(shown.text()?).map_err(|error| failure("no line can be read", &error))?;
        if !line.trim().is_empty() && editor.add_history_entry(&line).unwrap_or(false) {
            if let Some(file) = &prompt.history {
                // A history that cannot be kept is no reason not to answer.
                let _ = editor.append_history(file);
            }
        }
        Ok(line.into_bytes())
    })
}
