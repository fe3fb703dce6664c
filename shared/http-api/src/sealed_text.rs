//! Opaque text with a checksum: base64url of a version byte, 8 bytes of SHA-256, and the content.
//!
//! It is a checksum, not a signature: a reader of a token still checks the content against the tables.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

const CHECK: usize = 8;

/// Encodes the content. `binding` is part of the checksum and not of the text: the text cannot be opened with another
/// binding.
pub(crate) fn seal(version: u8, binding: &[&[u8]], content: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(1 + CHECK + content.len());
    bytes.push(version);
    bytes.extend(checksum(version, binding, content));
    bytes.extend(content);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns the content, or `None` when the text is damaged, made for another binding, or of another version.
pub(crate) fn open(version: u8, binding: &[&[u8]], text: &str) -> Option<Vec<u8>> {
    let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (head, content) = bytes.split_at_checked(1 + CHECK)?;
    let whole = head[0] == version && head[1..] == checksum(version, binding, content);
    whole.then(|| bytes.split_off(1 + CHECK))
}

fn checksum(version: u8, binding: &[&[u8]], content: &[u8]) -> [u8; CHECK] {
    let mut hash = Sha256::new();
    hash.update([version]);
    for part in binding.iter().chain([&content]) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut short = [0; CHECK];
    short.copy_from_slice(&hash.finalize()[..CHECK]);
    short
}
