//! Attacks 12, 13, 15, 16, 21 and 22: signers, signed attributes, times, revocation, hashes and chains.

use crate::asn1::{Node, edited, tlv};
use crate::kit::*;
use crate::packets::{Packet, armor, join, of_armor};
use mailseal_testkit::personas::{ALICE, BOB, EVE, EVE_AS_ALICE, Persona, REVOKED};

const REVOKED_PGP: Persona = Persona { name: "revoked", address: "alice@example.org" };

pub(crate) fn make() {
    signers();
    attributes();
    times();
    revocation();
    hashes();
    chains();
}

fn pgp(folder: &str, name: &str, entity: &str, packets: &[Packet]) {
    let signature = armor("SIGNATURE", &join(packets));
    write(folder, &format!("{name}-pgp"), mail(FROM_ALICE, &Pgp.with_signature(entity, signature.as_bytes())));
}

fn smime(folder: &str, name: &str, from: &str, entity: &str, signature: &[u8]) {
    write(folder, &format!("{name}-smime"), mail(from, &SMime.with_signature(entity, signature)));
}

fn signers() {
    let folder = "12-signers";
    let alice = SMime.signature(&[ALICE], LETTER);
    let both = SMime.signature(&[ALICE, BOB], LETTER);
    let put = |name: &str, signature: &[u8]| smime(folder, name, FROM_ALICE, LETTER, signature);
    put("none", &edited(&alice, |tree| tree.at(&[1, 0]).inner().last_mut().unwrap().inner().clear()));
    let empty =
        edited(&opaque_signed(&ALICE, FORGED), |tree| tree.at(&[1, 0]).inner().last_mut().unwrap().inner().clear());
    write(folder, "none-opaque-smime", mail(FROM_ALICE, &opaque("signed-data", &empty)));
    let damage = |signature: &[u8], which: usize| {
        edited(signature, |tree| {
            let infos = tree.at(&[1, 0]).inner().last_mut().unwrap();
            let Node::Leaf(_, octets) = &mut infos.inner()[which].inner()[5] else { panic!("signature") };
            let last = octets.last_mut().unwrap();
            *last ^= 1;
        })
    };
    put("only-a-false-one", &damage(&alice, 0));
    put("first-false", &damage(&both, 0));
    put("second-false", &damage(&both, 1));
    put("only-another", &SMime.signature(&[BOB], LETTER));
    let without_certificates =
        edited(&SMime.signature(&[EVE_AS_ALICE], LETTER), |tree| drop(tree.at(&[1, 0]).inner().remove(3)));
    put("nobody-known", &without_certificates);
    put("control-one", &alice);
    put("control-two", &both);

    let alice = of_armor(&text(&Pgp.signature(&[ALICE], LETTER)));
    let eve = of_armor(&text(&Pgp.signature(&[EVE], LETTER)));
    let unknown = of_armor(&text(&Pgp.signature(&[EVE_AS_ALICE], LETTER)));
    let mut broken = alice.clone();
    let last = broken[0].body.last_mut().unwrap();
    *last ^= 1;
    let put = |name: &str, packets: &[Packet]| pgp(folder, name, LETTER, packets);
    put("none", &[]);
    put("only-a-false-one", &broken);
    put("first-false", &[&broken[..], &alice].concat());
    put("second-false", &[&alice[..], &broken].concat());
    put("only-another", &eve);
    put("nobody-known", &unknown);
    put("control-one", &alice);
    put("control-two", &[&alice[..], &eve].concat());
    put("control-beside-an-unknown", &[&unknown[..], &alice].concat());
}

/// Bob's signature with attributes of our choice, over this content.
fn forged(content: &str, change: &dyn Fn(&mut Vec<Node>)) -> Vec<u8> {
    edited(&SMime.signature(&[BOB], content), |tree| {
        let info = tree.at(&[1, 0]).inner().last_mut().unwrap().at(&[0]);
        change(info.at(&[3]).inner());
        let mut set = info.at(&[3]).der();
        set[0] = 0x31;
        info.inner()[5] = Node::Leaf(4, openssl("dgst -sha256 -sign bob.key.pem", set));
    })
}

fn is_attribute(node: &Node, number: u8) -> bool {
    let Node::Branch(_, inner) = node else { return false };
    inner[0].octets() == [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, number]
}

fn attributes() {
    let folder = "13-signed-attributes";
    let put = |name: &str, signature: &[u8]| smime(folder, name, FROM_BOB, LETTER, signature);
    put("control", &SMime.signature(&[BOB], LETTER));
    put("control-signed-anew", &forged(LETTER, &|_| {}));
    put("no-content-type", &forged(LETTER, &|all| all.retain(|one| !is_attribute(one, 3))));
    put("no-message-digest", &forged(LETTER, &|all| all.retain(|one| !is_attribute(one, 4))));
    put(
        "two-message-digests",
        &forged(LETTER, &|all| {
            let digest = all.iter().find(|one| is_attribute(one, 4)).unwrap().clone();
            all.push(digest);
        }),
    );
    put(
        "other-content-type",
        &forged(LETTER, &|all| {
            let found = all.iter_mut().find(|one| is_attribute(one, 3)).unwrap();
            *found.at(&[1, 0]) = Node::Leaf(6, vec![0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 5]);
        }),
    );
    put("sequence-for-set", &forged(LETTER, &|all| *all = vec![Node::Branch(0x30, all.clone())]));
    put("other-content", &SMime.signature(&[BOB], FORGED));
    // The attributes of Bob's signature as the content of one without attributes.
    let signed = Node::parse(&opaque_signed(&BOB, LETTER)).der();
    let passed_off = edited(&signed, |tree| {
        let info = tree.at(&[1, 0]).inner().last_mut().unwrap().at(&[0]);
        let mut attributes = info.inner().remove(3).der();
        attributes[0] = 0x31;
        *tree.at(&[1, 0, 2, 1]) = Node::parse(&tlv(0xa0, &tlv(4, &attributes)));
    });
    write(folder, "attributes-as-content-smime", mail(FROM_BOB, &opaque("signed-data", &passed_off)));
    let no_attributes = edited(&signed, |tree| {
        let info = tree.at(&[1, 0]).inner().last_mut().unwrap().at(&[0]);
        drop(info.inner().remove(3));
        info.inner()[4] = Node::Leaf(4, openssl("dgst -sha256 -sign bob.key.pem", LETTER));
        *tree.at(&[1, 0, 2, 0]) = Node::Leaf(6, vec![0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 5]);
    });
    write(folder, "no-attributes-other-type-smime", mail(FROM_BOB, &opaque("signed-data", &no_attributes)));
    write(folder, "control-opaque-smime", mail(FROM_BOB, &opaque("signed-data", &signed)));

    let alice = of_armor(&text(&Pgp.signature(&[ALICE], LETTER)));
    let with = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut packets = alice.clone();
        change(&mut packets[0].body);
        pgp(folder, name, LETTER, &packets);
    };
    with("control", &|_| {});
    for (name, kind) in [("text", 1), ("standalone", 2), ("certification", 0x10), ("timestamp", 0x40)] {
        with(&format!("made-a-{name}"), &|body| body[1] = kind);
    }
    with("hash-renamed", &|body| body[3] = if body[3] == 8 { 10 } else { 8 });
    with("time-changed", &|body| body[20] ^= 1);
    // Another hashed area, with the time alone in it, and what was hashed moved to where nobody signs.
    with("attributes-moved", &|body| {
        let hashed = usize::from(body[4]) << 8 | usize::from(body[5]);
        let area = body[6..6 + hashed].to_vec();
        let rest = body[6 + hashed + 2..].to_vec();
        let unhashed = usize::from(body[6 + hashed]) << 8 | usize::from(body[7 + hashed]);
        body.truncate(4);
        body.extend([0, 0]);
        body.extend(((hashed + unhashed) as u16).to_be_bytes());
        body.extend(area);
        body.extend(rest);
    });
}

fn times() {
    let folder = "15-time";
    // Signed when the certificate was good, or so it says.
    let how = "cms -sign -binary -noattr -md sha256 -signer expired.crt.pem -inkey expired.key.pem -outform DER";
    smime(folder, "expired", FROM_ALICE, LETTER, &openssl(how, LETTER));
    let early = SMime.signed(&ALICE, LETTER);
    write(folder, "control-smime", mail(FROM_ALICE, &early));
    write(folder, "control-pgp", mail(FROM_ALICE, &Pgp.signed(&ALICE, LETTER)));
    let again = |entity: &str| {
        let message = mail(FROM_ALICE, entity);
        message.replacen("Date: Mon, 01 Jun 2026", "Date: Tue, 01 Sep 2026", 1).replacen("<noon@", "<again@", 1)
    };
    for tech in BOTH {
        write(folder, &format!("another-date-{}", tech.name()), again(&tech.signed(&ALICE, LETTER)));
        let inside = format!(
            "From: {FROM_ALICE}\r\nDate: Mon, 01 Jun 2026 00:00:00 +0000\r\nMessage-ID: <noon@example.org>\r\n\
             Content-Type: text/plain; hp=clear\r\n\r\nMeet me at noon.\r\n"
        );
        write(folder, &format!("protected-date-{}", tech.name()), again(&tech.signed(&ALICE, &inside)));
        write(
            folder,
            &format!("control-protected-date-{}", tech.name()),
            mail(FROM_ALICE, &tech.signed(&ALICE, &inside)),
        );
    }
}

fn revocation() {
    let folder = "16-revocation";
    for (name, who) in [("revoked", &REVOKED), ("control", &ALICE)] {
        write(folder, &format!("{name}-smime"), mail(FROM_ALICE, &SMime.signed(who, LETTER)));
    }
    let by_key = |key: &Persona| {
        let home = mailseal_testkit::gnupg::Home::new().expect("gpg is needed");
        let public = std::fs::read_to_string(key.openpgp_key()).unwrap();
        // Without the revocation gpg signs with it, as the thief's program does.
        let mut packets = of_armor(&public);
        packets.retain(|packet| packet.tag != 2 || packet.body[1] != 0x20);
        drop(home.gpg().arg("--import").stdin(join(&packets)).succeed());
        let program = home.gpg().args(["--faked-system-time", "20260531T235900!", "--armor", "--detach-sign"]);
        Pgp.with_signature(LETTER, crlf(&program.stdin(LETTER).succeed()).as_bytes())
    };
    write(folder, "revoked-pgp", mail(FROM_ALICE, &by_key(&REVOKED_PGP)));
    write(folder, "control-pgp", mail(FROM_ALICE, &by_key(&ALICE)));
}

fn hashes() {
    let folder = "21-weak-hashes";
    let gpg = Gpg::new();
    for hash in ["MD5", "SHA1", "RIPEMD160", "SHA256", "SHA512"] {
        let name =
            if hash.starts_with("SHA2") || hash == "SHA512" { format!("control-{hash}") } else { hash.to_owned() };
        let how = format!("--allow-weak-digest-algos --digest-algo {hash} --armor --detach-sign -u bob@example.org");
        let signature = crlf(&gpg.run(&how, LETTER));
        let name = format!("{}-pgp", name.to_lowercase());
        write(folder, &name, mail(FROM_BOB, &Pgp.with_signature(LETTER, signature.as_bytes())));
    }
    for hash in ["md5", "sha1", "sha256", "sha512"] {
        let name = if hash.len() > 4 { format!("control-{hash}") } else { hash.to_owned() };
        // Its clock is not ours, and a signature from the future is none.
        let how =
            format!("cms -sign -binary -noattr -md {hash} -signer alice.crt.pem -inkey alice.key.pem -outform DER");
        smime(folder, &name, FROM_ALICE, LETTER, &openssl(&how, LETTER));
    }
}

fn chains() {
    let folder = "22-chains";
    let put = |name: &str, signature: &[u8]| smime(folder, name, FROM_ALICE, FORGED, signature);
    let with_certificates = |who: &Persona, files: &[&str]| {
        edited(&SMime.signature(&[*who], FORGED), |tree| {
            for file in files {
                let der = openssl(&format!("x509 -in {file}.crt.pem -outform DER"), "");
                tree.at(&[1, 0, 3]).inner().push(Node::parse(&der));
            }
        })
    };
    put("own-root", &with_certificates(&EVE_AS_ALICE, &["eve-root"]));
    put("own-root-and-ours", &with_certificates(&EVE_AS_ALICE, &["eve-root", "root", "intermediate"]));
    put("our-root-first", &with_certificates(&EVE_AS_ALICE, &["root", "intermediate", "eve-root", "eve", "bob"]));
    smime(folder, "control-bare", FROM_ALICE, LETTER, &SMime.signature(&[ALICE], LETTER));
    let along = edited(&SMime.signature(&[ALICE], LETTER), |tree| {
        for file in ["intermediate", "root", "eve-root"] {
            let der = openssl(&format!("x509 -in {file}.crt.pem -outform DER"), "");
            tree.at(&[1, 0, 3]).inner().push(Node::parse(&der));
        }
    });
    smime(folder, "control-more-along", FROM_ALICE, LETTER, &along);
}
