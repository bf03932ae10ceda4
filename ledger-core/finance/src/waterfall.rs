//! A payment that fills dues in their order, each in full before the next gets anything.
//!
//! Which order holds is the caller's to say: by agreement, or costs, interest, principal (Civil Code of China, article 561).

#[cfg(test)]
mod tests;

/// What a payment does to dues. Together its parts and the surplus are the payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    parts: Vec<u64>,
    surplus: u64,
}

impl Filled {
    /// What each due gets, in their order, in smallest units; at most the due.
    pub fn parts(&self) -> &[u64] {
        &self.parts
    }

    /// What is left once every due is paid, in smallest units.
    pub fn surplus(&self) -> u64 {
        self.surplus
    }
}

/// Pays dues in their order: each gets what is left of the amount, at most itself. All in smallest units of one asset.
pub fn fill(amount: u64, dues: &[u64]) -> Filled {
    let mut left = amount;
    let pay = |due: &u64| {
        let part = left.min(*due);
        left = left.saturating_sub(part);
        part
    };
    let parts = dues.iter().map(pay).collect();
    Filled { parts, surplus: left }
}
