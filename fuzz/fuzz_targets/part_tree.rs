//! Any octets as a message: parse it, recognise and decode every part, prepare it for signing, and read that again.
//!
//! Held: ranges lie in the input, in their parents and in order; numbers name parts; a prepared message obeys the rules of
//! signed entities, has the same leaves, and put into a multipart/signed it is recognised with the same octets.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailseal_mime::prepare::{Options, Scan, prepare};
use mailseal_mime::secure::{
    Secured, SignatureBody, SignatureEncoding, control_version, recognise, signed_content, write_signed,
};
use mailseal_mime::transfer::{decoder, strict_decoder};
use mailseal_mime::{AddressList, CanonicalReader, ContentType, Error, Limits, LineEnd, Tree, file_name};
use std::io::{self, Read, Write};

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    if let Ok(tree) = Tree::parse(&data, &limits) {
        check_ranges(data, &tree);
    }
    let Ok(tree) = Tree::parse_entity(&data, 0..data.len() as u64, &limits) else { return };
    check_ranges(data, &tree);
    check_parts(data, &tree);
    check_prepared(data, &tree);
});

fn check_ranges(data: &[u8], tree: &Tree) {
    assert_eq!(tree.root().entity, 0..data.len() as u64);
    for (index, part) in tree.parts().iter().enumerate() {
        assert!(part.entity.start <= part.body.start && part.body.start <= part.body.end);
        assert!(part.body.end == part.entity.end && part.entity.end <= data.len() as u64);
        assert_eq!(tree.by_number(&tree.number(index)), Some(index));
        let mut at = part.body.start;
        for &child in &part.children {
            let entity = &tree.parts()[child].entity;
            assert!(child > index && tree.parts()[child].parent == Some(index));
            assert!(entity.start >= at && entity.end <= part.body.end);
            at = entity.end;
        }
    }
}

fn check_parts(data: &[u8], tree: &Tree) {
    for (index, part) in tree.parts().iter().enumerate() {
        for field in &part.header {
            field.text();
            AddressList::parse(&field.value());
        }
        file_name(&part.header);
        if let Ok(field) = part.content_type.to_field() {
            let again = ContentType::parse(&field.value());
            assert_eq!(again.as_ref().map(ContentType::media_type), Some(part.content_type.media_type()));
        }
        match recognise(tree, index) {
            Some(Secured::Signed(signed)) => {
                assert_eq!(signed.range, tree.parts()[signed.content].entity);
                io::copy(&mut signed_content(&data, signed.range), &mut io::sink()).expect("memory can be read");
            }
            Some(Secured::Encrypted(encrypted)) => {
                control_version(&data, tree, encrypted.control).expect("memory can be read");
            }
            _ => {}
        }
        io::copy(&mut tree.decoded(&data, index), &mut io::sink()).expect("lenient decoders take all");
        let _ = io::copy(&mut strict_decoder(&part.encoding, tree.body(&data, index)), &mut io::sink());
    }
}

fn check_prepared(data: &[u8], tree: &Tree) {
    let prepared = match prepare(&data, tree, 0, &Options::default()) {
        Ok(prepared) => prepared,
        Err(Error::Unpreparable { .. } | Error::Field { .. }) => return,
        Err(e) => panic!("{e}"),
    };
    let mut out = Vec::new();
    prepared.write_to(&mut out).expect("memory can be written");
    let mut scan = Scan::new();
    scan.write_all(&out).expect("a scan takes all octets");
    assert_eq!(scan.finish().why(), None);
    check_signed(&out);
    let Ok(after) = Tree::parse_entity(&out, 0..out.len() as u64, &Limits::default()) else { return };
    assert!(leaves(data, tree) == leaves(&out, &after), "leaves differ:\n{}", String::from_utf8_lossy(&out));
}

/// What is signed in form is recognised, and verified over the same octets.
fn check_signed(entity: &[u8]) {
    const BOUNDARY: &str = "=_fuzz-boundary_";
    if entity.windows(BOUNDARY.len()).any(|window| window == BOUNDARY.as_bytes()) {
        return;
    }
    let signature = SignatureBody {
        media_type: "application/x-signature",
        file_name: "signature",
        description: None,
        octets: b"signature",
        encoding: SignatureEncoding::Base64,
    };
    let mut message = Vec::new();
    write_signed(&mut message, b"", "x", &|out| out.write_all(entity), &signature, BOUNDARY).expect("it can be written");
    let Ok(tree) = Tree::parse(&message, &Limits::default()) else { return };
    let Some(Secured::Signed(signed)) = recognise(&tree, 0) else { panic!("not recognised: {:?}", recognise(&tree, 0)) };
    let mut octets = Vec::new();
    signed_content(&message, signed.range).read_to_end(&mut octets).expect("memory can be read");
    assert!(octets == entity);
}

fn leaves(data: &[u8], tree: &Tree) -> Vec<(String, Vec<u8>)> {
    let leaves = tree.parts().iter().enumerate().filter(|(_, part)| part.children.is_empty());
    leaves.map(|(index, part)| (part.content_type.media_type().to_owned(), content(data, tree, index))).collect()
}

/// The decoded octets of a leaf, text with CRLF line ends.
fn content(data: &[u8], tree: &Tree, index: usize) -> Vec<u8> {
    let part = &tree.parts()[index];
    let charset = part.content_type.param("charset").unwrap_or_default().to_ascii_lowercase();
    let wide = ["utf-16", "utf-32", "ucs-2", "iso-10646"].iter().any(|name| charset.starts_with(name));
    let text = matches!(part.content_type.main_type(), "text" | "message") && !wide;
    // Inside a multipart/signed each LF is a line end, as it is for whoever verifies it (RFC 3156 §5).
    let signed = (0..index).any(|i| tree.parts()[i].content_type.is("multipart/signed") && tree.is_within(index, i));
    let lines = tree.line_end() == LineEnd::Lf || !part.encoding.is_identity() || signed;
    let body = tree.body(&data, index);
    let raw: Box<dyn Read> = if lines { Box::new(CanonicalReader::new(body)) } else { Box::new(body) };
    let decoded = decoder(&part.encoding, raw);
    let mut content: Box<dyn Read> = if text { Box::new(CanonicalReader::new(decoded)) } else { decoded };
    let mut out = Vec::new();
    content.read_to_end(&mut out).expect("memory can be read");
    out
}
