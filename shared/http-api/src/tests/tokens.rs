//! Property tests of tokens and cursors.
use crate::{ConsistencyToken, cursor};
use commit::{Fingerprint, StreamId};
use proptest::prelude::*;

prop_compose! {
    fn token()(category in "[a-z-]{1,32}", id in "[A-Za-z0-9_-]{1,128}", version in 1..=u64::MAX) -> ConsistencyToken {
        ConsistencyToken { stream: StreamId::new(&category, &id).unwrap(), version }
    }
}

/// Returns the text with one byte replaced, removed or inserted, or truncated there.
fn damages(text: &str, at: prop::sample::Index, byte: u8) -> Vec<String> {
    let at = at.index(text.len());
    let replaced = [&text[..at], &char::from(byte).to_string(), &text[at + 1..]].concat();
    let removed = [&text[..at], &text[at + 1..]].concat();
    let inserted = [&text[..at], &char::from(byte).to_string(), &text[at..]].concat();
    let mut damaged = vec![replaced, removed, inserted, text[..at].to_owned()];
    damaged.retain(|d| d != text);
    damaged
}

proptest! {
    #[test]
    fn a_token_round_trips(token in token()) {
        prop_assert_eq!(token.to_string().parse::<ConsistencyToken>().unwrap(), token);
    }

    #[test]
    fn a_damaged_token_is_refused(token in token(), at: prop::sample::Index, byte in 0x20_u8..0x7f) {
        for damaged in damages(&token.to_string(), at, byte) {
            let problem = damaged.parse::<ConsistencyToken>().unwrap_err();
            prop_assert_eq!(problem.code, "INVALID_CONSISTENCY_TOKEN");
        }
    }

    #[test]
    fn any_text_is_refused_as_a_token(text in ".*") {
        prop_assert!(text.parse::<ConsistencyToken>().is_err());
    }

    #[test]
    fn a_cursor_round_trips(query: [u8; 8], position: (String, Option<u64>, Vec<i32>)) {
        let query = Fingerprint::of(&[&query]);
        let text = cursor::encode(&query, &position).unwrap();
        if text.len() <= 4096 {
            prop_assert_eq!(cursor::decode::<(String, Option<u64>, Vec<i32>)>(&query, &text).unwrap(), position);
        }
    }

    #[test]
    fn a_damaged_cursor_is_refused(position: (u64, u64), at: prop::sample::Index, byte in 0x20_u8..0x7f) {
        let query = Fingerprint::of(&[b"query"]);
        for damaged in damages(&cursor::encode(&query, &position).unwrap(), at, byte) {
            let problem = cursor::decode::<(u64, u64)>(&query, &damaged).unwrap_err();
            prop_assert_eq!(problem.code, "INVALID_CURSOR");
        }
    }

    #[test]
    fn a_cursor_of_another_query_is_refused(position: u64, one: [u8; 4], other: [u8; 4]) {
        prop_assume!(one != other);
        let text = cursor::encode(&Fingerprint::of(&[&one]), &position).unwrap();
        prop_assert!(cursor::decode::<u64>(&Fingerprint::of(&[&other]), &text).is_err());
    }

    #[test]
    fn token_is_refused_as_a_cursor(token in token()) {
        let query = Fingerprint::of(&[b"query"]);
        prop_assert!(cursor::decode::<serde_json::Value>(&query, &token.to_string()).is_err());
    }
}

#[test]
fn every_flipped_bit_is_detected() {
    let token = ConsistencyToken {
        stream: "order#ord_1".parse().unwrap(),
        version: 4,
    }
    .to_string();
    for at in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let damaged = String::from_utf8(bytes).unwrap();
            assert!(damaged.parse::<ConsistencyToken>().is_err(), "{damaged}");
        }
    }
}
