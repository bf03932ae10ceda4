//! What the same cores verify when they do nothing else: signatures in batches of 256, each of another key.

use std::time::{Duration, Instant};

use ledger_core::signature::SignatureBatch;
use ledger_core::{PublicKey, Signature, SigningKey};
use rand_core::{CryptoRng, RngCore};

use crate::cores;
use crate::draw::Random;
use crate::error::BenchError;
use crate::process;

/// Signatures of one batch.
pub(crate) const BATCH: usize = 256;
/// Batches whose signatures all differ, verified in turn.
const BATCHES: usize = 16;

/// One way of verifying batches.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rate {
    /// Signatures a second over all cores.
    pub(crate) per_second: f64,
    /// Microseconds of processors for each.
    pub(crate) cpu_us: f64,
}

/// Each way of verifying batches.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    /// ed25519-zebra's batch (ZIP-215), keys from bytes as its interface takes them.
    pub(crate) zebra: Rate,
    /// ed25519-dalek's batch, keys decoded before the clock starts.
    pub(crate) dalek: Rate,
    /// The ledger's own: ed25519-zebra's with coefficients that follow from the batch.
    pub(crate) ledger: Rate,
}

/// Signatures to be verified.
pub(crate) struct Signatures(Vec<Batch>);

struct Batch {
    messages: Vec<Vec<u8>>,
    keys: Vec<PublicKey>,
    points: Vec<ed25519_dalek::VerifyingKey>,
    signatures: Vec<Signature>,
    for_dalek: Vec<ed25519_dalek::Signature>,
}

impl Rates {
    /// The mean of several measurements.
    pub(crate) fn mean(rates: &[Self]) -> Self {
        let mean = |of: &dyn Fn(&Self) -> f64| rates.iter().map(of).sum::<f64>() / rates.len().max(1) as f64;
        let way = |of: fn(&Self) -> Rate| Rate {
            per_second: mean(&|rates| of(rates).per_second),
            cpu_us: mean(&|rates| of(rates).cpu_us),
        };
        Self { zebra: way(|rates| rates.zebra), dalek: way(|rates| rates.dalek), ledger: way(|rates| rates.ledger) }
    }

    /// The faster of the two libraries.
    pub(crate) fn best(&self) -> Rate {
        if self.zebra.per_second > self.dalek.per_second { self.zebra } else { self.dalek }
    }
}

impl Signatures {
    /// As many as a workload has, of messages as parties sign them.
    pub(crate) fn new() -> Result<Self, BenchError> {
        let numbers: Vec<u64> = (0..(BATCH * BATCHES) as u64).collect();
        let signed = cores::map(&numbers, |number| {
            let mut random = Random::new(number ^ 0x7369_676e);
            let key = SigningKey::from_seed(&random.bytes());
            let message = [b"hivechain/signature\0".as_slice(), &random.bytes(), &random.bytes(), &random.bytes()];
            let message = message.concat();
            (key.public(), key.sign(&message), message)
        });
        let batch = |signed: &[(PublicKey, Signature, Vec<u8>)]| {
            let point = |(key, ..): &(PublicKey, Signature, Vec<u8>)| {
                ed25519_dalek::VerifyingKey::from_bytes(key.as_bytes()).map_err(BenchError::signature)
            };
            Ok(Batch {
                messages: signed.iter().map(|(.., message)| message.clone()).collect(),
                keys: signed.iter().map(|(key, ..)| *key).collect(),
                points: signed.iter().map(point).collect::<Result<_, _>>()?,
                signatures: signed.iter().map(|(_, signature, _)| *signature).collect(),
                for_dalek: (signed.iter())
                    .map(|(_, signature, _)| ed25519_dalek::Signature::from_bytes(signature.as_bytes()))
                    .collect(),
            })
        };
        Ok(Self(signed.chunks_exact(BATCH).map(batch).collect::<Result<_, BenchError>>()?))
    }

    /// Measures each way for this long.
    pub(crate) fn measure(&self, time: Duration) -> Result<Rates, BenchError> {
        Ok(Rates {
            zebra: self.rate(time, Batch::by_zebra)?,
            dalek: self.rate(time, Batch::by_dalek)?,
            ledger: self.rate(time, Batch::by_ledger)?,
        })
    }

    /// All cores, each going round the batches from another one.
    fn rate(&self, time: Duration, verifies: impl Fn(&Batch) -> bool + Sync) -> Result<Rate, BenchError> {
        let (begun, cpu) = (Instant::now(), process::cpu());
        let starts: Vec<usize> = (0..cores::count()).collect();
        let counts = cores::map(&starts, |start| {
            let mut count = 0_u64;
            for batch in self.0.iter().cycle().skip(start % BATCHES) {
                if begun.elapsed() >= time && count > 0 {
                    break;
                }
                if !verifies(batch) {
                    return None;
                }
                count += BATCH as u64;
            }
            Some(count)
        });
        let (elapsed, cpu) = (begun.elapsed(), process::cpu().saturating_sub(cpu));
        let total = counts.into_iter().sum::<Option<u64>>();
        let total = total.ok_or(BenchError::signature("a sound batch does not verify"))? as f64;
        Ok(Rate { per_second: total / elapsed.as_secs_f64(), cpu_us: cpu.as_secs_f64() * 1e6 / total })
    }
}

impl Batch {
    fn by_zebra(&self) -> bool {
        let mut batch = ed25519_zebra::batch::Verifier::new();
        for ((key, signature), message) in self.keys.iter().zip(&self.signatures).zip(&self.messages) {
            let key = ed25519_zebra::VerificationKeyBytes::from(*key.as_bytes());
            batch.queue((key, ed25519_zebra::Signature::from_bytes(signature.as_bytes()), message));
        }
        batch.verify(Coefficients(Random::new(5))).is_ok()
    }

    fn by_dalek(&self) -> bool {
        let messages: Vec<&[u8]> = self.messages.iter().map(Vec::as_slice).collect();
        ed25519_dalek::verify_batch(&messages, &self.for_dalek, &self.points).is_ok()
    }

    fn by_ledger(&self) -> bool {
        let mut batch = SignatureBatch::default();
        for ((key, signature), message) in self.keys.iter().zip(&self.signatures).zip(&self.messages) {
            batch.add(*key, message.clone(), *signature);
        }
        batch.verifies()
    }
}

/// Coefficients that cost nothing: the speed of the library alone is measured, nothing is decided by them.
struct Coefficients(Random);

impl RngCore for Coefficients {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        rand_core::impls::fill_bytes_via_next(self, bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Coefficients {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_batches_verify_by_each_way_and_no_other_does() {
        let mut signatures = Signatures::new().unwrap();
        let ways = [Batch::by_zebra, Batch::by_dalek, Batch::by_ledger];
        let rates = signatures.measure(Duration::ZERO).unwrap();
        assert!(rates.best().per_second > 0.0 && rates.ledger.cpu_us > 0.0);
        let batch = &mut signatures.0[0];
        batch.messages[100][40] ^= 1;
        assert!(ways.iter().all(|verifies| !verifies(batch)));
        assert_eq!(signatures.measure(Duration::ZERO).unwrap_err().code(), "BENCH_SIGNATURE");
    }
}
