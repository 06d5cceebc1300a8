// SPDX-License-Identifier: Apache-2.0
//! Who closes how much of a position that nobody takes over: pro rata by relief.

use alloc::{vec, vec::Vec};
use ballast_exchange::Lots;

/// A holder on the other side of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opposite {
	/// Lots that it holds on the other side, above zero.
	pub lots: Lots,
	/// By how much its maintenance requirement falls per lot closed, millionths of a micro-USD.
	pub relief: u128,
}

/// Allots `lots` to the holders in proportion to their relief, none more than it holds.
///
/// What rounding leaves goes one lot each to the largest remainders, the earlier holder first among equals. What
/// a full holder cannot take goes to the others in the same proportion. A holder without relief gets nothing,
/// so the sum can be less than `lots`.
pub fn allot(lots: Lots, holders: &[Opposite]) -> Vec<Lots> {
	let mut allotted = vec![0; holders.len()];
	let mut rest = lots.max(0);
	// Each round fills a holder or gives everything out.
	for _ in 0..=holders.len() {
		let open: Vec<usize> = (0..holders.len())
			.filter(|at| holders[*at].relief > 0 && allotted[*at] < holders[*at].lots)
			.collect();
		if rest == 0 || open.is_empty() {
			break;
		}
		let given = share_out(rest, holders, &open);
		for (at, more) in open.into_iter().zip(given) {
			let more = more.min(holders[at].lots - allotted[at]);
			allotted[at] += more;
			rest -= more;
		}
	}
	allotted
}

/// Largest remainder among the holders that are still open, regardless of what each can take.
fn share_out(lots: Lots, holders: &[Opposite], open: &[usize]) -> Vec<Lots> {
	// Reliefs are scaled down together until lots times any of them fits: 2^63 times 2^56.
	let most = open.iter().map(|at| holders[*at].relief).max().unwrap_or(0);
	let shift = (128 - most.leading_zeros()).saturating_sub(56);
	let weights: Vec<u128> = open.iter().map(|at| (holders[*at].relief >> shift).max(1)).collect();
	let total: u128 = weights.iter().sum();
	let all = u128::from(lots.unsigned_abs());
	let exact: Vec<(u128, u128)> =
		weights.iter().map(|weight| (all * weight / total, all * weight % total)).collect();
	let mut given: Vec<u128> = exact.iter().map(|(whole, _)| *whole).collect();
	let left = all - given.iter().sum::<u128>();
	let mut order: Vec<usize> = (0..open.len()).collect();
	order.sort_by(|a, b| exact[*b].1.cmp(&exact[*a].1).then(a.cmp(b)));
	// Fewer remainders are left than there are holders.
	for at in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
		given[at] += 1;
	}
	given.into_iter().map(|lots| Lots::try_from(lots).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn holders(all: &[(Lots, u128)]) -> Vec<Opposite> {
		all.iter().map(|(lots, relief)| Opposite { lots: *lots, relief: *relief }).collect()
	}

	#[test]
	fn lots_should_follow_relief_when_everybody_has_room() {
		assert_eq!(allot(100, &holders(&[(100, 1), (100, 3)])), [25, 75]);
	}

	#[test]
	fn rounding_should_favour_the_largest_remainder_when_lots_do_not_divide() {
		assert_eq!(allot(10, &holders(&[(10, 1), (10, 1), (10, 1)])), [4, 3, 3]);
		assert_eq!(allot(1, &holders(&[(10, 1), (10, 2)])), [0, 1]);
	}

	#[test]
	fn others_should_take_the_rest_when_a_holder_is_full() {
		assert_eq!(allot(100, &holders(&[(5, 9), (100, 1), (100, 1)])), [5, 48, 47]);
	}

	#[test]
	fn nobody_should_close_more_than_held_when_lots_exceed_all() {
		assert_eq!(allot(1_000, &holders(&[(5, 9), (7, 1)])), [5, 7]);
	}

	#[test]
	fn holder_without_relief_should_get_nothing() {
		assert_eq!(allot(10, &holders(&[(10, 0), (4, 1)])), [0, 4]);
		assert_eq!(allot(10, &holders(&[])), [0; 0]);
	}

	#[test]
	fn extreme_reliefs_should_not_overflow() {
		let all = holders(&[(Lots::MAX, u128::MAX), (Lots::MAX, u128::MAX), (9, 1)]);
		let given = allot(Lots::MAX, &all);
		assert_eq!(given.iter().sum::<Lots>(), Lots::MAX);
		assert!((given[0] - given[1]).abs() <= 2);
	}

	proptest! {
		#[test]
		fn allotment_should_be_complete_and_within_bounds(
			lots in 0..1_000_000i64,
			all in prop::collection::vec((1..100_000i64, 0..1_000_000u128), 0..64),
		) {
			let all = holders(&all);
			let given = allot(lots, &all);
			let able: Lots = all.iter().filter(|it| it.relief > 0).map(|it| it.lots).sum();
			prop_assert_eq!(given.iter().sum::<Lots>(), lots.min(able));
			for (given, holder) in given.iter().zip(&all) {
				prop_assert!((0..=holder.lots).contains(given));
				prop_assert!(holder.relief > 0 || *given == 0);
			}
		}

		#[test]
		fn more_relief_should_never_get_less_when_nobody_is_full(
			lots in 0..10_000i64,
			reliefs in prop::collection::vec(1..1_000_000u128, 2..16),
		) {
			let all: Vec<Opposite> =
				reliefs.iter().map(|relief| Opposite { lots: 10_000, relief: *relief }).collect();
			let given = allot(lots, &all);
			for a in 0..all.len() {
				for b in 0..all.len() {
					prop_assert!(all[a].relief < all[b].relief || given[a] + 1 >= given[b]);
				}
			}
		}
	}
}
