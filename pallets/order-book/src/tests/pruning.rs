// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, Books, Branches, Levels, Queued, WeightInfo};
use ballast_exchange::SeriesStatus;
use frame_support::{traits::Hooks, weights::Weight};

fn entries() -> usize {
	Books::<Test>::iter().count()
		+ Branches::<Test>::iter().count()
		+ Levels::<Test>::iter().count()
		+ Queued::<Test>::iter().count()
}

/// A state, as of a finished block, with books of a settled expiry and of one that goes on.
fn settled() -> sp_io::TestExternalities {
	let mut ext = new_test_ext();
	ext.execute_with(|| {
		for at in 1..=10 {
			for owner in 1..=12 {
				place(owner, buy(at * 300, 5).of(strike(100 + at % 2)));
			}
		}
		let later = ballast_exchange::SeriesId { expiry: EXPIRY + 1, ..series() };
		place(20, buy(5, 5).of(later));
		for owner in 1..=12 {
			change(owner, |account| account.orders = Default::default());
		}
		Status::set(SeriesStatus::Settled);
		Pruning::set(Some((1, EXPIRY)));
	});
	ext.commit_all().expect("the block ends");
	ext
}

fn idle(ext: &mut sp_io::TestExternalities, remaining: Weight) -> Weight {
	let used = ext.execute_with(|| OrderBook::on_idle(1, remaining));
	ext.commit_all().expect("the block ends");
	used
}

#[test]
fn on_idle_should_remove_the_books_of_a_settled_expiry_and_say_so() {
	let mut ext = settled();
	let all = ext.execute_with(entries);
	let used = idle(&mut ext, Weight::MAX);
	ext.execute_with(|| {
		// The other expiry: a book, two nodes, a level.
		assert_eq!(entries(), 4);
		assert_eq!(Pruned::get(), vec![(1, EXPIRY)]);
		assert_eq!(used, <() as WeightInfo>::prune(all as u32 - 4));
	});
	let used = idle(&mut ext, Weight::MAX);
	assert_eq!(used, <() as WeightInfo>::prune(0));
}

#[test]
fn on_idle_should_go_on_in_the_next_block_when_weight_ends() {
	let mut ext = settled();
	let budget = <() as WeightInfo>::prune(7);
	let mut blocks = 0;
	while ext.execute_with(|| Pruned::get().is_empty()) {
		let before = ext.execute_with(entries);
		let used = idle(&mut ext, budget);
		assert!(used.all_lte(budget));
		let after = ext.execute_with(entries);
		assert!(before - after <= 7, "at most what the weight pays for");
		blocks += 1;
		assert!(blocks < 100, "it comes to an end");
	}
	assert!(blocks > 5);
	assert_eq!(ext.execute_with(entries), 4);
}

#[test]
fn on_idle_should_do_nothing_without_weight_or_work() {
	let mut ext = settled();
	let all = ext.execute_with(entries);
	assert_eq!(idle(&mut ext, Weight::zero()), Weight::zero());
	assert_eq!(ext.execute_with(entries), all);
	ext.execute_with(|| Pruning::set(None));
	assert_eq!(idle(&mut ext, Weight::MAX), <() as WeightInfo>::prune(0));
	assert_eq!(ext.execute_with(entries), all);
}
