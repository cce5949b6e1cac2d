//! How text becomes terms; the same for indexing, for questions and for choosing sentences.

use crate::abi::{Buffer, Slice, guard};
use tantivy::tokenizer::{Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer, TokenStream};

/// The name in the index's schema; a new number for every change in what it does.
pub const ENGLISH: &str = "english-1";

/// Words of letters and digits, at most 100 bytes, lower case, stemmed (Porter 2).
pub fn english() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(100))
        .filter(LowerCaser)
        .filter(Stemmer::new(Language::English))
        .build()
}

/// Result: for each term four u32 (begin and end of the word in the text, begin and end of its stem in the pool), their count first
/// as a u32, and behind them the pool.
pub extern "C" fn analyze(text: Slice, out: *mut Buffer) -> u32 {
    guard(out, || {
        let text = text.text()?;
        let mut analyzer = english();
        let mut terms: Vec<u32> = vec![0];
        let mut pool = String::new();
        let mut stream = analyzer.token_stream(text);
        while stream.advance() {
            let token = stream.token();
            let begin = pool.len();
            pool.push_str(&token.text);
            terms.extend([token.offset_from as u32, token.offset_to as u32, begin as u32, pool.len() as u32]);
        }
        terms[0] = (terms.len() / 4) as u32;
        let mut bytes: Vec<u8> = terms.iter().flat_map(|number| number.to_ne_bytes()).collect();
        bytes.extend_from_slice(pool.as_bytes());
        Ok(bytes)
    })
}
