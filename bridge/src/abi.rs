//! What crosses the border: slices in, one buffer out, a code. No panic and no Rust type passes.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

/// Text or bytes lent by the caller for the time of the call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slice {
    data: *const u8,
    size: usize,
}

impl Slice {
    pub fn bytes(&self) -> &[u8] {
        if self.size == 0 {
            return &[];
        }
        // The caller keeps the bytes alive and unchanged until the call returns.
        unsafe { std::slice::from_raw_parts(self.data, self.size) }
    }

    pub fn text(&self) -> Result<&str, Failure> {
        std::str::from_utf8(self.bytes())
            .map_err(|error| Failure::new(Code::InvalidArgument, format!("the text is not UTF-8 at byte {}", error.valid_up_to())))
    }
}

/// A result or an error's text; the caller gives it back through `release`.
#[repr(C)]
pub struct Buffer {
    data: *mut u8,
    size: usize,
}

/// gRPC's numbers, as `thalweg::Code`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(u32)]
pub enum Code {
    Cancelled = 1,
    InvalidArgument = 3,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    OutOfRange = 11,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
}

#[derive(Clone, Debug)]
pub struct Failure {
    pub code: Code,
    pub message: String,
}

impl Failure {
    pub fn new(code: Code, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into() }
    }
}

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Panics are kept for `guard` instead of printed.
pub fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let payload = info.payload();
            let what = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            let place = info.location().map_or(String::new(), |at| {
                format!(" ({}:{})", at.file().rsplit('/').next().unwrap_or_default(), at.line())
            });
            let told = format!("{}{place}", what.unwrap_or("unknown"));
            let _ = PANIC.try_with(|text| *text.borrow_mut() = told);
        }));
    });
}

/// Runs `body`; its bytes, or the text of its failure or panic, go to `out`. Returns 0 or the code.
pub fn guard(out: *mut Buffer, body: impl FnOnce() -> Result<Vec<u8>, Failure>) -> u32 {
    let (code, bytes) = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(bytes)) => (0, bytes),
        Ok(Err(failure)) => (failure.code as u32, failure.message.into_bytes()),
        Err(_) => {
            let text = PANIC.try_with(|text| std::mem::take(&mut *text.borrow_mut())).unwrap_or_default();
            (Code::Internal as u32, format!("an internal error: {text}").into_bytes())
        }
    };
    let boxed = bytes.into_boxed_slice();
    let size = boxed.len();
    let data = if size == 0 { std::ptr::null_mut() } else { Box::into_raw(boxed).cast::<u8>() };
    unsafe { *out = Buffer { data, size } };
    code
}

pub extern "C" fn release(buffer: Buffer) {
    if !buffer.data.is_null() {
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(buffer.data, buffer.size)) });
    }
}

/// Hands an object to the caller, who ends it with `free_handle::<T>`.
pub fn into_handle<T>(out: *mut *mut T, object: T) {
    unsafe { *out = Box::into_raw(Box::new(object)) };
}

pub extern "C" fn free_handle<T>(handle: *mut T) {
    if !handle.is_null() {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(unsafe { Box::from_raw(handle) })));
    }
}

/// An array lent by the caller for the time of the call.
pub fn array<'a, T>(data: *const T, count: usize) -> &'a [T] {
    if count == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, count) } }
}
