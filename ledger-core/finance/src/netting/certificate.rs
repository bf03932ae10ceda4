//! The proof that what remains of debts is the least that keeps every net position.

use super::residual::{Pair, Solution, excesses};

/// True if the solution is a smallest residual of the pairs, whoever computed it.
///
/// It leaves each pair between nothing and what is owed, it leaves each party's net position, and its potentials show that
/// no other is smaller (complementary slackness): where a pair could keep more, 1 + potential of debtor - potential of
/// creditor is not negative, and where it could keep less, it is not positive.
pub(super) fn is_smallest(pairs: &[Pair], parties: usize, solution: &Solution) -> bool {
    let before = excesses(parties, pairs.iter().map(|pair| (pair.debtor, pair.creditor, pair.owed)));
    let remaining =
        pairs.iter().zip(&solution.residual).map(|(pair, residual)| (pair.debtor, pair.creditor, *residual));
    let is_shown = |(pair, residual): (&Pair, &u64)| pair_is_tight(pair, *residual, &solution.potentials) == Some(true);
    solution.residual.len() == pairs.len()
        && before.is_some()
        && before == excesses(parties, remaining)
        && pairs.iter().zip(&solution.residual).all(is_shown)
}

fn pair_is_tight(pair: &Pair, residual: u64, potentials: &[i64]) -> Option<bool> {
    let debtor = potentials.get(pair.debtor)?;
    let reduced = debtor.checked_add(1)?.checked_sub(*potentials.get(pair.creditor)?)?;
    let (may_rise, may_fall) = (residual < pair.owed, residual > 0);
    Some(residual <= pair.owed && (!may_rise || reduced >= 0) && (!may_fall || reduced <= 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring of three with a chord back: 0 owes 1 ten, 1 owes 2 seven, 2 owes 0 five.
    fn check(residual: [u64; 3], potentials: [i64; 3], expected: bool) {
        let pair = |(debtor, creditor, owed)| Pair { debtor, creditor, owed };
        let pairs: Vec<Pair> = [(0, 1, 10), (1, 2, 7), (2, 0, 5)].map(pair).into();
        let solution = Solution { residual: residual.into(), potentials: potentials.into() };
        assert_eq!(is_smallest(&pairs, 3, &solution), expected, "{residual:?} {potentials:?}");
    }

    #[test]
    fn a_residual_is_the_smallest_only_with_a_proof() {
        check([5, 2, 0], [0, 1, 2], true);
        // Not the smallest, whatever is claimed of it.
        check([10, 7, 5], [0, 1, 2], false);
        check([6, 3, 1], [0, 1, 2], false);
        // The smallest, with a wrong proof.
        check([5, 2, 0], [0, 0, 0], false);
        // Positions change; more remains than was owed.
        check([4, 2, 0], [0, 1, 2], false);
        check([11, 8, 6], [0, 1, 2], false);
    }

    #[test]
    fn a_solution_of_another_size_proves_nothing() {
        let pairs = [Pair { debtor: 0, creditor: 1, owed: 1 }];
        let solution = |residual: &[u64], potentials: &[i64]| Solution {
            residual: residual.into(),
            potentials: potentials.into(),
        };
        assert!(is_smallest(&pairs, 2, &solution(&[1], &[0, 1])));
        assert!(!is_smallest(&pairs, 2, &solution(&[], &[0, 1])));
        assert!(!is_smallest(&pairs, 2, &solution(&[1, 0], &[0, 1])));
        assert!(!is_smallest(&pairs, 2, &solution(&[1], &[0])));
        assert!(!is_smallest(&pairs, 1, &solution(&[1], &[0, 1])));
    }
}
