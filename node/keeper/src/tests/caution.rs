// SPDX-License-Identifier: Apache-2.0

use crate::{
	caution::Caution,
	failure::Reason::{self, *},
};

const NOW: u64 = 1_000_000;

fn after(reasons: &[Reason]) -> Caution {
	let mut caution = Caution::default();
	for reason in reasons {
		caution.learn(*reason, NOW);
	}
	caution
}

#[test]
fn want_of_margin_should_halve_the_share_pause_and_double_it_a_minute_later() {
	let mut caution = after(&[TooLittleMargin]);
	assert_eq!(caution.halvings(NOW), 1);
	assert!(!caution.is_ready(NOW));
	let then = NOW + 1_000;
	assert!(caution.is_ready(then));
	caution.learn(TooLittleMargin, then);
	assert_eq!(caution.halvings(then), 2);
	assert_eq!(caution.halvings(then + 60_000), 1);
	assert_eq!(caution.halvings(then + 120_000), 0);
}

#[test]
fn share_should_have_a_smallest_size_and_then_a_longer_pause() {
	let caution = after(&[TooLittleMargin; 20]);
	assert_eq!(caution.halvings(NOW), 6);
	assert!(!caution.is_ready(NOW + 5_000));
	assert!(caution.is_ready(NOW + 10_000));
}

#[test]
fn what_is_nobodys_fault_should_cost_no_time() {
	for reason in [Gone, PriceMoved, Lost] {
		let caution = after(&[reason]);
		assert!(caution.is_ready(NOW), "{reason:?}");
		assert_eq!(caution.halvings(NOW), 0);
	}
}

#[test]
fn pauses_should_be_as_long_as_their_reason_lasts() {
	let pauses = [
		(OldPrices, 2_000),
		(TooSmall, 1_000),
		(DoesNotHelp, 1_000),
		(NoRoom, 10_000),
		(Unexpected, 30_000),
	];
	for (reason, pause) in pauses {
		let caution = after(&[reason]);
		assert!(!caution.is_ready(NOW + pause - 1), "{reason:?}");
		assert!(caution.is_ready(NOW + pause), "{reason:?}");
	}
}

#[test]
fn slice_that_does_not_help_should_make_it_ask_for_everything() {
	assert!(!after(&[TooSmall, Gone]).is_all_or_nothing);
	assert!(after(&[DoesNotHelp, TooSmall]).is_all_or_nothing);
}

#[test]
fn rest_should_last_ten_seconds() {
	let mut caution = Caution::default();
	caution.rest(NOW);
	assert!(!caution.is_ready(NOW + 9_999));
	assert!(caution.is_ready(NOW + 10_000));
}
