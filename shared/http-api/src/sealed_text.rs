//! Opaque text that only this system can make: base64url of a version byte, 16 bytes of HMAC-SHA256, and the content.
//!
//! The content is authentic, not secret: everybody who has the text can read it.

use crate::token_keys::{CODE, TokenKeys};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Encodes the content. `binding` is authenticated and not part of the text: the text cannot be opened with another
/// binding.
pub(crate) fn seal(keys: &TokenKeys, version: u8, binding: &[&[u8]], content: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(1 + CODE + content.len());
    bytes.push(version);
    bytes.extend(keys.code(&parts(&[version], binding, content)));
    bytes.extend(content);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns the content, or `None` when the text was damaged or made by somebody else, for another binding, or in another
/// version.
pub(crate) fn open(keys: &TokenKeys, version: u8, binding: &[&[u8]], text: &str) -> Option<Vec<u8>> {
    let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (head, content) = bytes.split_at_checked(1 + CODE)?;
    let authentic = head[0] == version && keys.accepts(&parts(&[version], binding, content), &head[1..]);
    authentic.then(|| bytes.split_off(1 + CODE))
}

fn parts<'a>(version: &'a [u8], binding: &[&'a [u8]], content: &'a [u8]) -> Vec<&'a [u8]> {
    let parts = std::iter::once(version).chain(binding.iter().copied());
    parts.chain([content]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn keys(current: &str, previous: Option<&str>) -> TokenKeys {
        let long = |name: &str| name.repeat(32);
        TokenKeys::new(&long(current), previous.map(long).as_deref()).unwrap()
    }

    fn opens(keys: &TokenKeys, text: &str) -> bool {
        open(keys, 2, &[b"b"], text) == Some(b"order#ord_1".to_vec())
    }

    #[test]
    fn a2_text_that_was_made_without_the_key_is_refused() {
        let keys = keys("a", None);
        assert!(opens(&keys, &seal(&keys, 2, &[b"b"], b"order#ord_1")));
        // Everything that is public about the format, with the checksum that earlier versions had.
        let mut hash = Sha256::new();
        for part in parts(&[2], &[b"b"], b"order#ord_1") {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let made_up = [&[2], &hash.finalize()[..CODE], b"order#ord_1"].concat();
        assert!(!opens(&keys, &URL_SAFE_NO_PAD.encode(made_up)));
    }

    #[test]
    fn a2_keys_can_be_rotated_while_clients_hold_tokens() {
        let (old, new) = (keys("a", None), keys("b", None));
        let text = seal(&old, 2, &[b"b"], b"order#ord_1");
        assert!(!opens(&new, &text), "another system's");
        // First every function accepts the new key, then new tokens are made with it, then the old one is dropped.
        let (before, after) = (keys("a", Some("b")), keys("b", Some("a")));
        for (made_by, read_by) in [
            (&old, &before),
            (&before, &old),
            (&before, &after),
            (&after, &before),
        ] {
            assert!(opens(read_by, &seal(made_by, 2, &[b"b"], b"order#ord_1")));
        }
        assert!(opens(&new, &seal(&after, 2, &[b"b"], b"order#ord_1")));
        assert!(!opens(&new, &text));
    }

    #[test]
    fn a2_short_key_is_refused_and_keys_are_not_printed() {
        assert!(TokenKeys::new(&"k".repeat(31), None).is_err());
        assert!(TokenKeys::new(&"k".repeat(32), Some("k")).is_err());
        assert_eq!(format!("{:?}", keys("k", None)), "TokenKeys");
    }

    #[test]
    fn random_keys_are_different_and_long_enough() {
        let (one, other) = (crate::random_token_key(), crate::random_token_key());
        assert_ne!(one, other);
        assert!(TokenKeys::new(&one, Some(&other)).is_ok());
    }
}
