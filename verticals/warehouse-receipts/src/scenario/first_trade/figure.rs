//! Figures as people read them.

/// Decimal text with its thousands set apart: `28443.53` becomes `28,443.53`.
pub(super) fn grouped(figure: &str) -> String {
    let (whole, fraction) = figure.split_once('.').map_or((figure, None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        let left = whole.len().saturating_sub(place);
        if place > 0 && left.is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    fraction.map_or(grouped.clone(), |fraction| format!("{grouped}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        for (figure, expected) in [
            ("0.00", "0.00"),
            ("999", "999"),
            ("1000", "1,000"),
            ("28443.53", "28,443.53"),
            ("1234567.8", "1,234,567.8"),
        ] {
            assert_eq!(grouped(figure), expected);
        }
    }
}
