//! Codes of the standard: which contract, whose side, which convention.

use super::error::{ActusError, clipped};
use super::terms::Term;
use super::value::Value;
use crate::calendar::{BusinessDayConvention, EndOfMonth};

/// Enums of codes; what stands after a bar is another spelling of the same.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $code:literal $(| $other:literal)*,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$about])* $variant,)* }

        impl $name {
            /// The code of the standard.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }

        impl Term for $name {
            fn read(value: &Value, path: &str) -> Result<Self, ActusError> {
                match value.text(path)? {
                    $($code $(| $other)* => Ok(Self::$variant),)*
                    text => Err(unknown(path, text, &[$($code),*])),
                }
            }
        }
    )*};
}
pub(super) use choices;

pub(super) fn unknown(path: &str, text: &str, allowed: &[&str]) -> ActusError {
    ActusError::Choice { path: path.to_owned(), text: clipped(text), allowed: allowed.join(" ") }
}

choices! {
    /// The pattern of a contract's cash flows.
    ContractType {
        /// Principal at maturity.
        Pam = "PAM",
        /// Linear amortiser.
        Lam = "LAM",
        /// Annuity.
        Ann = "ANN",
        /// Negative amortiser.
        Nam = "NAM",
        /// Exotic linear amortiser: by arrays.
        Lax = "LAX",
        /// Call money.
        Clm = "CLM",
        /// Undefined maturity profile.
        Ump = "UMP",
        /// Guarantee.
        Ceg = "CEG",
        /// Collateral.
        Cec = "CEC",
        /// Commodity: what covers in a CEC.
        Com = "COM",
    }
    /// Whose books these are; it gives the sign of what flows.
    ContractRole {
        /// An asset: lent.
        RealPositionAsset = "RPA",
        /// A liability: borrowed.
        RealPositionLiability = "RPL",
        /// Long.
        Long = "LG",
        /// Short.
        Short = "ST",
        /// Who is protected.
        Buyer = "BUY",
        /// Who protects.
        Seller = "SEL",
        /// Who receives the first leg.
        ReceiveFirstLeg = "RFL",
        /// Who pays the first leg.
        PayFirstLeg = "PFL",
        /// A collateral instrument.
        Collateral = "COL",
        /// A close-out netting instrument.
        CloseOutNetting = "CNO",
        /// Who guarantees.
        Guarantor = "GUA",
        /// Who is guaranteed.
        Obligee = "OBL",
        /// An underlying.
        Underlying = "UDL",
        /// An underlying that counts positive.
        UnderlyingPlus = "UDLP",
        /// An underlying that counts negative.
        UnderlyingMinus = "UDLM",
    }
    /// How days are counted (IPDC).
    DayCountConvention {
        /// Actual days over the length of their years.
        ActualActual = "AA" | "A/AISDA",
        /// Actual days over 360.
        Actual360 = "A360" | "A/360",
        /// Actual days over 365.
        Actual365 = "A365" | "A/365",
        /// Months of 30 days, each last day of a month a 30th.
        ThirtyE360Isda = "30E360ISDA" | "30E/360ISDA",
        /// Months of 30 days.
        ThirtyE360 = "30E360" | "30E/360",
        /// Months of 28 days.
        TwentyEightE336 = "28E336" | "28E/336",
        /// Business days over 252.
        Business252 = "B252" | "B/252",
    }
    /// What a fee is measured by (FEB).
    FeeBasis {
        /// An amount at each payment.
        Amount = "A",
        /// A rate a year on the notional.
        Notional = "N",
    }
    /// What interest is computed on (IPCB).
    InterestCalculationBase {
        /// The notional outstanding.
        Notional = "NT",
        /// The notional at the initial exchange.
        NotionalAtInitialExchange = "NTIED",
        /// The notional at times of its own.
        NotionalLagged = "NTL",
    }
    /// Which payments follow an index (SCEF). The standard writes zeros, and some write the letter.
    ScalingEffect {
        /// None.
        None = "000" | "OOO",
        /// Interest.
        Interest = "I00" | "IOO",
        /// Principal.
        Notional = "0N0" | "ONO",
        /// Both.
        Both = "IN0" | "INO",
    }
    /// Whether principal may be repaid early (PPEF).
    PrepaymentEffect {
        /// Not.
        NotAllowed = "N",
        /// Yes, and payments become smaller.
        Amount = "A",
        /// Yes, and the contract ends earlier.
        Maturity = "M",
    }
    /// What early repayment costs (PYTP).
    PenaltyType {
        /// Nothing.
        None = "O",
        /// An amount.
        Amount = "A",
        /// A rate a year on the notional.
        Notional = "N",
        /// The interest that is lost.
        Interest = "I",
    }
    /// How obligations are met (PRF).
    ContractPerformance {
        /// In time.
        Performing = "PF",
        /// Delayed.
        Delayed = "DL",
        /// Delinquent.
        Delinquent = "DQ",
        /// In default.
        Default = "DF",
        /// Matured.
        Matured = "MA",
        /// Terminated.
        Terminated = "TE",
    }
    /// Which exposure is covered (CEGE).
    GuaranteedExposure {
        /// The nominal.
        Nominal = "NO",
        /// The nominal and accrued interest.
        NominalAndInterest = "NI",
        /// The market value.
        MarketValue = "MV",
    }
    /// Which way principal moves (ARINCDEC).
    IncreaseDecrease {
        /// Paid out.
        Increase = "INC",
        /// Paid back.
        Decrease = "DEC",
    }
    /// What a rate of an array means (ARFIXVAR).
    FixedVariable {
        /// The new rate.
        Fixed = "FIX" | "F",
        /// The spread over the market's.
        Variable = "VAR" | "V",
    }
    /// When in a cycle interest is paid (IPPNT) or a rate reset (RRPNT); only the usual one is computed.
    InterestPoint {
        /// At the end of a cycle.
        End = "E",
    }
    /// When in a cycle a rate is reset (RRPNT); only the usual one is computed.
    ResetPoint {
        /// At the beginning of a cycle.
        Beginning = "B",
    }
}

impl ContractRole {
    /// True where the notional is owed and not claimed.
    pub(super) fn is_negative(self) -> bool {
        matches!(
            self,
            Self::RealPositionLiability
                | Self::Short
                | Self::Seller
                | Self::PayFirstLeg
                | Self::Guarantor
                | Self::UnderlyingMinus
        )
    }
}

impl ScalingEffect {
    pub(super) fn scales_interest(self) -> bool {
        matches!(self, Self::Interest | Self::Both)
    }

    pub(super) fn scales_notional(self) -> bool {
        matches!(self, Self::Notional | Self::Both)
    }
}

impl Term for BusinessDayConvention {
    fn read(value: &Value, path: &str) -> Result<Self, ActusError> {
        // What the dictionary calls NOS is NULL in the specification.
        match value.text(path)? {
            "NULL" => Ok(Self::NoShift),
            text => Self::from_code(text)
                .map_err(|_| unknown(path, text, &["NOS", "SCF", "SCMF", "CSF", "CSMF", "SCP", "SCMP", "CSP", "CSMP"])),
        }
    }
}

impl Term for EndOfMonth {
    fn read(value: &Value, path: &str) -> Result<Self, ActusError> {
        match value.text(path)? {
            "EOM" => Ok(Self::LastDay),
            "SD" => Ok(Self::SameDay),
            text => Err(unknown(path, text, &["EOM", "SD"])),
        }
    }
}
