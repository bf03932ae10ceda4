//! Templates in words.

use crate::explain::{Language, template};
use crate::template::{BUILT_IN, built_in};

#[test]
fn every_template_is_told_in_both_languages() {
    for built_in in &BUILT_IN {
        let read = built_in.template().expect("it is a template");
        let (english, chinese) = (template(&read, Language::English), template(&read, Language::Chinese));
        assert_eq!(english.lines().count(), chinese.lines().count());
        let is_chinese = |text: &str| text.chars().any(|letter| ('一'..='鿿').contains(&letter));
        assert!(!is_chinese(&english), "{english}");
        assert!(chinese.lines().filter(|line| !line.is_empty()).all(is_chinese), "{chinese}");
    }
}

#[test]
fn parameters_are_told_with_kinds_and_bounds() {
    let read = built_in("split-settlement").expect("it is there").template().expect("it is a template");
    let told = template(&read, Language::English);
    for expected in [
        "Roles:",
        "- “Payee” (party, one for each of payees, numbered from 1): gets a share",
        "- price (amount in smallest units 10000–1000000000000000): price",
        "- payees (list, so many entries: 1–8): who gets a share: carrier, cooperative, platform",
        "  - share (share in basis points 1–10000): share of the price, in basis points",
        "- pay_by (time after the one before it): the buyer pays before",
    ] {
        assert!(told.lines().any(|line| line == expected), "{expected}\n{told}");
    }
}
