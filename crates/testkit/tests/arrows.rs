//! The arrows between the crates all point down: what `cargo metadata` says is held against the table below.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// What each crate may depend on of ours. The crates that `mail` only re-exports are behind features.
const ARROWS: &[(&str, &[&str], &[&str])] = &[
    ("mailseal-core", &[], &[]),
    ("mailseal-mime", &[], &[]),
    ("mailseal-weak-keys", &[], &[]),
    ("mailseal-cms", &["mailseal-weak-keys"], &[]),
    ("mailseal-openpgp", &["mailseal-core", "mailseal-weak-keys"], &[]),
    ("mailseal-keyring", &["mailseal-core"], &[]),
    ("mailseal-gnupg", &["mailseal-core", "mailseal-openpgp"], &[]),
    ("mailseal-smime", &["mailseal-core", "mailseal-cms", "mailseal-weak-keys"], &[]),
    ("mailseal", &["mailseal-core", "mailseal-mime"], &["mailseal-openpgp", "mailseal-smime"]),
    (
        "mailseal-cli",
        &[
            "mailseal",
            "mailseal-core",
            "mailseal-mime",
            "mailseal-cms",
            "mailseal-openpgp",
            "mailseal-smime",
            "mailseal-keyring",
            "mailseal-gnupg",
        ],
        &[],
    ),
    ("mailseal-sop", &["mailseal-core", "mailseal-openpgp"], &[]),
    ("mailseal-testkit", &["mailseal-core"], &[]),
];

#[test]
fn arrows_point_down() {
    let packages = packages();
    let names: BTreeSet<&str> = packages.iter().map(name).collect();
    let known: BTreeSet<&str> = ARROWS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, known, "every crate of the workspace has its line in the table");

    for package in &packages {
        let (_, always, behind_features) =
            ARROWS.iter().find(|(other, ..)| *other == name(package)).expect("checked above");
        for dependency in dependencies(package).filter(|dependency| known.contains(name(dependency))) {
            // Tests may use the testkit, and crates above to hold a conversation with.
            if dependency["kind"] == "dev" {
                continue;
            }
            let optional = dependency["optional"] == true;
            let allowed =
                always.contains(&name(dependency)) || (optional && behind_features.contains(&name(dependency)));
            assert!(allowed, "{} must not depend on {}", name(package), name(dependency));
        }
    }
}

#[test]
fn only_openpgp_names_sequoia() {
    for package in packages().iter().filter(|package| name(package) != "mailseal-openpgp") {
        let named = dependencies(package).find(|dependency| name(dependency).contains("sequoia"));
        assert!(named.is_none(), "{} depends on {named:?}", name(package));
    }
}

/// The builder of the crate `cms` wraps content keys under a key that is all zero (docs/attacks.md).
#[test]
fn the_builder_of_cms_is_never_enabled() {
    for package in &packages() {
        for dependency in dependencies(package).filter(|dependency| name(dependency) == "cms") {
            let features = dependency["features"].as_array().expect("features are a list");
            assert!(!features.iter().any(|feature| feature == "builder"), "{}", name(package));
            assert_eq!(dependency["uses_default_features"], false, "{}", name(package));
        }
    }
}

/// R133: no code that could fetch anything is linked into the commands.
#[test]
fn nothing_speaks_to_a_network() {
    for package in ["mailseal-cli", "mailseal-sop"] {
        speaks_to_no_network(package);
    }
}

fn speaks_to_no_network(package: &str) {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--offline", "--locked"])
        .current_dir(mailseal_testkit::workspace())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("names of crates are UTF-8");
    let linked: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(linked.contains("sequoia-openpgp") && linked.len() > 50, "{linked:?}");
    for network in [
        "tokio",
        "mio",
        "async-std",
        "smol",
        "socket2",
        "hyper",
        "reqwest",
        "ureq",
        "curl",
        "isahc",
        "rustls",
        "native-tls",
        "hickory-resolver",
        "trust-dns-resolver",
        "lettre",
        "sequoia-net",
        "tungstenite",
        "quinn",
    ] {
        assert!(!linked.contains(network), "{network} is linked");
    }
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(mailseal_testkit::workspace())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata writes JSON");
    metadata["packages"].as_array().expect("metadata lists packages").clone()
}

fn dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    package["dependencies"].as_array().expect("a package lists its dependencies").iter()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().expect("packages and dependencies have names")
}
