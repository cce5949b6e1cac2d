//! JSON Schema 2020-12: compiled once, checked often. References outside the schema are refused: nothing is fetched.

use crate::abi::{Buffer, Code, Failure, Slice, guard, into_handle};
use jsonschema::{ReferencingError, error::ValidationErrorKind};
use serde_json::{Value, json};

pub struct Schema {
    validator: jsonschema::Validator,
}

fn parse(what: &str, text: &Slice) -> Result<Value, Failure> {
    serde_json::from_slice(text.bytes()).map_err(|error| Failure::new(Code::InvalidArgument, format!("{what} is not JSON: {error}")))
}

/// The compiled schema goes to `out`.
pub extern "C" fn open(schema: Slice, out: *mut *mut Schema, text: *mut Buffer) -> u32 {
    guard(text, || {
        let schema = parse("the schema", &schema)?;
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).map_err(|error| {
            let place = error.instance_path().to_string();
            let place = if place.is_empty() { "its root".to_string() } else { place };
            let what = match error.kind() {
                ValidationErrorKind::Referencing(ReferencingError::Unretrievable { uri, .. }) => {
                    format!("$ref leads to '{uri}', outside the schema, and nothing is fetched; put that schema under $defs")
                }
                _ => error.to_string(),
            };
            Failure::new(Code::InvalidArgument, format!("the schema is wrong at {place}: {what}"))
        })?;
        into_handle(out, Schema { validator });
        Ok(Vec::new())
    })
}

/// Result: a JSON list of every violation {"instance": path, "schema": path, "message"}, empty when the instance is valid.
pub extern "C" fn check(schema: *const Schema, instance: Slice, out: *mut Buffer) -> u32 {
    guard(out, || {
        let instance = parse("the instance", &instance)?;
        let violations: Vec<Value> = unsafe { &*schema }
            .validator
            .iter_errors(&instance)
            .map(|error| {
                json!({
                    "instance": error.instance_path().to_string(),
                    "schema": error.schema_path().to_string(),
                    "message": error.to_string(),
                })
            })
            .collect();
        Ok(Value::Array(violations).to_string().into_bytes())
    })
}
