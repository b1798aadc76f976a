//! Holds values against a JSON Schema, as far as the published one goes.

#![allow(clippy::panic, reason = "a helper of tests fails its test")]

use serde_json::Value;

/// What `value` breaks in `schema`, each with the place in the value; empty where it holds.
///
/// # Panics
/// At a keyword that is not known here: what is not understood is not passed over.
pub(crate) fn breaks(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Walk { root: schema, found: &mut found }.hold(schema, value, "");
    found
}

struct Walk<'s> {
    root: &'s Value,
    found: &'s mut Vec<String>,
}

impl Walk<'_> {
    fn hold(&mut self, schema: &Value, value: &Value, at: &str) {
        for (keyword, says) in schema.as_object().expect("a schema is an object") {
            let holds = match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" | "format" => true,
                "$ref" => {
                    let pointer = says.as_str().and_then(|name| name.strip_prefix('#')).expect("a reference is local");
                    let there = self.root.pointer(pointer).expect("a reference leads somewhere");
                    self.hold(there, value, at);
                    true
                }
                "type" => match says {
                    Value::Array(types) => types.iter().any(|name| is_of(name, value)),
                    name => is_of(name, value),
                },
                "const" => says == value,
                "enum" => says.as_array().expect("an enumeration is a list").contains(value),
                "minimum" => value.as_f64() >= says.as_f64(),
                "required" => {
                    let names = says.as_array().expect("required is a list").iter();
                    names.filter_map(Value::as_str).all(|name| value.get(name).is_some())
                }
                "properties" => {
                    for (name, inner) in says.as_object().expect("properties are an object") {
                        if let Some(member) = value.get(name) {
                            self.hold(inner, member, &format!("{at}/{name}"));
                        }
                    }
                    true
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.hold(says, item, &format!("{at}/{index}"));
                    }
                    true
                }
                "oneOf" => {
                    let fits = |one: &&Value| {
                        let mut found = Vec::new();
                        Walk { root: self.root, found: &mut found }.hold(one, value, at);
                        found.is_empty()
                    };
                    says.as_array().expect("oneOf is a list").iter().filter(fits).count() == 1
                }
                unknown => panic!("a keyword that is not known here: {unknown}"),
            };
            if !holds {
                self.found.push(format!("{at}: {keyword} {says}, found {value}"));
            }
        }
    }
}

fn is_of(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("a type has a name") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("a type that is not known here: {other}"),
    }
}
