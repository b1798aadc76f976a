//! Makes text that others wrote safe and plain to read on a terminal (R137).
//!
//! Subjects, names, user IDs and file names come from whoever sent the mail. On a terminal they can move the
//! cursor, start a line of their own that looks like ours, turn the reading direction, or be there without
//! being seen (a Braille blank as a name: CVE-2022-1834). None of those characters is printed as it is.

use std::fmt::{self, Write as _};

/// Shows `text` with every character that is not plainly visible as `\u{hex}`.
///
/// The result is one line, and two different texts never look alike because of the escaping itself: a `\u{`
/// that was in the text is escaped too.
pub(crate) fn escape(text: &str) -> Escaped<'_> {
    Escaped(text)
}

/// See [`escape`].
#[derive(Clone, Copy)]
pub(crate) struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, c) in self.0.char_indices() {
            if is_hidden(c) || self.0[at..].starts_with("\\u{") {
                write!(f, "\\u{{{:x}}}", u32::from(c))?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// Characters that a reader cannot see or that do something to a terminal or to the text around them
/// (Unicode 16: Cc, Cf, Zl, Zp, Zs but the space, Co, noncharacters, and letters whose glyph is blank).
fn is_hidden(c: char) -> bool {
    match c {
        ' '..='~' => false,
        '\0'..='\u{a0}' | '\u{ad}' => true, // C0, DEL, C1, no-break space, soft hyphen
        '\u{34f}' => true,                  // combining grapheme joiner
        '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' => true, // Arabic and Syriac format characters
        '\u{890}' | '\u{891}' | '\u{8e2}' => true,
        '\u{115f}' | '\u{1160}' => true,                 // Hangul fillers
        '\u{1680}' => true,                              // Ogham space
        '\u{17b4}' | '\u{17b5}' => true,                 // Khmer inherent vowels
        '\u{180b}'..='\u{180f}' => true,                 // Mongolian selectors and separator
        '\u{2000}'..='\u{200f}' => true,                 // spaces, zero width, direction marks
        '\u{2028}'..='\u{202f}' => true,                 // line and paragraph separators, bidi embeddings and overrides
        '\u{205f}'..='\u{206f}' => true,                 // spaces, invisible operators, bidi isolates
        '\u{2800}' => true,                              // Braille blank
        '\u{3000}' | '\u{3164}' | '\u{ffa0}' => true,    // ideographic space, Hangul fillers
        '\u{e000}'..='\u{f8ff}' => true,                 // private use: any glyph at all
        '\u{fdd0}'..='\u{fdef}' => true,                 // noncharacters
        '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => true,    // variation selectors, byte order mark
        '\u{fff0}'..='\u{fffb}' => true,                 // interlinear annotation, unassigned ignorables
        '\u{110bd}' | '\u{110cd}' => true,               // Kaithi number signs
        '\u{13430}'..='\u{1343f}' => true,               // Egyptian format controls
        '\u{16fe4}' => true,                             // Khitan small script filler
        '\u{1bca0}'..='\u{1bca3}' => true,               // shorthand format controls
        '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' => true, // musical null notehead and format controls
        '\u{e0000}'..='\u{10ffff}' => true,              // tags, variation selectors, private use
        c => u32::from(c) & 0xfffe == 0xfffe,            // the last two of each plane
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        escape(text).to_string()
    }

    #[test]
    fn words_of_every_script_stay() {
        for text in ["Grüße aus Köln", "Привет", "日本語", "שלום", "naïve ☕ 🎉", "a\\b \"c\" {d}"]
        {
            assert_eq!(escaped(text), text);
        }
    }

    /// R137, attack 17: no status line, no cursor movement, no second line
    #[test]
    fn controls_do_nothing() {
        assert_eq!(escaped("a\nsigned\r\tb"), "a\\u{a}signed\\u{d}\\u{9}b");
        assert_eq!(escaped("\x1b[2Jx\x07\x7f\u{9b}31m"), "\\u{1b}[2Jx\\u{7}\\u{7f}\\u{9b}31m");
        assert_eq!(escaped("\n[GNUPG:] GOODSIG"), "\\u{a}[GNUPG:] GOODSIG");
        assert_eq!(escaped("a\u{2028}b\u{2029}c\u{85}d\u{0}"), "a\\u{2028}b\\u{2029}c\\u{85}d\\u{0}");
    }

    /// R137, attack 3 (CVE-2022-1834: a name of Braille blanks)
    #[test]
    fn blanks_are_seen() {
        for blank in [
            '\u{a0}',
            '\u{2800}',
            '\u{3164}',
            '\u{115f}',
            '\u{1160}',
            '\u{ffa0}',
            '\u{200b}',
            '\u{2060}',
            '\u{feff}',
            '\u{3000}',
            '\u{2003}',
            '\u{ad}',
            '\u{34f}',
            '\u{180e}',
            '\u{fe0f}',
            '\u{e0041}',
            '\u{16fe4}',
        ] {
            assert_eq!(escaped(&blank.to_string()), format!("\\u{{{:x}}}", u32::from(blank)));
        }
    }

    /// R137, attack 3
    #[test]
    fn direction_is_never_turned() {
        for turn in [
            '\u{200e}', '\u{200f}', '\u{61c}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}',
            '\u{2067}', '\u{2068}', '\u{2069}',
        ] {
            assert!(!escaped(&format!("gro.elpmaxe@{turn}ecila")).contains(turn));
        }
    }

    #[test]
    fn an_escape_in_the_text_is_not_one_of_ours() {
        assert_eq!(escaped("\\u{a}"), "\\u{5c}u{a}");
        assert_ne!(escaped("\\u{a}"), escaped("\n"));
    }
}
