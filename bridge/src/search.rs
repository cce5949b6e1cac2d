//! BM25 over passages: any of the terms in text, section or title, and pairs that stand together in the question count again as phrases.

use serde_json::Value;
use serde_json::json;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Value as _};
use tantivy::{DocAddress, Searcher, TantivyDocument, Term as Posting};

use crate::abi::{Buffer, Code, Failure, Slice, array, guard};
use crate::failure::failure;
use crate::index::Index;

/// One term of the question, as the analyzer makes it.
#[repr(C)]
pub struct Term {
    stem: Slice,
    boost: f32,
    /// Words between this term and the one before it in the question, plus one; 0: no phrase with it.
    distance: u32,
}

#[repr(C)]
pub struct Options {
    limit: u32,
    text: f32,
    section: f32,
    title: f32,
    phrase: f32,
}

fn boosted(query: impl Query, boost: f32) -> (Occur, Box<dyn Query>) {
    (Occur::Should, Box::new(BoostQuery::new(Box::new(query), boost)))
}

fn question(terms: &[Term], options: &Options, fields: &[(Field, f32)]) -> Result<BooleanQuery, Failure> {
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for (place, term) in terms.iter().enumerate() {
        let stem = term.stem.text()?;
        for (field, boost) in fields.iter().filter(|(_, boost)| *boost > 0.0) {
            let posting = Posting::from_field_text(*field, stem);
            if term.distance > 0 && place > 0 && options.phrase > 0.0 {
                let before = Posting::from_field_text(*field, terms[place - 1].stem.text()?);
                let mut pair = PhraseQuery::new_with_offset(vec![(0, before), (term.distance as usize, posting.clone())]);
                pair.set_slop(1);
                clauses.push(boosted(pair, boost * options.phrase * term.boost));
            }
            clauses.push(boosted(TermQuery::new(posting, IndexRecordOption::WithFreqs), boost * term.boost));
        }
    }
    Ok(BooleanQuery::new(clauses))
}

fn source(searcher: &Searcher, index: &Index, address: DocAddress) -> Result<Value, Failure> {
    let document: TantivyDocument = searcher.doc(address).map_err(failure)?;
    let source = document.get_first(index.fields().source).and_then(|value| value.as_bytes()).unwrap_or_default();
    serde_json::from_slice(source).map_err(|error| Failure::new(Code::DataLoss, format!("a stored passage cannot be read: {error}")))
}

fn id(searcher: &Searcher, address: DocAddress) -> Result<u64, Failure> {
    let ids = searcher.segment_reader(address.segment_ord).fast_fields().u64("id").map_err(failure)?;
    ids.first(address.doc_id).ok_or_else(|| Failure::new(Code::DataLoss, "a passage has no id"))
}

/// Result: a JSON list of the passages with these ids, in their order; null for one that is not there.
pub extern "C" fn fetch(index: *const Index, ids: *const u64, count: usize, out: *mut Buffer) -> u32 {
    guard(out, || {
        let (index, ids) = unsafe { (&*index, array(ids, count)) };
        let searcher = index.searcher();
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let query = TermQuery::new(Posting::from_field_u64(index.fields().id, *id), IndexRecordOption::Basic);
            let best = searcher.search(&query, &TopDocs::with_limit(1).order_by_score()).map_err(failure)?;
            found.push(match best.first() {
                Some((_, address)) => source(&searcher, index, *address)?,
                None => Value::Null,
            });
        }
        Ok(Value::Array(found).to_string().into_bytes())
    })
}

/// Result: {"passages": in the index, "terms": [passages with the term in text, section or title, per term], "hits": [{"score", "id", "source"}]}, best first.
pub extern "C" fn search(index: *const Index, terms: *const Term, count: usize, options: *const Options, out: *mut Buffer) -> u32 {
    guard(out, || {
        let (index, options, terms) = unsafe { (&*index, &*options, array(terms, count)) };
        let fields = index.fields();
        let searcher = index.searcher();
        let searched = [(fields.text, options.text), (fields.section, options.section), (fields.title, options.title)];
        let mut counts = Vec::with_capacity(terms.len());
        for term in terms {
            let mut most = 0;
            for (field, _) in searched {
                most = most.max(searcher.doc_freq(&Posting::from_field_text(field, term.stem.text()?)).map_err(failure)?);
            }
            counts.push(most);
        }
        let mut hits = Vec::new();
        if !terms.is_empty() && options.limit > 0 {
            let query = question(terms, options, &searched)?;
            let best = searcher.search(&query, &TopDocs::with_limit(options.limit as usize).order_by_score()).map_err(failure)?;
            for (score, address) in best {
                hits.push(json!({"score": score, "id": id(&searcher, address)?, "source": source(&searcher, index, address)?}));
            }
        }
        Ok(json!({"passages": searcher.num_docs(), "terms": counts, "hits": hits}).to_string().into_bytes())
    })
}
