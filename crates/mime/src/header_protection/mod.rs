//! Header protection ([RFC 9788](https://www.rfc-editor.org/rfc/rfc9788)), everything of it that needs no cryptography.
//!
//! A protected message carries its header twice: inside, at the root of what is signed and encrypted, as it was meant;
//! outside as much of it as transport needs. [`Compose`] makes both from a draft, what the outside shows is decided by a
//! [`HeaderPolicy`]. [`Confirmed`] reads the inner one and says of each field how it was protected, [`merged`] gives the
//! header as it was meant to be read.
//!
//! To compose: [`Compose::header`] over the draft's header tells what is hidden, [`legacy_display_elements`] what is put
//! into the body for older readers, [`prepare`](crate::prepare::prepare) makes the body; then [`Compose::header`] again,
//! over the message fields with the Content-* fields of the prepared entity, gives both headers.
//!
//! Nothing here knows whether a message was in fact encrypted or its signature is valid: the caller says so.

mod compose;
mod confirm;
mod element;
mod fields;
mod inferred;
mod legacy_display;
mod legacy_display_html;
mod main_body;
mod merge;
mod policy;
mod reply;
mod secrets;
mod shown;

pub use compose::{Compose, Composed};
pub use confirm::{Confirmed, FieldStatus, Protection, Scheme};
pub use element::legacy_display_elements;
pub use fields::{is_list_field, is_trace_field, is_user_facing};
pub use legacy_display::LegacyDisplay;
pub use main_body::main_body_parts;
pub use merge::merged;
pub use policy::{Confidential, HeaderPolicy};
pub use reply::response_policy;
pub use shown::{Replacement, shown_text, v1_legacy_display, without_legacy_display, without_v1_legacy_display};
