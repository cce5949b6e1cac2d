//! Text to a model's tokens, as its tokenizer.json says, but never cut or padded: who runs the model decides about lengths.

use crate::abi::{Buffer, Code, Failure, Slice, guard, into_handle};
use serde_json::json;

pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
}

const PAIR: u32 = 1;
const SPECIAL: u32 = 2;
const OFFSETS: u32 = 4;

/// One token as it crosses the border: `sequence` is 0 for the text, 1 for its pair, SPECIAL_TOKEN for what was put around them.
#[repr(C)]
struct Token {
    id: u32,
    type_id: u32,
    sequence: u32,
    begin: u32,
    end: u32,
}
const SPECIAL_TOKEN: u32 = u32::MAX;

/// From the bytes of a tokenizer.json.
pub extern "C" fn open(file: Slice, out: *mut *mut Tokenizer, text: *mut Buffer) -> u32 {
    guard(text, || {
        let mut inner = tokenizers::Tokenizer::from_bytes(file.bytes())
            .map_err(|error| Failure::new(Code::InvalidArgument, format!("it is no tokenizer: {error}")))?;
        inner.with_padding(None);
        inner.with_truncation(None).map_err(|error| Failure::new(Code::InvalidArgument, error.to_string()))?;
        // A file can promise what only fails at work: a broken one is better refused here.
        inner
            .encode_fast(("a", "b"), true)
            .and_then(|_| inner.encode_fast("a", true))
            .map_err(|error| Failure::new(Code::InvalidArgument, format!("it cannot encode: {error}")))?;
        into_handle(out, Tokenizer { inner });
        Ok(Vec::new())
    })
}

fn encode_any(tokenizer: &Tokenizer, text: &Slice, pair: &Slice, options: u32) -> Result<tokenizers::Encoding, Failure> {
    let special = options & SPECIAL != 0;
    let first = text.text()?;
    let input = if options & PAIR != 0 {
        tokenizers::EncodeInput::Dual(first.into(), pair.text()?.into())
    } else {
        tokenizers::EncodeInput::Single(first.into())
    };
    let encoding = match options & OFFSETS {
        0 => tokenizer.inner.encode_fast(input, special),
        _ => tokenizer.inner.encode(input, special),
    };
    encoding.map_err(|error| Failure::new(Code::InvalidArgument, format!("the text cannot be made tokens: {error}")))
}

/// Result: an array of Token. Offsets are bytes of the text or pair that the token stands for, 0 unless asked for.
pub extern "C" fn encode(tokenizer: *const Tokenizer, text: Slice, pair: Slice, options: u32, out: *mut Buffer) -> u32 {
    guard(out, || {
        let encoding = encode_any(unsafe { &*tokenizer }, &text, &pair, options)?;
        let (ids, types, offsets) = (encoding.get_ids(), encoding.get_type_ids(), encoding.get_offsets());
        let special = encoding.get_special_tokens_mask();
        // One sequence alone has no ranges to ask for: all that is not special is its own.
        let sequences = if options & PAIR != 0 { encoding.get_sequence_ids() } else { vec![Some(0); ids.len()] };
        let mut bytes = Vec::with_capacity(ids.len() * size_of::<Token>());
        for at in 0..ids.len() {
            let sequence = match sequences[at] {
                Some(number) if special[at] == 0 => number as u32,
                _ => SPECIAL_TOKEN,
            };
            let (begin, end) = if options & OFFSETS != 0 { offsets[at] } else { (0, 0) };
            let token = Token { id: ids[at], type_id: types[at], sequence, begin: begin as u32, end: end as u32 };
            for number in [token.id, token.type_id, token.sequence, token.begin, token.end] {
                bytes.extend_from_slice(&number.to_ne_bytes());
            }
        }
        Ok(bytes)
    })
}

/// Result: how many tokens, as a native u64.
pub extern "C" fn count(tokenizer: *const Tokenizer, text: Slice, pair: Slice, options: u32, out: *mut Buffer) -> u32 {
    guard(out, || {
        let encoding = encode_any(unsafe { &*tokenizer }, &text, &pair, options & !OFFSETS)?;
        Ok((encoding.len() as u64).to_ne_bytes().to_vec())
    })
}

/// Result: {"vocabulary": tokens, added ones included}.
pub extern "C" fn info(tokenizer: *const Tokenizer, out: *mut Buffer) -> u32 {
    guard(out, || Ok(json!({ "vocabulary": unsafe { &*tokenizer }.inner.get_vocab_size(true) }).to_string().into_bytes()))
}
