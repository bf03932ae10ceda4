//! Texts for people, by message id and locale, from the Fluent files of the framework and of each vertical.
//!
//! A message id is an error's code, or a name such as `<vertical>-title`. Codes themselves stay English in every locale.

use std::collections::BTreeMap;
use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use thiserror::Error;
use unic_langid::langid;

/// The framework's own texts.
const FRAMEWORK: &[LocaleFile] = &[
    LocaleFile { locale: Locale::En, text: include_str!("../locales/en.ftl") },
    LocaleFile { locale: Locale::ZhCn, text: include_str!("../locales/zh-CN.ftl") },
];

/// A language that the node speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Chinese as written in mainland China.
    ZhCn,
}

/// A Fluent file, embedded with `include_str!`.
#[derive(Clone, Copy, Debug)]
pub struct LocaleFile {
    /// Its language.
    pub locale: Locale,
    /// Its content.
    pub text: &'static str,
}

/// Why texts do not load.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum LocaleError {
    /// A file is not Fluent.
    #[error("a {locale} locale file does not parse: {reason}")]
    Syntax {
        /// Of which language.
        locale: Locale,
        /// What the parser says.
        reason: String,
    },
    /// Two files of one language define the same message.
    #[error("the {locale} message {id} is defined twice; rename one")]
    Twice {
        /// Of which language.
        locale: Locale,
        /// The message.
        id: String,
    },
}

/// All texts of a node.
pub struct Messages {
    bundles: BTreeMap<Locale, FluentBundle<FluentResource>>,
}

impl Locale {
    /// The locale that an `Accept-Language` header prefers among those there are; English if none fits.
    pub fn from_accept_language(header: &str) -> Self {
        let languages = header.split(',').filter_map(|part| {
            let (tag, quality) = part.split_once(';').unwrap_or((part, "q=1"));
            Some((Self::from_tag(tag.trim())?, thousandths(quality.trim().strip_prefix("q=")?)))
        });
        // Of equal qualities the first counts.
        let best = languages.fold(None, |best: Option<(Self, u32)>, (locale, quality)| match best {
            Some((_, known)) if known >= quality => best,
            _ if quality == 0 => best,
            _ => Some((locale, quality)),
        });
        best.map_or(Self::En, |(locale, _)| locale)
    }

    fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.split('-').next().unwrap_or(tag);
        match language.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::ZhCn),
            "en" | "*" => Some(Self::En),
            _ => None,
        }
    }
}

/// A quality value such as `0.8`, in thousandths; what is none counts as 0.
fn thousandths(quality: &str) -> u32 {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let fraction = format!("{fraction:0<3.3}");
    whole
        .parse::<u32>()
        .ok()
        .zip(fraction.parse::<u32>().ok())
        .map_or(0, |(whole, part)| (whole * 1000 + part).min(1000))
}

impl fmt::Display for Locale {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        })
    }
}

impl Messages {
    /// The framework's texts and those of the given files.
    ///
    /// # Errors
    /// A file that does not parse, or a message defined twice.
    pub fn load(files: impl IntoIterator<Item = LocaleFile>) -> Result<Self, LocaleError> {
        let bundle = |language| {
            let mut bundle = FluentBundle::new_concurrent(vec![language]);
            bundle.set_use_isolating(false);
            bundle
        };
        let mut bundles =
            BTreeMap::from([(Locale::En, bundle(langid!("en"))), (Locale::ZhCn, bundle(langid!("zh-CN")))]);
        for LocaleFile { locale, text } in FRAMEWORK.iter().copied().chain(files) {
            let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| LocaleError::Syntax {
                locale,
                reason: errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            })?;
            let Some(bundle) = bundles.get_mut(&locale) else { continue };
            bundle.add_resource(resource).map_err(|errors| LocaleError::Twice {
                locale,
                id: errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            })?;
        }
        Ok(Self { bundles })
    }

    /// The text of a message in exactly this locale.
    pub fn text(&self, locale: Locale, id: &str, arguments: &[(&str, &str)]) -> Option<String> {
        let bundle = self.bundles.get(&locale)?;
        let pattern = bundle.get_message(id)?.value()?;
        let arguments: FluentArgs<'_> = arguments.iter().map(|(name, value)| (*name, *value)).collect();
        let mut faults = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&arguments), &mut faults);
        faults.is_empty().then(|| text.into_owned())
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Messages").field("locales", &self.bundles.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_language_is_taken() {
        for (header, expected) in [
            ("", Locale::En),
            ("zh-CN,zh;q=0.9,en;q=0.8", Locale::ZhCn),
            ("en-US,zh;q=0.9", Locale::En),
            ("en;q=0.5, zh-TW;q=0.7", Locale::ZhCn),
            ("fr, de", Locale::En),
            ("zh;q=0", Locale::En),
        ] {
            assert_eq!(Locale::from_accept_language(header), expected, "{header}");
        }
    }

    #[test]
    fn every_rule_of_ledger_and_platform_has_a_chinese_sentence() {
        use ledger_core::contract::{
            chain, loan, netting_round, obligation, party, pledge, price, purpose, title, token, trade_note,
        };
        use ledger_core::{archive, authority, policy, proof, signature, state_map, verify};
        let messages = Messages::load([]).unwrap();
        let codes = [
            ledger_core::AmountError::CODES,
            ledger_core::EncodingError::CODES,
            signature::KeyError::CODES,
            policy::PolicyError::CODES,
            authority::AuthorityError::CODES,
            verify::AuthorityError::CODES,
            verify::StructuralError::CODES,
            verify::FrameError::CODES,
            verify::ConditionError::CODES,
            party::PartyError::CODES,
            chain::ChainError::CODES,
            token::TokenError::CODES,
            ledger_core::settlement::SettlementError::CODES,
            title::TitleError::CODES,
            pledge::PledgeError::CODES,
            purpose::PurposeError::CODES,
            price::PriceError::CODES,
            ledger_core::contract::DebtError::CODES,
            obligation::ObligationError::CODES,
            loan::LoanError::CODES,
            netting_round::NettingRoundError::CODES,
            trade_note::TradeNoteError::CODES,
            verify::PaymentError::CODES,
            proof::ProofError::CODES,
            proof::state::StateProofError::CODES,
            state_map::MapPathError::CODES,
            ledger_core::disclosure::DisclosureError::CODES,
            archive::ArchiveError::CODES,
            ledger_core::claim::ClaimBookError::CODES,
            ledger_core::fork::Fork::CODES,
            hive_chain::ProveError::CODES,
            ledger_core::sealed::SealedError::CODES,
            ledger_core::journal::JournalProofError::CODES,
            verify::UpgradeError::CODES,
            ledger_core::configuration::ConfigurationError::CODES,
            ledger_core::Warning::CODES,
            verify::UnsignedError::CODES,
            verify::DirectoryError::CODES,
            hive_platform::session::principal::AccessError::CODES,
            hive_platform::WalletError::CODES,
            hive_platform::OpeningError::CODES,
            hive_chain::seal::SealError::CODES,
        ];
        for code in codes.into_iter().flatten() {
            assert!(messages.text(Locale::ZhCn, code, &[]).is_some(), "{code} has no Chinese sentence");
        }
    }

    #[test]
    fn files_that_do_not_fit_are_refused() {
        let file = |text| LocaleFile { locale: Locale::En, text };
        assert!(matches!(Messages::load([file("= nothing")]), Err(LocaleError::Syntax { .. })));
        assert!(matches!(Messages::load([file("A = 1"), file("A = 2")]), Err(LocaleError::Twice { .. })));
        let messages = Messages::load([file("GREETING = Hello { $name }")]).unwrap();
        assert_eq!(messages.text(Locale::En, "GREETING", &[("name", "Bank A")]).as_deref(), Some("Hello Bank A"));
        assert_eq!(messages.text(Locale::ZhCn, "GREETING", &[("name", "Bank A")]), None);
        assert_eq!(messages.text(Locale::En, "GREETING", &[]), None);
    }
}
