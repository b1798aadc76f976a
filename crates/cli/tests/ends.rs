//! Runs that end early: by a signal, or for want of a terminal.

#![cfg(unix)]

mod common;

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use common::Sandbox;
use mailseal_testkit::program::Program;

/// R143: a signal leaves no half file
#[test]
fn a_signal_leaves_nothing() {
    let sandbox = Sandbox::new();
    let draft = sandbox.read("draft.eml");
    sandbox.write("large.eml", draft + &"The same line again and again, for a long time.\n".repeat(1 << 20));
    let before = sandbox.names();
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailseal"))
        .args([
            "encrypt",
            "--no-keyring",
            "--batch",
            "--no-sign",
            "--cert",
            "carol.cert.asc",
            "-r",
            "carol@example.org",
        ])
        .args(["-o", "out.eml", "large.eml"])
        .current_dir(sandbox.path(""))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let give_up = Instant::now() + Duration::from_secs(60);
    while sandbox.names() == before {
        assert!(Instant::now() < give_up && child.try_wait().unwrap().is_none(), "no file was begun");
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(sandbox.names(), before);
}

/// Never a hang: without a terminal a locked key is 67, also without --batch
#[test]
fn without_a_terminal_nobody_is_asked() {
    let sandbox = Sandbox::new();
    let draft = sandbox.read("draft.eml").replace("Alice <alice@", "Locked <locked@");
    let Some(setsid) = Program::find("setsid") else { return };
    let run = setsid
        .args(["--wait", env!("CARGO_BIN_EXE_mailseal"), "sign", "--no-keyring", "--key", "locked.key.asc"])
        .dir(&sandbox.path(""))
        .stdin(draft)
        .run();
    assert_eq!(run.status.code(), Some(67), "{}", run.stderr);
    assert!(run.stdout.is_empty());
}

#[test]
fn a_person_is_asked_on_the_terminal() {
    let sandbox = Sandbox::new();
    sandbox.write("draft.eml", sandbox.read("draft.eml").replace("Alice <alice@", "Locked <locked@"));
    let Some(script) = Program::find("script") else { return };
    let mailseal = env!("CARGO_BIN_EXE_mailseal");
    let sign = format!("{mailseal} sign --no-keyring --key locked.key.asc -o out.eml draft.eml");
    let run = script
        .args(["--quiet", "--return", "--command", &sign, "/dev/null"])
        .dir(&sandbox.path(""))
        .stdin("wrong\ncorrect horse\n")
        .run();
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert_eq!(run.status.code(), Some(0), "{said}{}", run.stderr);
    assert_eq!(said.matches("Passphrase for ").count(), 2, "{said}");
    assert!(sandbox.read("out.eml").contains("multipart/signed"));
}
