use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// How many different words of an order can be found. An order's words ride along in the index, where every byte makes
/// the pages that a filter looks through shorter; a basket that needs more is found by its first words.
pub const KEYWORDS_PER_ORDER: usize = 200;

/// The words of a text as the index holds them and as a query asks for them (Unicode word boundaries, UAX #29).
///
/// Case and ways of writing the same letter do not count: `STRASSE` finds `Straße`, all four Turkish i's are one, a
/// precomposed `é` is the same as `e` with a combining accent. Accents do count: `creme` is not `crème`. Emoji and
/// punctuation are no words.
///
/// ```
/// let words = order_history::keywords("Straßen-Café (#1) 🍛");
/// assert_eq!(words.into_iter().collect::<Vec<_>>(), ["1", "café", "strassen"]);
/// ```
#[must_use]
pub fn keywords(text: &str) -> BTreeSet<String> {
    let text: String = text
        .nfkc()
        .map(|c| if c == '\u{2019}' { '\'' } else { c })
        .collect();
    text.unicode_words()
        .map(fold)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Upper-casing in between unfolds what lower-casing alone leaves apart (`ß` and `SS`, `ς` and `σ`, `ı` and `I`). Letter by
/// letter, because the lower case of a whole word depends on where in the word a letter stands.
fn fold(word: &str) -> String {
    let lower: String = word
        .chars()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    // The lower case of `İ` is an `i` with a second dot above, which nobody types.
    lower.replace("i\u{307}", "i").trim().nfc().collect()
}

/// The words of all these texts, at most [`KEYWORDS_PER_ORDER`], counted in the order of the texts.
pub(crate) fn index_keywords<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for word in texts.into_iter().flat_map(keywords) {
        if all.len() == KEYWORDS_PER_ORDER {
            break;
        }
        all.insert(word);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        keywords(text).into_iter().collect()
    }

    #[test]
    fn case_does_not_count() {
        assert_eq!(words("Chicken VINDALOO"), words("chicken vindaloo"));
        assert_eq!(words("ΟΔΟΣ"), words("οδος"));
        assert_eq!(words("ЩИ"), words("щи"));
    }

    #[test]
    fn sharp_s_is_double_s() {
        for spelling in ["Straße", "STRASSE", "strasse", "STRAẞE"] {
            assert_eq!(words(spelling), ["strasse"], "{spelling}");
        }
    }

    #[test]
    fn the_four_turkish_i_are_one_letter() {
        for spelling in ["İstanbul", "istanbul", "ISTANBUL", "ıstanbul", "I\u{307}stanbul"] {
            assert_eq!(words(spelling), ["istanbul"], "{spelling}");
        }
    }

    #[test]
    fn an_accent_may_be_written_in_two_ways_and_counts() {
        assert_eq!(words("Cre\u{300}me bru\u{302}le\u{301}e"), words("CRÈME BRÛLÉE"));
        assert_ne!(words("crème"), words("creme"));
    }

    #[test]
    fn punctuation_and_emoji_are_no_words() {
        for text in ["", " ", "!?…", "🍕", "👩‍🍳🏽", "\u{200b}", "—", "\u{301}"] {
            assert_eq!(words(text), Vec::<String>::new(), "{text:?}");
        }
        assert_eq!(words("🍕Pizza🍕, \"hot\""), ["hot", "pizza"]);
    }

    #[test]
    fn words_end_where_unicode_says() {
        assert_eq!(words("Coca-Cola 0.5 l"), ["0.5", "coca", "cola", "l"]);
        assert_eq!(words("Ben & Jerry's"), words("ben Jerry\u{2019}s"));
        assert_eq!(words("麻婆豆腐"), ["婆", "腐", "豆", "麻"]);
    }

    #[test]
    fn full_width_letters_are_letters() {
        assert_eq!(words("Ｐｉｚｚａ"), ["pizza"]);
    }

    #[test]
    fn an_order_has_a_bounded_number_of_words() {
        let names: Vec<String> = (0..1_000).map(|n| format!("item{n:04}")).collect();
        let all = index_keywords(names.iter().map(String::as_str));
        assert_eq!(all.len(), KEYWORDS_PER_ORDER);
        assert!(
            all.contains("item0000"),
            "the first texts are the ones that are kept"
        );
    }

    proptest! {
        #[test]
        fn every_text_finds_itself_in_any_case(text in "[a-zA-ZäöüßéèñçİıΑ-Ωα-ωςА-я' .,-]{0,60}") {
            prop_assert_eq!(keywords(&text.to_uppercase()), keywords(&text));
            prop_assert_eq!(keywords(&text.to_lowercase()), keywords(&text));
        }

        #[test]
        fn no_text_at_all_has_an_empty_word(text in any::<String>()) {
            prop_assert!(keywords(&text).iter().all(|word| !word.trim().is_empty()));
        }
    }
}
