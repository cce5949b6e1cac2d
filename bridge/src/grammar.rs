//! Output that follows a JSON Schema: which tokens may come next.

use std::sync::Arc;

use llguidance::api::TopLevelGrammar;
use llguidance::toktrie::{ApproximateTokEnv, TokEnv, TokRxInfo, TokTrie};
use llguidance::{Matcher, ParserFactory};
use serde_json::{Value, json};

use crate::abi::{Buffer, Code, Failure, Slice, array, guard, into_handle};

pub struct Vocabulary {
    factory: ParserFactory,
    size: usize,
}

pub struct Grammar {
    matcher: Matcher,
    size: usize,
}

fn failed(error: impl std::fmt::Display) -> Failure {
    // The library adds where in itself the error was.
    let text = error.to_string();
    Failure::new(Code::InvalidArgument, text.lines().next().unwrap_or_default().to_string())
}

/// The bytes of a model's tokens, in the order of their numbers; empty for those that are no text. `end`: the token texts end with.
pub extern "C" fn open_vocabulary(tokens: *const Slice, count: usize, end: u32, out: *mut *mut Vocabulary, text: *mut Buffer) -> u32 {
    guard(text, || {
        let mut words: Vec<Vec<u8>> = array(tokens, count).iter().map(|token| token.bytes().to_vec()).collect();
        let word = words
            .get_mut(end as usize)
            .ok_or_else(|| Failure::new(Code::InvalidArgument, format!("the end token {end} is not one of {count} tokens")))?;
        *word = vec![TokTrie::SPECIAL_TOKEN_MARKER, b'<', b'e', b'n', b'd', b'>'];
        let trie = TokTrie::from(&TokRxInfo::new(words.len() as u32, end), &words);
        let environment: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
        let mut factory = ParserFactory::new_simple(&environment).map_err(failed)?;
        factory.quiet();
        factory.limits_mut().verbose_errors = false;
        into_handle(out, Vocabulary { factory, size: count });
        Ok(Vec::new())
    })
}

/// For one text that follows `schema`.
pub extern "C" fn open(vocabulary: *const Vocabulary, schema: Slice, out: *mut *mut Grammar, text: *mut Buffer) -> u32 {
    guard(text, || {
        let vocabulary = unsafe { &*vocabulary };
        let mut schema: Value = serde_json::from_slice(schema.bytes())
            .map_err(|error| Failure::new(Code::InvalidArgument, format!("the schema is not JSON: {error}")))?;
        // One line, as small models write it: free white space tempts them to write nothing else.
        let options = json!({"whitespace_flexible": false, "item_separator": ", ", "key_separator": ": "});
        match &mut schema {
            Value::Object(fields) => drop(fields.insert("x-guidance".to_string(), options)),
            Value::Bool(true) => schema = json!({"x-guidance": options}),
            _ => return Err(Failure::new(Code::InvalidArgument, "a schema is an object or true")),
        }
        let parser = vocabulary.factory.create_parser(TopLevelGrammar::from_json_schema(schema));
        let matcher = Matcher::new(parser);
        match matcher.get_error() {
            Some(error) => Err(failed(format!("no text can be made to follow this schema: {error}"))),
            None => {
                into_handle(out, Grammar { matcher, size: vocabulary.size });
                Ok(Vec::new())
            }
        }
    })
}

/// Gives tokens that may not come next the logit minus infinity.
pub extern "C" fn mask(grammar: *mut Grammar, logits: *mut f32, count: usize, out: *mut Buffer) -> u32 {
    guard(out, || {
        let grammar = unsafe { &mut *grammar };
        let logits = unsafe { std::slice::from_raw_parts_mut(logits, count) };
        let allowed = grammar.matcher.compute_mask_or_eos().map_err(|error| Failure::new(Code::Internal, error.to_string()))?;
        for (token, logit) in logits.iter_mut().enumerate() {
            if token >= grammar.size || !allowed.is_allowed(token as u32) {
                *logit = f32::NEG_INFINITY;
            }
        }
        Ok(Vec::new())
    })
}

/// A token was chosen. Result: one byte, 1 when the text is complete.
pub extern "C" fn take(grammar: *mut Grammar, token: u32, out: *mut Buffer) -> u32 {
    guard(out, || {
        let matcher = &mut unsafe { &mut *grammar }.matcher;
        matcher.consume_token(token).map_err(|error| Failure::new(Code::Internal, error.to_string()))?;
        Ok(vec![u8::from(matcher.is_stopped())])
    })
}
