//! Currencies and their smallest units, by ISO 4217 (list one, 2026-01-01: codes of funds included, metals and tests not).

/// Codes by the number of their decimal places, each list ascending.
const CODES: [(u32, &[&str]); 4] = [
    (
        0,
        &[
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
            "XOF", "XPF",
        ],
    ),
    (
        2,
        &[
            "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BMD", "BND", "BOB",
            "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHE", "CHF", "CHW", "CNY", "COP", "COU",
            "CRC", "CUP", "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL",
            "GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IRR", "JMD", "KES",
            "KGS", "KHR", "KPW", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK",
            "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR",
            "NZD", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG",
            "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP",
            "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "USN", "UYU", "UZS", "VED", "VES", "WST", "XCD", "XCG", "YER",
            "ZAR", "ZMW", "ZWG",
        ],
    ),
    (3, &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]),
    (4, &["CLF", "UYW"]),
];

/// Decimal places of a currency's smallest unit; none for a code that is no currency's.
pub fn decimal_places(code: &str) -> Option<u32> {
    let holds = |(_, codes): &&(u32, &[&str])| codes.binary_search(&code).is_ok();
    CODES.iter().find(holds).map(|(places, _)| *places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_decimal_places_and_others_none() {
        for (code, places) in [("CNY", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("XCG", 2), ("ZWG", 2)] {
            assert_eq!(decimal_places(code), Some(places), "{code}");
        }
        // Not currencies, withdrawn, in small letters.
        for code in ["", "CN", "CNYY", "cny", "XAU", "XTS", "DEM", "BGN", "ANG", "RMB"] {
            assert_eq!(decimal_places(code), None, "{code}");
        }
    }

    #[test]
    fn each_code_stands_once_in_its_order() {
        let mut all: Vec<&str> = Vec::new();
        for (_, codes) in CODES {
            assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
            all.extend(codes);
        }
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(all.iter().all(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())));
    }
}
