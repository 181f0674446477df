//! What people call themselves and their rooms: text that shows what it is. It must not know whose name it is.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{BidiControl, DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup},
};

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
const TEXT_STYLE: char = '\u{fe0e}';
const EMOJI_STYLE: char = '\u{fe0f}';
// Blank although Unicode counts them as symbols or letters.
const BLANKS: [char; 2] = ['\u{2800}', '\u{1d159}'];
// No writing stacks more; what does is there to cover the lines around it.
const MOST_MARKS: usize = 4;

/// `text` as it may be shown: composed, without what cannot be seen or turns the direction of what follows, and
/// without blanks around it. Joiners stay between characters, where Persian, Hindi and emoji need them.
pub fn clean(text: &str) -> String {
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    let visible: String = text
        .chars()
        .filter(|character| {
            is_joiner(*character) || is_style(*character) || !is_invisible(*character)
        })
        .collect();
    let mut cleaned = String::with_capacity(visible.len());
    let mut marks = 0;
    let mut joiner = None;
    for character in nfc.normalize(&visible).chars() {
        if is_joiner(character) {
            // It counts between two visible characters only.
            joiner = cleaned
                .ends_with(|last: char| last != ' ')
                .then_some(character);
            continue;
        }
        let blank = character.is_whitespace();
        let mark = is_mark(character);
        marks = if mark { marks + 1 } else { 0 };
        let nothing_to_mark = mark && (cleaned.is_empty() || cleaned.ends_with(' '));
        if marks > MOST_MARKS || nothing_to_mark {
            continue;
        }
        if !blank {
            cleaned.extend(joiner);
        }
        joiner = None;
        cleaned.push(if blank { ' ' } else { character });
    }
    nfc.normalize(cleaned.trim()).into_owned()
}

/// What two names share that people read as the same one.
pub fn reads_as(text: &str) -> String {
    let compatible = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    let visible: String = compatible
        .chars()
        .filter(|character| !is_joiner(*character) && !is_invisible(*character))
        .collect();
    let lower = visible.to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_joiner(character: char) -> bool {
    matches!(character, ZERO_WIDTH_NON_JOINER | ZERO_WIDTH_JOINER)
}

fn is_style(character: char) -> bool {
    matches!(character, TEXT_STYLE | EMOJI_STYLE)
}

fn is_mark(character: char) -> bool {
    GeneralCategoryGroup::Mark.contains(category(character))
}

fn is_invisible(character: char) -> bool {
    match category(character) {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::PrivateUse
        | GeneralCategory::Surrogate
        | GeneralCategory::Unassigned => true,
        _ => {
            CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
                || CodePointSetData::new::<BidiControl>().contains(character)
                || BLANKS.contains(&character)
        }
    }
}

fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_seen_or_turns_the_text_is_taken_out() {
        for (text, shown) in [
            ("\u{202e}ecilA", "ecilA"),
            ("A\u{200b}d\u{2066}a\u{2069}\u{feff}", "Ada"),
            ("\u{200f}\u{61c}Ada\u{ad}", "Ada"),
            ("\u{3164}\u{115f}\u{2800}\u{ffa0}", ""),
            ("\u{200d}\u{200c}", ""),
            ("\u{301}\u{302}", ""),
            (" \u{a0}Ada\u{2003}L.\u{3000}", "Ada L."),
            ("Ada\nL.\u{2028}", "AdaL."),
            ("a\u{301}", "á"),
            (
                "Z\u{335}\u{336}\u{337}\u{338}\u{334}\u{322}!",
                "Z\u{335}\u{336}\u{337}\u{338}!",
            ),
            ("\u{e0041}\u{e0042}", ""),
        ] {
            assert_eq!(clean(text), shown, "{text:?}");
        }
    }

    #[test]
    fn names_of_all_the_world_stay_as_they_are() {
        for name in [
            "Ada Lovelace",
            "نگار می\u{200c}خواهد",
            "אָדָם",
            "नमस्ते क्\u{200d}ष",
            "Nguyễn Văn Thành",
            "王小明",
            "한글",
            "👩\u{200d}👩\u{200d}👧 Ada ❤\u{fe0f}",
            "ประเสริฐ",
            "O’Brien-Ñandú (3)",
        ] {
            assert_eq!(clean(name), name);
        }
    }

    #[test]
    fn names_that_look_the_same_read_as_one() {
        for other in [
            "ada lovelace",
            "  ADA   Lovelace ",
            "\u{ff21}da Lovelace",
            "A\u{200d}da Love\u{ad}lace",
            "𝐀𝐝𝐚 Lovelace",
        ] {
            assert_eq!(reads_as(other), reads_as("Ada Lovelace"), "{other:?}");
        }
        assert_ne!(reads_as("Ada L."), reads_as("Ada Lovelace"));
    }

    proptest! {
        #[test]
        fn what_is_clean_stays_as_it_is(text in "\\PC{0,40}|.{0,40}") {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once);
        }
    }
}
