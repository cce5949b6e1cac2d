//! The keyword index of passages: create, open, put, remove, commit. A commit is atomic; what was not committed is gone after a crash.

use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock};

use serde_json::json;
use tantivy::directory::MmapDirectory;
use tantivy::schema::{BytesOptions, Field, IndexRecordOption, NumericOptions, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term};

use crate::abi::{Buffer, Code, Failure, Slice, array, guard, into_handle};
use crate::analysis;
use crate::failure::failure;
use crate::readonly::ReadOnly;

#[derive(Clone, Copy)]
pub struct Fields {
    pub document: Field,
    pub title: Field,
    pub section: Field,
    pub text: Field,
    pub id: Field,
    pub source: Field,
}

pub struct Index {
    index: tantivy::Index,
    fields: Fields,
    reader: IndexReader,
    writer: Option<RwLock<IndexWriter>>,
    /// Why the writer can go on no more.
    broken: Mutex<Option<Failure>>,
}

/// One passage to put; `source` is what a search gives back, unread here.
#[repr(C)]
pub struct Passage {
    document: Slice,
    title: Slice,
    section: Slice,
    text: Slice,
    source: Slice,
    /// By which `fetch` finds it; no two passages of an index have the same.
    id: u64,
}

impl Index {
    pub fn searcher(&self) -> tantivy::Searcher {
        self.reader.searcher()
    }

    pub fn fields(&self) -> Fields {
        self.fields
    }

    fn writer(&self) -> Result<&RwLock<IndexWriter>, Failure> {
        if let Some(why) = &*self.broken.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err(why.clone());
        }
        self.writer.as_ref().ok_or_else(|| Failure::new(Code::FailedPrecondition, "the index was opened for reading only"))
    }

    /// A failed put or commit ends the writer: passages are lost, so no commit may follow. A put only says that some thread died;
    /// why is known to that thread, which is joined when a commit of `ask` is prepared.
    fn break_off(&self, ask: Option<&RwLock<IndexWriter>>, failed: Failure) -> Failure {
        let cause = ask.and_then(|lock| lock.write().unwrap_or_else(PoisonError::into_inner).prepare_commit().err());
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.get_or_insert(cause.map_or(failed, failure)).clone()
    }
}

fn schema() -> Schema {
    let stemmed = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default().set_tokenizer(analysis::ENGLISH).set_index_option(IndexRecordOption::WithFreqsAndPositions),
    );
    let mut schema = Schema::builder();
    schema.add_text_field("document", STRING);
    schema.add_text_field("title", stemmed.clone());
    schema.add_text_field("section", stemmed.clone());
    schema.add_text_field("text", stemmed);
    schema.add_u64_field("id", NumericOptions::default().set_fast().set_indexed());
    schema.add_bytes_field("_source", BytesOptions::default().set_stored());
    schema.build()
}

/// Makes an empty index in an existing, empty folder.
pub extern "C" fn create(folder: Slice, out: *mut Buffer) -> u32 {
    guard(out, || {
        tantivy::Index::create_in_dir(Path::new(folder.text()?), schema()).map_err(failure)?;
        Ok(Vec::new())
    })
}

/// Opens for reading (threads = 0) or also for writing with that many indexing threads, which takes the writer's lock.
pub extern "C" fn open(folder: Slice, threads: u32, handle: *mut *mut Index, out: *mut Buffer) -> u32 {
    guard(out, || {
        let directory = MmapDirectory::open(Path::new(folder.text()?)).map_err(|error| failure(error.into()))?;
        let index = if threads == 0 { tantivy::Index::open(ReadOnly(directory)) } else { tantivy::Index::open(directory) }.map_err(failure)?;
        index.tokenizers().register(analysis::ENGLISH, analysis::english());
        let schema = index.schema();
        let field = |name| {
            schema.get_field(name).map_err(|_| Failure::new(Code::FailedPrecondition, format!("the index has no field '{name}'")))
        };
        let fields = Fields {
            document: field("document")?,
            title: field("title")?,
            section: field("section")?,
            text: field("text")?,
            id: field("id")?,
            source: field("_source")?,
        };
        let writer = match threads {
            0 => None,
            _ => {
                // 50 MB a thread before a segment is written; the least the library takes is 15.
                let writer = index.writer_with_num_threads(threads as usize, 50_000_000 * threads as usize).map_err(failure)?;
                // What a writer left behind that died or met a full disk takes room; when it cannot be removed now, the commit tries again.
                let _ = writer.garbage_collect_files().wait();
                Some(RwLock::new(writer))
            }
        };
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(failure)?;
        into_handle(handle, Index { index, fields, reader, writer, broken: Mutex::new(None) });
        Ok(Vec::new())
    })
}

pub extern "C" fn put(index: *const Index, passages: *const Passage, count: usize, out: *mut Buffer) -> u32 {
    guard(out, || {
        let index = unsafe { &*index };
        let lock = index.writer()?;
        for passage in array(passages, count) {
            let mut document = TantivyDocument::new();
            document.add_text(index.fields.document, passage.document.text()?);
            document.add_text(index.fields.title, passage.title.text()?);
            document.add_text(index.fields.section, passage.section.text()?);
            document.add_text(index.fields.text, passage.text.text()?);
            document.add_u64(index.fields.id, passage.id);
            document.add_bytes(index.fields.source, passage.source.bytes());
            let added = lock.read().unwrap_or_else(PoisonError::into_inner).add_document(document);
            added.map_err(|error| index.break_off(Some(lock), failure(error)))?;
        }
        Ok(Vec::new())
    })
}

/// Drops all passages of a document, with the next commit.
pub extern "C" fn remove(index: *const Index, document: Slice, out: *mut Buffer) -> u32 {
    guard(out, || {
        let index = unsafe { &*index };
        let writer = index.writer()?.read().unwrap_or_else(PoisonError::into_inner);
        writer.delete_term(Term::from_field_text(index.fields.document, document.text()?));
        Ok(Vec::new())
    })
}

/// Makes everything since the last commit lasting and visible, together with `payload`, which `info` gives back.
pub extern "C" fn commit(index: *const Index, payload: Slice, out: *mut Buffer) -> u32 {
    guard(out, || {
        let index = unsafe { &*index };
        let payload = payload.text()?;
        let lock = index.writer()?;
        let done = lock.write().unwrap_or_else(PoisonError::into_inner).prepare_commit().and_then(|mut prepared| {
            prepared.set_payload(payload);
            prepared.commit()
        });
        done.map_err(|error| index.break_off(None, failure(error)))?;
        index.reader.reload().map_err(failure)?;
        Ok(Vec::new())
    })
}

/// Result: {"passages": committed passages, "payload": text of the last commit or null}.
pub extern "C" fn info(index: *const Index, out: *mut Buffer) -> u32 {
    guard(out, || {
        let index = unsafe { &*index };
        let meta = index.index.load_metas().map_err(failure)?;
        Ok(json!({"passages": index.searcher().num_docs(), "payload": meta.payload}).to_string().into_bytes())
    })
}
