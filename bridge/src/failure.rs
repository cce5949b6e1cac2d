//! The library's errors as codes that say who can do something about them, in words for people: its own texts show structures of
//! the program.

use std::io;
use std::path::Path;

use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};

use crate::abi::{Code, Failure};

fn io_code(error: &io::Error) -> Code {
    match error.kind() {
        io::ErrorKind::NotFound => Code::NotFound,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Code::PermissionDenied,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge | io::ErrorKind::OutOfMemory => {
            Code::ResourceExhausted
        }
        // What the library says of bytes that make no sense.
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Code::DataLoss,
        _ => Code::Unavailable,
    }
}

/// The system's error in a text that ends with "(os error 28)": a thread that died leaves only that.
fn system_error(text: &str) -> Option<io::Error> {
    let (_, rest) = text.split_once("(os error ")?;
    Some(io::Error::from_raw_os_error(rest.split_once(')')?.0.parse().ok()?))
}

pub fn of_io(error: &io::Error, doing: &str, file: Option<&Path>) -> Failure {
    let code = io_code(error);
    let name = file.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let message = match (code, name) {
        (Code::DataLoss, Some(name)) => format!("its file {name} is broken"),
        (Code::DataLoss, None) => "one of its files is broken".to_string(),
        (_, Some(name)) => format!("cannot {doing} {name}: {error}"),
        (_, None) => error.to_string(),
    };
    Failure::new(code, message)
}

/// The file in the library's "Data corruption (in file `"meta.json"`): ...", which has it nowhere else.
fn broken_file(text: &str) -> Option<&str> {
    text.split_once("(in file `\"")?.1.split_once('"').map(|(name, _)| name)
}

fn in_words(error: &TantivyError, text: String) -> String {
    match error {
        TantivyError::ErrorInThread(_) => "a thread that wrote it has failed".to_string(),
        TantivyError::InternalError(text) | TantivyError::SystemError(text) => text.clone(),
        _ => text,
    }
}

pub fn failure(error: TantivyError) -> Failure {
    match &error {
        TantivyError::IoError(error) => of_io(error, "use", None),
        TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, filepath }) => of_io(io_error, "write", Some(filepath)),
        TantivyError::OpenWriteError(OpenWriteError::FileAlreadyExists(path)) => {
            Failure::new(Code::DataLoss, format!("its file {} is there already", path.display()))
        }
        TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(path)) => {
            Failure::new(Code::DataLoss, format!("its file {} is missing", path.display()))
        }
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, filepath }) => of_io(io_error, "read", Some(filepath)),
        TantivyError::OpenReadError(OpenReadError::IncompatibleIndex(_)) | TantivyError::IncompatibleIndex(_) => {
            Failure::new(Code::FailedPrecondition, "its format is that of another version")
        }
        TantivyError::OpenDirectoryError(OpenDirectoryError::DoesNotExist(_)) => Failure::new(Code::NotFound, "there is no such folder"),
        TantivyError::OpenDirectoryError(OpenDirectoryError::NotADirectory(_)) => Failure::new(Code::NotFound, "it is no folder"),
        TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error, .. }) => of_io(io_error, "open", None),
        TantivyError::LockFailure(LockError::LockBusy, _) => Failure::new(Code::Unavailable, "another process is writing it"),
        TantivyError::LockFailure(LockError::IoError(error), _) => of_io(error, "lock", None),
        TantivyError::IndexAlreadyExists => Failure::new(Code::AlreadyExists, "there is an index already"),
        TantivyError::DataCorruption(_) => Failure::new(
            Code::DataLoss,
            match broken_file(&error.to_string()) {
                Some(name) => format!("its file {name} is broken"),
                None => "one of its files is broken".to_string(),
            },
        ),
        TantivyError::DeserializeError(_) => Failure::new(Code::DataLoss, "a passage in it is broken"),
        TantivyError::SchemaError(_) => Failure::new(Code::DataLoss, "its list of fields is broken"),
        TantivyError::InvalidArgument(text) => Failure::new(Code::InvalidArgument, text.clone()),
        TantivyError::FieldNotFound(name) => Failure::new(Code::DataLoss, format!("it has no field '{name}'")),
        _ => {
            let text = error.to_string();
            match system_error(&text) {
                Some(error) => of_io(&error, "use", None),
                None => Failure::new(Code::Internal, in_words(&error, text)),
            }
        }
    }
}
