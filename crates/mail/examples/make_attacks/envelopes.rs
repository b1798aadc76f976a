//! Attacks 7, 10, 11 and 14: recipients, passwords, missing fields, and layers that were put on or taken off.

use crate::asn1::{Node, edited};
use crate::kit::*;
use crate::packets::{Packet, join, of_armor, packet};
use mailseal_testkit::personas::{ALICE, BOB, CAPABLE, CAROL, DAVE};

pub(crate) fn make() {
    recipients();
    passwords();
    missing_fields();
    layers_of_others();
}

fn recipients() {
    let folder = "07-recipients";
    let packets = of_armor(&text(&Pgp.ciphertext(&[ALICE, CAROL], &[], SECRET)));
    let put = |name: &str, packets: Vec<Packet>| {
        write(folder, &format!("{name}-pgp"), mail(FROM_ALICE, &container(&join(&packets))));
    };
    let damaged = |which: &[usize]| {
        let mut packets = packets.clone();
        for one in which {
            let last = packets[*one].body.last_mut().unwrap();
            *last ^= 1;
        }
        packets
    };
    put("control", packets.clone());
    put("control-others-damaged", damaged(&[0]));
    put("ours-damaged", damaged(&[1]));
    put("all-damaged", damaged(&[0, 1]));
    let ours = packets[1].clone();
    put("ours-twice-first-damaged", [&damaged(&[1])[..2], &[ours.clone(), packets[2].clone()]].concat());
    // The name of the recipient is ours, the session key is for somebody else.
    let mut renamed = packets[0].clone();
    renamed.body[1..9].copy_from_slice(&ours.body[1..9]);
    put("under-our-name", vec![renamed, packets[2].clone()]);
    put("none", packets[2..].to_vec());
    put("too-short", vec![packet(1, &ours.body[..10]), packets[2].clone()]);
    put("unknown-version", vec![packet(1, &[9; 40]), packets[2].clone()]);
    put("control-unknown-version", vec![packet(1, &[9; 40]), ours, packets[2].clone()]);

    for (name, to, label) in [
        ("smime-gcm", &[CAPABLE, CAPABLE][..1], "authEnveloped-data"),
        ("smime-cbc", &[BOB, DAVE][..], "enveloped-data"),
    ] {
        let octets = SMime.ciphertext(to, &[], SECRET);
        let put = |what: &str, octets: &[u8]| {
            write(folder, &format!("{what}-{name}"), mail(FROM_ALICE, &opaque(label, octets)));
        };
        // Key transport: version, rid, algorithm, encryptedKey.
        let with = |change: &dyn Fn(&mut Vec<Node>)| edited(&octets, |tree| change(tree.at(&[1, 0, 1]).inner()));
        let is_transport = |node: &Node| node.tag() == 0x30;
        let damage = |nodes: &mut Vec<Node>, change: &dyn Fn(&mut Vec<u8>)| {
            for node in nodes.iter_mut().filter(|node| is_transport(node)) {
                let Node::Leaf(_, key) = &mut node.inner()[3] else { panic!("encryptedKey") };
                change(key);
            }
        };
        put("control", &octets);
        put("ours-damaged", &with(&|nodes| damage(nodes, &|key| key[5] ^= 1)));
        put("ours-cut", &with(&|nodes| damage(nodes, &|key| key.truncate(100))));
        put("ours-empty", &with(&|nodes| damage(nodes, &|key| key.clear())));
        put("ours-zero", &with(&|nodes| damage(nodes, &|key| key.fill(0))));
        put("none", &with(&|nodes| nodes.clear()));
        put(
            "ours-twice-first-damaged",
            &with(&|nodes| {
                let ours = nodes.iter().find(|node| is_transport(node)).unwrap().clone();
                damage(nodes, &|key| key[5] ^= 1);
                nodes.push(ours);
            }),
        );
    }
}

fn passwords() {
    let folder = "10-passwords";
    let with_password = |more: &str| {
        openssl(&format!("cms -encrypt -aes256 -pwri_password secret -outform DER -binary {more}"), SECRET)
    };
    let put = |name: &str, octets: &[u8]| {
        write(folder, &format!("{name}-smime"), mail(FROM_ALICE, &opaque("enveloped-data", octets)));
    };
    let alone = with_password("");
    let beside = with_password("dave.crt.pem");
    put("only-a-password", &alone);
    put("control-beside-a-key", &beside);
    // PasswordRecipientInfo is [3]: version, [0] key derivation, key encryption, encryptedKey.
    let change = |octets: &[u8], change: &dyn Fn(&mut Vec<Node>)| {
        edited(octets, |tree| {
            let infos = tree.at(&[1, 0, 1]).inner();
            change(infos.iter_mut().find(|node| node.tag() == 0xa3).unwrap().inner());
        })
    };
    let short = |info: &mut Vec<Node>| *info.last_mut().unwrap() = Node::Leaf(4, vec![1, 2, 3]);
    let endless = |info: &mut Vec<Node>| {
        let Node::Branch(_, derivation) = &mut info[1] else { panic!("keyDerivationAlgorithm") };
        derivation[1].inner()[1] = Node::Leaf(2, vec![0x7f, 0xff, 0xff, 0xff]);
    };
    put("short-key", &change(&alone, &short));
    put("endless-derivation", &change(&alone, &endless));
    put("short-key-beside-ours", &change(&beside, &short));
    put("endless-derivation-beside-ours", &change(&beside, &endless));

    let gpg = Gpg::new();
    let armored =
        |how: &str| crlf(&gpg.run(&format!("--armor --passphrase secret --symmetric --s2k-count 65536 {how}"), SECRET));
    let put = |name: &str, armored: &str| write(folder, &format!("{name}-pgp"), mail(FROM_ALICE, &controlled(armored)));
    let (alone, beside) = (armored(""), armored("--encrypt -r carol@example.org"));
    put("only-a-password", &alone);
    put("control-beside-a-key", &beside);
    let endless = |armored: &str| {
        let mut packets = of_armor(armored);
        let one = packets.iter_mut().find(|packet| packet.tag == 3).unwrap();
        one.body[12] = 0xff;
        container(&join(&packets))
    };
    write(folder, "endless-derivation-pgp", mail(FROM_ALICE, &endless(&alone)));
    write(folder, "endless-derivation-beside-ours-pgp", mail(FROM_ALICE, &endless(&beside)));
    let argon2 = packet(3, &[&[6, 37, 9, 2, 20, 4][..], &[7; 16], &[0xff, 0xff, 31], &[7; 47]].concat());
    let mut packets = of_armor(&text(&Pgp.ciphertext(&[CAROL], &[], SECRET)));
    packets.insert(0, argon2);
    write(folder, "huge-argon2-beside-ours-pgp", mail(FROM_ALICE, &container(&join(&packets))));
}

fn missing_fields() {
    let folder = "11-missing-fields";
    let signed = SMime.signature(&[ALICE], LETTER);
    let put = |name: &str, octets: &[u8]| {
        write(folder, &format!("{name}-smime"), mail(FROM_ALICE, &SMime.with_signature(LETTER, octets)));
    };
    put("control-signed", &signed);
    put("no-digest-algorithms", &edited(&signed, |tree| drop(tree.at(&[1, 0]).inner().remove(1))));
    put("empty-digest-algorithms", &edited(&signed, |tree| tree.at(&[1, 0, 1]).inner().clear()));
    put("no-content-info", &edited(&signed, |tree| drop(tree.at(&[1, 0]).inner().remove(2))));
    put("no-signer-infos", &edited(&signed, |tree| drop(tree.at(&[1, 0]).inner().pop())));
    for (name, index) in
        [("version", 0), ("signer", 1), ("digest-algorithm", 2), ("attributes", 3), ("algorithm", 4), ("signature", 5)]
    {
        let without = edited(&signed, |tree| {
            drop(tree.at(&[1, 0]).inner().last_mut().unwrap().at(&[0]).inner().remove(index));
        });
        put(&format!("no-{name}"), &without);
    }
    let gcm = SMime.ciphertext(&[CAPABLE], &[], SECRET);
    let put = |name: &str, octets: &[u8]| {
        write(folder, &format!("{name}-smime"), mail(FROM_ALICE, &opaque("authEnveloped-data", octets)));
    };
    put("control-encrypted", &gcm);
    put("no-encrypted-content", &edited(&gcm, |tree| drop(tree.at(&[1, 0, 2]).inner().pop())));
    put("no-recipient-infos", &edited(&gcm, |tree| drop(tree.at(&[1, 0]).inner().remove(1))));
    put("no-encryption-version", &edited(&gcm, |tree| drop(tree.at(&[1, 0]).inner().remove(0))));
    put("null-for-parameters", &edited(&gcm, |tree| tree.at(&[1, 0, 2, 1]).inner()[1] = Node::Leaf(5, Vec::new())));

    let signature = of_armor(&text(&Pgp.signature(&[ALICE], LETTER)));
    let put = |name: &str, packets: &[Packet]| {
        let armored = crate::packets::armor("SIGNATURE", &join(packets));
        write(folder, &format!("{name}-pgp"), mail(FROM_ALICE, &Pgp.with_signature(LETTER, armored.as_bytes())));
    };
    put("control-signed", &signature);
    let body = &signature[0].body;
    put("signature-of-nothing", &[packet(2, &[])]);
    put("signature-cut", &[packet(2, &body[..body.len() / 2])]);
    // Version, type, key algorithm, hash algorithm, then the hashed area and its length.
    let hashed = usize::from(body[4]) << 8 | usize::from(body[5]);
    put("no-hashed-area", &[packet(2, &[&body[..4], &[0, 0], &body[6 + hashed..]].concat())]);
    put("unknown-version", &[packet(2, &[&[99], &body[1..]].concat())]);
    put("unknown-hash", &[packet(2, &[&body[..3], &[99], &body[4..]].concat())]);
}

fn layers_of_others() {
    let folder = "14-surreptitious";
    for tech in BOTH {
        let (insider, from) = tech.insider();
        let put = |name: &str, from: &str, entity: &str| {
            write(folder, &format!("{name}-{}", tech.name()), mail(from, entity));
        };
        // Alice's ciphertext, signed by somebody else as if it were theirs.
        put("signed-by-another", from, &tech.signed(&insider, &tech.sealed(&ALICE, SECRET)));
        put("unsigned-inside", from, &tech.signed(&insider, &tech.encrypted(SECRET)));
        put("signed-outside-as-alice", FROM_ALICE, &tech.signed(&ALICE, &tech.encrypted(SECRET)));
        put("control-sealed", FROM_ALICE, &tech.sealed(&ALICE, SECRET));
        put("control-three-layers", FROM_ALICE, &tech.signed(&ALICE, &tech.sealed(&ALICE, SECRET)));
        // What Alice signed for Bob, encrypted anew to the reader: the protected To tells, if there is one.
        let dismissed = "Content-Type: text/plain\r\n\r\nYou are dismissed.\r\n";
        let again = |entity: &str| tech.encrypted(&tech.signed(&ALICE, entity));
        put("signed-for-another", FROM_ALICE, &again(&addressed("Bob <bob@example.org>")));
        put("signed-for-whom", FROM_ALICE, &again(dismissed));
        put("control-signed-for-us", FROM_ALICE, &again(&addressed("carol@example.org, dave@example.org")));
    }
    let signed = opaque_signed(&ALICE, &addressed("Bob <bob@example.org>"));
    let again = SMime.encrypted(&opaque("signed-data", &signed));
    write(folder, "signed-for-another-opaque-smime", mail(FROM_ALICE, &again));
    // OpenPGP names its recipients within the signature.
    let gpg = Gpg::new();
    let to_bob = Pgp.ciphertext(&[BOB], &[ALICE], SECRET);
    let inside = gpg.run("--unwrap --decrypt", to_bob);
    let again = crlf(&gpg.run("--armor --no-literal -z 0 --encrypt -r carol@example.org", inside));
    write(folder, "encrypted-anew-pgp", mail(FROM_ALICE, &controlled(&again)));
    let in_the_open = gpg.run("--unwrap --decrypt", Pgp.ciphertext(&[BOB], &[ALICE], LETTER));
    write(folder, "taken-out-pgp", mail(FROM_ALICE, &container(&in_the_open)));
}

/// A notice from Alice whose protected header says for whom it is.
fn addressed(to: &str) -> String {
    format!(
        "From: {FROM_ALICE}\r\nTo: {to}\r\nDate: Mon, 01 Jun 2026 00:00:00 +0000\r\nSubject: You are\r\n\
         Content-Type: text/plain; hp=cipher\r\n\r\nYou are dismissed.\r\n"
    )
}
