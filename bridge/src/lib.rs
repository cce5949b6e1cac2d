//! The one Rust crate of thalweg: kept libraries behind a C ABI. One exported symbol, `thalweg_bridge`, answers with a table of
//! functions; `src/base/bridge.h` declares the same table. Raise VERSION with every change of it.

mod abi;
mod analysis;
mod digest;
mod failure;
mod grammar;
mod index;
mod prompt;
mod readonly;
mod schema;
mod search;
mod template;
mod tokenizer;
mod versions;

use abi::{Buffer, Slice};

pub const VERSION: u32 = 6;

/// Every function but `release` and the `*_close` ones fills `out` with its result or, when the code is not 0, with the error's text.
#[repr(C)]
pub struct Table {
    version: u32,
    size: u32,
    release: extern "C" fn(Buffer),

    schema_open: extern "C" fn(Slice, *mut *mut schema::Schema, *mut Buffer) -> u32,
    schema_check: extern "C" fn(*const schema::Schema, Slice, *mut Buffer) -> u32,
    schema_close: extern "C" fn(*mut schema::Schema),

    analyze: extern "C" fn(Slice, *mut Buffer) -> u32,

    index_create: extern "C" fn(Slice, *mut Buffer) -> u32,
    index_open: extern "C" fn(Slice, u32, *mut *mut index::Index, *mut Buffer) -> u32,
    index_put: extern "C" fn(*const index::Index, *const index::Passage, usize, *mut Buffer) -> u32,
    index_remove: extern "C" fn(*const index::Index, Slice, *mut Buffer) -> u32,
    index_commit: extern "C" fn(*const index::Index, Slice, *mut Buffer) -> u32,
    index_info: extern "C" fn(*const index::Index, *mut Buffer) -> u32,
    index_search: extern "C" fn(*const index::Index, *const search::Term, usize, *const search::Options, *mut Buffer) -> u32,
    index_fetch: extern "C" fn(*const index::Index, *const u64, usize, *mut Buffer) -> u32,
    index_close: extern "C" fn(*mut index::Index),

    tokenizer_open: extern "C" fn(Slice, *mut *mut tokenizer::Tokenizer, *mut Buffer) -> u32,
    tokenizer_encode: extern "C" fn(*const tokenizer::Tokenizer, Slice, Slice, u32, *mut Buffer) -> u32,
    tokenizer_count: extern "C" fn(*const tokenizer::Tokenizer, Slice, Slice, u32, *mut Buffer) -> u32,
    tokenizer_info: extern "C" fn(*const tokenizer::Tokenizer, *mut Buffer) -> u32,
    tokenizer_close: extern "C" fn(*mut tokenizer::Tokenizer),

    template_open: extern "C" fn(Slice, *mut *mut template::Template, *mut Buffer) -> u32,
    template_render: extern "C" fn(*const template::Template, Slice, i64, *mut Buffer) -> u32,
    template_close: extern "C" fn(*mut template::Template),

    vocabulary_open: extern "C" fn(*const Slice, usize, u32, *mut *mut grammar::Vocabulary, *mut Buffer) -> u32,
    vocabulary_close: extern "C" fn(*mut grammar::Vocabulary),
    grammar_open: extern "C" fn(*const grammar::Vocabulary, Slice, *mut *mut grammar::Grammar, *mut Buffer) -> u32,
    grammar_mask: extern "C" fn(*mut grammar::Grammar, *mut f32, usize, *mut Buffer) -> u32,
    grammar_take: extern "C" fn(*mut grammar::Grammar, u32, *mut Buffer) -> u32,
    grammar_close: extern "C" fn(*mut grammar::Grammar),

    prompt_open: extern "C" fn(Slice, *mut *mut prompt::Prompt, *mut Buffer) -> u32,
    prompt_read: extern "C" fn(*const prompt::Prompt, Slice, *mut Buffer) -> u32,
    prompt_close: extern "C" fn(*mut prompt::Prompt),

    sha256: extern "C" fn(Slice, *mut Buffer) -> u32,

    versions: extern "C" fn(*mut Buffer) -> u32,
}

static TABLE: Table = Table {
    version: VERSION,
    size: size_of::<Table>() as u32,
    release: abi::release,
    schema_open: schema::open,
    schema_check: schema::check,
    schema_close: abi::free_handle::<schema::Schema>,
    analyze: analysis::analyze,
    index_create: index::create,
    index_open: index::open,
    index_put: index::put,
    index_remove: index::remove,
    index_commit: index::commit,
    index_info: index::info,
    index_search: search::search,
    index_fetch: search::fetch,
    index_close: abi::free_handle::<index::Index>,
    tokenizer_open: tokenizer::open,
    tokenizer_encode: tokenizer::encode,
    tokenizer_count: tokenizer::count,
    tokenizer_info: tokenizer::info,
    tokenizer_close: abi::free_handle::<tokenizer::Tokenizer>,

    template_open: template::open,
    template_render: template::render,
    template_close: abi::free_handle::<template::Template>,

    vocabulary_open: grammar::open_vocabulary,
    vocabulary_close: abi::free_handle::<grammar::Vocabulary>,
    grammar_open: grammar::open,
    grammar_mask: grammar::mask,
    grammar_take: grammar::take,
    grammar_close: abi::free_handle::<grammar::Grammar>,

    prompt_open: prompt::open,
    prompt_read: prompt::read,
    prompt_close: abi::free_handle::<prompt::Prompt>,
    sha256: digest::sha256,
    versions: versions::versions,
};

#[unsafe(no_mangle)]
pub extern "C" fn thalweg_bridge() -> *const Table {
    abi::quiet_panics();
    &TABLE
}
