//! Which characters a text may have, by Unicode's own properties: those that can be seen, spaces, and what changes how its
//! neighbours look, where it does.
//!
//! A character that cannot be seen makes two different texts look the same, turns the direction of what follows, or breaks a
//! log. But a few of them are part of correct spelling: a joiner in Persian (`چلوکباب‌ها`), Sinhala (`ශ්‍රී`) and emoji
//! (`👩‍🍳`). RFC 5892, appendix A, says where joiners belong in the names of hosts; the rules here are that and what these
//! scripts need beyond it. The profiles of PRECIS (RFC 8264) were not enough: they refuse all emoji with joiners.

use icu_properties::props::{
    CanonicalCombiningClass, DefaultIgnorableCodePoint, ExtendedPictographic, GeneralCategory, Ideographic,
    JoiningType, LineBreak, NoncharacterCodePoint, PrependedConcatenationMark, VariationSelector,
};
use icu_properties::{CodePointMapData, CodePointSetData};

const SOFT_HYPHEN: char = '\u{ad}';
const MONGOLIAN_VOWEL_SEPARATOR: char = '\u{180e}';
const ZERO_WIDTH_SPACE: char = '\u{200b}';
const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// A pattern of dots without any dot. It is a symbol to Unicode, and nothing to the eye.
const BLANK_BRAILLE: char = '\u{2800}';
const BLACK_FLAG: char = '\u{1f3f4}';
const END_OF_TAGS: char = '\u{e007f}';

/// Returns whether something can be seen of a text: a letter, a digit, a symbol or a punctuation mark.
pub(crate) fn can_be_seen(text: &str) -> bool {
    text.chars().any(is_seen)
}

/// Returns the first character that cannot be seen and does not belong where it is.
pub(crate) fn hidden(text: &str) -> Option<char> {
    let all: Vec<char> = text.chars().collect();
    let place = (0..all.len()).find(|place| is_hidden(all[*place]) && !belongs(&all, *place))?;
    Some(all[place])
}

fn is_seen(c: char) -> bool {
    use GeneralCategory::{
        Control, EnclosingMark, LineSeparator, NonspacingMark, ParagraphSeparator, SpaceSeparator,
        SpacingMark,
    };
    let rests_on_others = matches!(
        category(c),
        Control
            | LineSeparator
            | ParagraphSeparator
            | SpaceSeparator
            | EnclosingMark
            | NonspacingMark
            | SpacingMark
    );
    !rests_on_others && !is_hidden(c) && c != BLANK_BRAILLE
}

fn is_hidden(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    match category(c) {
        Control | LineSeparator | ParagraphSeparator => true,
        // Signs of a number or a verse, which enclose the digits that follow.
        Format => !CodePointSetData::new::<PrependedConcatenationMark>().contains(c),
        _ => {
            CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
                || CodePointSetData::new::<NoncharacterCodePoint>().contains(c)
        }
    }
}

/// Returns whether a hidden character belongs between its neighbours.
fn belongs(all: &[char], place: usize) -> bool {
    let (before, after) = (&all[..place], &all[place + 1..]);
    let (last, next) = (before.last().copied(), after.first().copied());
    match all[place] {
        ZERO_WIDTH_NON_JOINER => {
            follows_virama(before) || (joined(before.iter().rev()) && joined(after.iter()))
        }
        ZERO_WIDTH_JOINER => {
            follows_virama(before)
                || next.is_some_and(is_virama)
                || joined(before.iter().rev())
                || (is_emoji(before) && next.is_some_and(is_pictograph))
        }
        MONGOLIAN_VOWEL_SEPARATOR => joined(before.iter().rev()) && joined(after.iter()),
        // Between letters, where a word may break.
        SOFT_HYPHEN => is_word(last) && is_word(next),
        ZERO_WIDTH_SPACE => breaks_by_dictionary(last) && breaks_by_dictionary(next),
        c if CodePointSetData::new::<VariationSelector>().contains(c) => {
            last.is_some_and(|base| has_variants(base, c))
        }
        c if is_tag(c) => is_flag(before, all),
        _ => false,
    }
}

/// Returns whether the nearest letter is one of a cursive script. Marks in between do not count.
fn joined<'a>(mut letters: impl Iterator<Item = &'a char>) -> bool {
    let joining = CodePointMapData::<JoiningType>::new();
    let nearest = letters.find(|c| joining.get(**c) != JoiningType::Transparent);
    nearest.is_some_and(|c| {
        matches!(
            joining.get(*c),
            JoiningType::DualJoining | JoiningType::LeftJoining | JoiningType::RightJoining
        )
    })
}

/// Returns whether a virama, which takes a consonant's vowel, is the last character, or the last before other marks.
fn follows_virama(before: &[char]) -> bool {
    let mut marks = before
        .iter()
        .rev()
        .take_while(|c| class(**c) != CanonicalCombiningClass::NotReordered);
    marks.any(|c| is_virama(*c))
}

fn is_virama(c: char) -> bool {
    class(c) == CanonicalCombiningClass::Virama
}

/// Returns whether the text ends with a pictograph, which may have a skin tone or a presentation.
fn is_emoji(before: &[char]) -> bool {
    let modifies = |c: &char| matches!(*c, '\u{1f3fb}'..='\u{1f3ff}' | '\u{fe0e}' | '\u{fe0f}');
    let base = before.iter().rev().find(|c| !modifies(c));
    base.is_some_and(|c| is_pictograph(*c))
}

fn is_pictograph(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric) || c.is_some_and(|c| category(c) == GeneralCategory::NonspacingMark)
}

/// Returns whether a letter is of a script without spaces between words, such as Thai and Khmer.
fn breaks_by_dictionary(c: Option<char>) -> bool {
    c.is_some_and(|c| CodePointMapData::<LineBreak>::new().get(c) == LineBreak::ComplexContext)
}

/// Returns whether a variation selector can select a form of this character: those of the supplement of an ideograph, the
/// others of anything that can be seen.
fn has_variants(base: char, selector: char) -> bool {
    if selector >= '\u{e0100}' {
        return CodePointSetData::new::<Ideographic>().contains(base);
    }
    is_seen(base)
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}' | END_OF_TAGS)
}

/// Returns whether a tag is part of a flag: the black flag, three to six tags that name a region, and their end.
fn is_flag(before: &[char], all: &[char]) -> bool {
    let Some(flag) = before.iter().rposition(|c| !is_tag(*c)) else {
        return false;
    };
    let tags = &all[flag + 1..];
    let length = tags.iter().position(|c| *c == END_OF_TAGS);
    let whole =
        length.is_some_and(|length| (3..=6).contains(&length) && tags[..length].iter().all(|c| is_tag(*c)));
    // The place is not after the end.
    let inside = !before[flag + 1..].contains(&END_OF_TAGS);
    all[flag] == BLACK_FLAG && whole && inside
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

fn class(c: char) -> CanonicalCombiningClass {
    CodePointMapData::<CanonicalCombiningClass>::new().get(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a7_joiners_are_accepted_where_they_belong() {
        for text in [
            "چلوکباب\u{200c}ها",
            "آن\u{200c}ها و کار\u{200c}ها",
            "ه\u{200d}",
            "ශ\u{dca}\u{200d}ර\u{dd3} ලංකා",
            "क\u{94d}\u{200d}ष",
            "क\u{94d}\u{200c}ष",
            "র\u{200d}\u{9cd}যাব",
            "👩\u{200d}🍳",
            "👩🏽\u{200d}🍳",
            "🏳\u{fe0f}\u{200d}🌈",
            "👨\u{200d}👩\u{200d}👧\u{200d}👦",
            "🧑\u{200d}⚕\u{fe0f}",
            "❤\u{fe0f}",
            "1\u{fe0f}\u{20e3}",
            "葛\u{e0100}飾",
            "Rindfleisch\u{ad}etikettierung",
            "ភាសា\u{200b}ខ្មែរ",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} pub",
            "ᠬᠠᠭ\u{180e}ᠠ",
            "\u{600}١٢",
        ] {
            assert_eq!(hidden(text), None, "{text:?}");
            assert!(can_be_seen(text), "{text:?}");
        }
    }

    #[test]
    fn a7_hidden_characters_are_found_where_they_do_not_belong() {
        for (text, found) in [
            ("a\u{200c}b", '\u{200c}'),
            ("\u{200c}ها", '\u{200c}'),
            ("کباب\u{200c}", '\u{200c}'),
            ("a\u{200d}b", '\u{200d}'),
            ("👩\u{200d}", '\u{200d}'),
            ("👩\u{200d}a", '\u{200d}'),
            ("\u{200d}🍳", '\u{200d}'),
            ("a\u{200b}b", '\u{200b}'),
            ("\u{ad}a", '\u{ad}'),
            ("a\u{ad}", '\u{ad}'),
            ("a\u{ad}\u{ad}b", '\u{ad}'),
            ("a\u{61c}b", '\u{61c}'),
            ("a\u{202e}b", '\u{202e}'),
            ("a\u{2066}b", '\u{2066}'),
            ("a\u{2060}b", '\u{2060}'),
            ("a\u{2028}b", '\u{2028}'),
            ("a\u{feff}b", '\u{feff}'),
            ("a\u{ffff}", '\u{ffff}'),
            ("a\u{fdd0}", '\u{fdd0}'),
            ("a\u{10ffff}", '\u{10ffff}'),
            ("a\u{3164}b", '\u{3164}'),
            ("a\u{115f}b", '\u{115f}'),
            ("a\u{34f}b", '\u{34f}'),
            ("a\u{fff9}b", '\u{fff9}'),
            ("a\u{e0067}b", '\u{e0067}'),
            ("a\u{e0001}b", '\u{e0001}'),
            ("🏴\u{e0067}\u{e0062}", '\u{e0067}'),
            ("🏴\u{e0067}\u{e0062}\u{e0065}\u{e007f}\u{e0067}", '\u{e0067}'),
            ("a\u{e0100}", '\u{e0100}'),
            ("a \u{fe0f}", '\u{fe0f}'),
            ("a\u{fe0f}\u{fe0f}", '\u{fe0f}'),
            ("a\nb", '\n'),
            ("a\u{85}b", '\u{85}'),
            ("a\u{7f}", '\u{7f}'),
        ] {
            assert_eq!(hidden(text), Some(found), "{text:?}");
        }
    }

    #[test]
    fn a7_text_of_nothing_that_can_be_seen_is_found() {
        for text in [
            "",
            " ",
            "\u{2003}\u{3000}\u{a0}",
            "\u{3164}",
            "\u{ffa0}",
            "\u{2800}\u{2800}",
            "\u{ad}",
            "\u{200d}",
            "\u{301}",
            "\u{fe0f}",
        ] {
            assert!(!can_be_seen(text), "{text:?}");
        }
        for text in ["a", "7", "!", "🍛", "寿", "ا", "\u{378}", "\u{e000}"] {
            assert!(can_be_seen(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a7_no_joiner_or_mark_is_taken_among_latin_letters(
            before in "[a-zA-Z0-9]{1,5}",
            after in "[a-zA-Z0-9]{0,5}",
            mark in prop::sample::select(vec![
                '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{61c}', '\u{2063}', '\u{fff9}', '\u{1d173}', '\u{e0041}',
            ]),
        ) {
            let text = format!("{before}{mark}{after}");
            prop_assert_eq!(hidden(&text), Some(mark));
        }

        #[test]
        fn a7_any_text_is_judged(text in any::<String>()) {
            let (_, _) = (hidden(&text), can_be_seen(&text));
        }
    }
}
