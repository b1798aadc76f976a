//! Attacks 4, 6 and 9: ciphertext that was changed, MIME that is broken inside, parameters of authenticated encryption.

use crate::asn1::{Node, edited, tlv};
use crate::kit::*;
use crate::packets::{Packet, join, of_armor, packet};
use mailseal_testkit::personas::{ALICE, CAPABLE, CAROL, DAVE, ERIN, Persona};

/// Of ContentInfo to EncryptedContentInfo, behind version and recipientInfos.
const CONTENT: [usize; 3] = [1, 0, 2];

pub(crate) fn make() {
    changed_packets();
    changed_envelopes();
    broken_mime();
    parameters();
}

fn sealed_for(who: &Persona) -> Vec<Packet> {
    of_armor(&text(&Pgp.ciphertext(&[*who], &[ALICE], SECRET)))
}

fn changed_packets() {
    let folder = "04-efail";
    for (version, who) in [("v1", &CAROL), ("v2", &ERIN)] {
        let packets = sealed_for(who);
        let (at, length) = (packets.len() - 1, packets.last().unwrap().body.len());
        let put = |name: &str, packets: &[Packet]| {
            write(folder, &format!("{name}-pgp-{version}"), mail(FROM_ALICE, &container(&join(packets))));
        };
        let with = |name: &str, change: &dyn Fn(&mut Packet)| {
            let mut packets = packets.clone();
            change(&mut packets[at]);
            put(name, &packets);
        };
        put("control", &packets);
        with("flipped-first-block", &|last| last.body[40] ^= 1);
        with("flipped", &|last| last.body[length / 2] ^= 0x20);
        with("flipped-end", &|last| last.body[length - 1] ^= 1);
        with("cut", &|last| last.body.truncate(length - 30));
        with("without-its-end", &|last| last.body.truncate(length - if version == "v1" { 22 } else { 16 }));
        with("as-unprotected", &|last| *last = packet(9, &last.body[1..]));
        with("as-literal", &|last| last.tag = 11);
        with("other-version", &|last| last.body[0] ^= 3);
        with("gadget", &|last| {
            // What EFAIL inserts between blocks: the ciphertext of known text, again.
            let block = last.body[36..52].to_vec();
            last.body.splice(52..52, block);
        });
    }
    let sed = Gpg::new().run("--armor --rfc2440 --cipher-algo AES256 -z 0 --encrypt -r bob@example.org", SECRET);
    write(folder, "never-protected-pgp", mail(FROM_ALICE, &controlled(&crlf(&sed))));
}

fn changed_envelopes() {
    let folder = "04-efail";
    let inside = SMime.signed(&ALICE, SECRET);
    let gcm = SMime.ciphertext(&[CAPABLE], &[], &inside);
    let cbc = SMime.ciphertext(&[DAVE], &[], &inside);
    let plain = SMime.ciphertext(&[DAVE], &[], SECRET);
    let put = |name: &str, label: &str, octets: &[u8]| write(folder, name, mail(FROM_ALICE, &opaque(label, octets)));
    put("control-smime-gcm", "authEnveloped-data", &gcm);
    put("control-smime-cbc", "enveloped-data", &cbc);
    put("control-smime-cbc-unsigned", "enveloped-data", &plain);
    let with = |octets: &[u8], change: &dyn Fn(&mut Vec<u8>)| {
        edited(octets, |tree| {
            let content = &mut tree.at(&CONTENT).inner()[2];
            let mut octets = content.octets();
            change(&mut octets);
            *content = Node::Leaf(0x80, octets);
        })
    };
    for (name, label, octets) in [("gcm", "authEnveloped-data", &gcm), ("cbc", "enveloped-data", &cbc)] {
        let put = |what: &str, octets: &[u8]| put(&format!("{what}-smime-{name}"), label, octets);
        put("flipped-first-block", &with(octets, &|content| content[3] ^= 1));
        put(
            "flipped",
            &with(octets, &|content| {
                let at = content.len() / 2;
                content[at] ^= 0x20
            }),
        );
        put("cut", &with(octets, &|content| content.truncate(content.len() / 2 / 16 * 16)));
        put("cut-within-a-block", &with(octets, &|content| content.truncate(content.len() - 5)));
    }
    // The gadget of EFAIL: the first block says what the attacker wants, since the IV is added to it.
    let gadget = edited(&plain, |tree| {
        let Node::Leaf(_, iv) = tree.at(&[1, 0, 2, 1, 1]) else { panic!("an IV") };
        let (is, wanted) = (b"Content-Type: te", b"X-Eve: y\r\nX-Eve:");
        iv.iter_mut().zip(is.iter().zip(wanted)).for_each(|(octet, (is, wanted))| *octet ^= is ^ wanted);
    });
    put("gadget-smime-cbc", "enveloped-data", &gadget);
    put("first-block-lost-smime-cbc", "enveloped-data", &with(&plain, &|content| drop(content.drain(..16))));
    put("noise-in-the-header-smime-cbc", "enveloped-data", &with(&plain, &|content| content[1] ^= 0x40));
    let without_mac = edited(&gcm, |tree| {
        let auth = tree.at(&[1, 0]).inner();
        auth.retain(|node| node.tag() != 0x04);
        *tree.at(&[0]) = Node::Leaf(6, vec![0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 3]);
    });
    put("downgraded-smime-gcm", "enveloped-data", &without_mac);
    let as_cbc = edited(&without_mac, |tree| {
        let algorithm =
            Node::parse(&[&[0x30, 29, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2a, 4, 16][..], &[0; 16]].concat());
        *tree.at(&[1, 0, 2, 1]) = algorithm;
    });
    put("downgraded-to-cbc-smime-gcm", "enveloped-data", &as_cbc);
}

fn broken_mime() {
    let folder = "06-mime-oracle";
    let deep: String = (0..80)
        .map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"))
        .collect();
    for tech in BOTH {
        let put = |name: &str, inside: &str| {
            write(folder, &format!("{name}-{}", tech.name()), mail(FROM_EVE, &tech.encrypted(inside)));
        };
        let secret = "The second key lies under the bridge.";
        put("nested-too-deep", &format!("{deep}{secret}\r\n"));
        put("message-in-message", &format!("{}\r\n{secret}\r\n", "Content-Type: message/rfc822\r\n\r\n".repeat(80)));
        put("no-header", &format!("{secret}\r\n"));
        put("no-boundary", &format!("Content-Type: multipart/mixed\r\n\r\n{secret}\r\n"));
        put("unterminated", &format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{secret}\r\n"));
        put(
            "broken-base64",
            &format!("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n{secret}\r\n"),
        );
        put("broken-signature", &tech.multipart_signed(&[SECRET, "Content-Type: text/plain\r\n\r\nnone\r\n"]));
        put("null", &format!("Content-Type: text/plain\r\n\r\n{secret}\0\r\n"));
        put("empty", "");
        put("control", SECRET);
        put("control-multipart", &multipart("mixed", "b", &[SECRET, LETTER]));
        // The cipher that does not authenticate is where an oracle could be asked.
        if tech == SMime {
            for (name, inside) in [
                ("no-header", format!("{secret}\r\n")),
                ("no-boundary", format!("Content-Type: multipart/mixed\r\n\r\n{secret}\r\n")),
                ("unterminated", format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{secret}\r\n")),
                ("control", SECRET.to_owned()),
            ] {
                let octets = SMime.ciphertext(&[DAVE], &[], &inside);
                write(folder, &format!("{name}-smime-cbc"), mail(FROM_EVE, &opaque("enveloped-data", &octets)));
            }
        }
    }
}

fn parameters() {
    let folder = "09-aead";
    let gcm = SMime.ciphertext(&[CAPABLE], &[], SECRET);
    let put = |name: &str, octets: &[u8]| {
        write(folder, &format!("{name}-smime"), mail(FROM_ALICE, &opaque("authEnveloped-data", octets)));
    };
    put("control", &gcm);
    let parameters = |nonce: &[u8], tag_length: Option<u8>| {
        let length = tag_length.map_or(Vec::new(), |length| tlv(2, &[length]));
        Node::parse(&tlv(0x30, &[tlv(4, nonce), length].concat()))
    };
    let with = |nonce: &dyn Fn(Vec<u8>) -> Vec<u8>, tag_length: Option<u8>, tag: usize| {
        edited(&gcm, |tree| {
            let old = tree.at(&[1, 0, 2, 1, 1, 0]).octets();
            *tree.at(&[1, 0, 2, 1, 1]) = parameters(&nonce(old), tag_length);
            let Node::Leaf(_, mac) = tree.at(&[1, 0]).inner().last_mut().unwrap() else { panic!("a mac") };
            mac.truncate(tag);
        })
    };
    let same = |nonce: Vec<u8>| nonce;
    put("control-tag-of-12", &with(&same, Some(12), 12));
    put("tag-of-8", &with(&same, Some(8), 8));
    put("tag-of-4", &with(&same, Some(4), 4));
    put("no-tag", &with(&same, Some(16), 0));
    put("tag-shorter-than-said", &with(&same, Some(16), 12));
    put("tag-longer-than-said", &with(&same, Some(12), 16));
    put("nonce-of-8", &with(&|nonce| nonce[..8].to_vec(), Some(16), 16));
    put("nonce-of-none", &with(&|_| Vec::new(), Some(16), 16));
    put("nonce-of-2000", &with(&|nonce| nonce.repeat(170), Some(16), 16));
    put("no-parameters", &edited(&gcm, |tree| drop(tree.at(&[1, 0, 2, 1]).inner().pop())));
    put(
        "attributes-added",
        &edited(&gcm, |tree| {
            let attribute = [
                0xa1, 0x17, 0x30, 0x15, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3, 0x31, 8, 6, 6, 0x2a, 0x86,
                0x48, 0x86, 0xf7, 0x0d,
            ];
            tree.at(&[1, 0]).inner().insert(3, Node::parse(&attribute));
        }),
    );
    put(
        "other-inner-type",
        &edited(&gcm, |tree| {
            *tree.at(&[1, 0, 2, 0]) = Node::Leaf(6, vec![0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2]);
        }),
    );

    let packets = sealed_for(&ERIN);
    let put = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut packets = packets.clone();
        change(&mut packets.last_mut().unwrap().body);
        write(folder, &format!("{name}-pgp"), mail(FROM_ALICE, &container(&join(&packets))));
    };
    // Version, cipher, mode, chunk size, salt of 32 octets.
    put("control", &|_| {});
    put("other-cipher", &|body| body[1] = if body[1] == 9 { 7 } else { 9 });
    put("other-mode", &|body| body[2] ^= 3);
    put("unknown-mode", &|body| body[2] = 99);
    put("chunk-size", &|body| body[3] = 0xff);
    put("other-chunk-size", &|body| body[3] ^= 1);
    put("other-salt", &|body| body[20] ^= 1);
    put("short-salt", &|body| drop(body.drain(4..20)));
}
