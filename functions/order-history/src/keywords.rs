use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// The maximum number of different words by which an order is found. The words are stored in the index, where every byte
/// reduces the number of orders that a filter reads per page. An order with more words is found by its first ones.
pub const KEYWORDS_PER_ORDER: usize = 200;

/// Returns the words of a text as the index stores them and a query searches them (Unicode word boundaries, UAX #29).
///
/// Case and equivalent spellings of a letter are ignored: `STRASSE` finds `Straße`, all four Turkish i's are one, and a
/// precomposed `é` equals `e` with a combining accent. So are the shapes of an apostrophe (`'`, `‘`, `’`, `ʼ`), and
/// characters that cannot be seen, such as a soft hyphen or a joiner. Accents are significant: `creme` is not `crème`.
/// Emoji and punctuation are not words.
///
/// ```
/// let words = order_history::keywords("Straßen-Café (#1) 🍛");
/// assert_eq!(words.into_iter().collect::<Vec<_>>(), ["1", "café", "strassen"]);
/// ```
#[must_use]
pub fn keywords(text: &str) -> BTreeSet<String> {
    let text: String = text.nfkc().filter_map(written).collect();
    text.unicode_words()
        .map(fold)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Returns the spelling of a character that is searched: one for all apostrophes, none for what cannot be seen. A space of no
/// width separates words, as others do.
fn written(c: char) -> Option<char> {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{2bb}' | '\u{ff07}' => Some('\''),
        '\u{200b}' => Some(' '),
        c => (!CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)).then_some(c),
    }
}

/// Folds a word to one case. Converting to upper case first unifies what lower case alone keeps apart (`ß` and `SS`, `ς`
/// and `σ`, `ı` and `I`). This is done letter by letter, because the lower case of a whole word depends on a letter's
/// position.
fn fold(word: &str) -> String {
    let lower: String = word
        .chars()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    // The lower case of `İ` is an `i` with a second dot above, which users do not type.
    lower.replace("i\u{307}", "i").trim().nfc().collect()
}

/// Returns the words of all these texts, at most [`KEYWORDS_PER_ORDER`], in the order of the texts.
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
    fn case_is_ignored() {
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
    fn four_turkish_i_are_one_letter() {
        for spelling in ["İstanbul", "istanbul", "ISTANBUL", "ıstanbul", "I\u{307}stanbul"] {
            assert_eq!(words(spelling), ["istanbul"], "{spelling}");
        }
    }

    #[test]
    fn accent_is_significant_in_either_encoding() {
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
    fn words_end_at_unicode_boundaries() {
        assert_eq!(words("Coca-Cola 0.5 l"), ["0.5", "coca", "cola", "l"]);
        assert_eq!(words("Ben & Jerry's"), words("ben Jerry\u{2019}s"));
        assert_eq!(words("麻婆豆腐"), ["婆", "腐", "豆", "麻"]);
    }

    #[test]
    fn a7_every_shape_of_an_apostrophe_is_one() {
        for apostrophe in [
            "'", "\u{2018}", "\u{2019}", "\u{2bc}", "\u{201b}", "\u{2bb}", "\u{ff07}",
        ] {
            assert_eq!(words(&format!("Jerry{apostrophe}s")), ["jerry's"], "{apostrophe}");
            assert_eq!(
                words(&format!("{apostrophe}hot{apostrophe}")),
                ["hot"],
                "{apostrophe}"
            );
        }
    }

    #[test]
    fn a7_characters_that_cannot_be_seen_are_ignored() {
        assert_eq!(words("Rindfleisch\u{ad}suppe"), ["rindfleischsuppe"]);
        assert_eq!(words("چلوکباب\u{200c}ها"), words("چلوکبابها"));
        assert_eq!(words("pi\u{2060}zza\u{fe0f} \u{202e}hot"), ["hot", "pizza"]);
        assert_eq!(words("hot\u{200b}soup"), ["hot", "soup"]);
        assert_eq!(words("\u{ad}"), [""; 0]);
    }

    #[test]
    fn full_width_letters_are_letters() {
        assert_eq!(words("Ｐｉｚｚａ"), ["pizza"]);
    }

    #[test]
    fn number_of_words_is_bounded() {
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
        fn text_has_the_same_words_in_any_case(text in "[a-zA-ZäöüßéèñçİıΑ-Ωα-ωςА-я' .,-]{0,60}") {
            prop_assert_eq!(keywords(&text.to_uppercase()), keywords(&text));
            prop_assert_eq!(keywords(&text.to_lowercase()), keywords(&text));
        }

        #[test]
        fn no_text_at_all_has_an_empty_word(text in any::<String>()) {
            prop_assert!(keywords(&text).iter().all(|word| !word.trim().is_empty()));
        }
    }
}
