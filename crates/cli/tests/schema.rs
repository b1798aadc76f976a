//! The schema of the verdict is published in `docs/`, and it refuses what is no verdict.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use common::{Sandbox, schema::breaks, stdout};
use serde_json::{Value, json};

const PUBLISHED: &str = "docs/verdict.schema.json";

/// Whoever changes the verdict publishes it: `mailseal schema > docs/verdict.schema.json`
#[test]
fn what_is_published_is_what_is_printed() {
    let published = std::fs::read_to_string(mailseal_testkit::workspace().join(PUBLISHED)).unwrap();
    let printed = stdout(&Sandbox::new().run("schema").success());
    assert!(published == printed, "{PUBLISHED} is old: `mailseal schema > {PUBLISHED}` writes it again");
}

/// R137: each word of the verdict is one that the schema names
#[test]
fn words_that_are_not_named_are_refused() {
    let sandbox = Sandbox::with_mail();
    let schema: Value = serde_json::from_str(&stdout(&sandbox.run("schema").success())).unwrap();
    let line = stdout(&sandbox.run("verify --json --key carol.key.asc --cert alice.cert.asc sealed.eml").success());
    let verdict: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(breaks(&schema, &verdict), Vec::<String>::new());
    for (place, value) in [
        ("/schema", json!("mailseal.verdict/2")),
        ("/summary", json!("signed, really")),
        ("/sender/status", json!("good")),
        ("/sender/reason", json!("because")),
        ("/layers/0/decryption", json!("maybe")),
        ("/layers/0/kind", json!("sealed")),
        ("/layers/1/signatures/0", json!(-1)),
        ("/signatures/0/check", json!("fine")),
        ("/signatures/0/certificate/status", Value::Null),
        ("/signatures/0/address_match", json!("yes")),
        ("/headers/0/status", json!("protected")),
        ("/defects", json!({})),
    ] {
        let mut other = verdict.clone();
        *other.pointer_mut(place).unwrap_or_else(|| panic!("{place}: {verdict}")) = value;
        assert!(!breaks(&schema, &other).is_empty(), "{place}");
    }
    let mut without = verdict;
    without.as_object_mut().unwrap().remove("summary");
    assert!(!breaks(&schema, &without).is_empty());
}
