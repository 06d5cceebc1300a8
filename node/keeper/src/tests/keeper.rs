// SPDX-License-Identifier: Apache-2.0

use super::make::*;
use crate::{
	failure::{Failure, Reason},
	keeper::{Chosen, Keeper, Look, Trouble, BID_LIFE},
	types::{Auction, Key, Rules, Standing},
};
use ballast_exchange::{Account, Ppb};
use ballast_runtime::Runtime;
use sp_runtime::DispatchError;

/// A keeper, its runtime, a clock and a block number.
struct Bench {
	exchange: FakeExchange,
	keeper: Keeper,
	now: u64,
	number: u32,
}

fn make(listed: Vec<Auction>, rules: Rules) -> Bench {
	let keeper = Keeper::new(rules);
	Bench { exchange: FakeExchange::new(listed), keeper, now: 1_000_000, number: 100 }
}

impl Bench {
	fn look(&mut self) -> Look {
		self.number += 1;
		self.keeper.look(&self.exchange, self.number, self.now)
	}

	/// The bids of a look in which nothing went wrong.
	fn bids(&mut self) -> Vec<Chosen> {
		let look = self.look();
		assert_eq!(look.troubles, []);
		look.chosen
	}

	fn fails(&mut self, chosen: &Chosen, reason: Reason) -> Option<Trouble> {
		let failure = Failure { reason, text: format!("{reason:?}") };
		self.keeper.ended(chosen, Some(&failure), self.now)
	}
}

fn owners(bids: &[Chosen]) -> Vec<Key> {
	bids.iter().map(|chosen| chosen.bid.account.clone()).collect()
}

fn shares(bids: &[Chosen]) -> Vec<Ppb> {
	bids.iter().map(|chosen| chosen.bid.max_share).collect()
}

#[test]
fn best_auction_should_get_the_first_bid() {
	let better = Auction { discount: Ppb::percent(80), price: usd(4_000), ..of(b'b') };
	let mut bench = make(vec![of(b'a'), better], rules());
	let bids = bench.bids();
	assert_eq!(owners(&bids), [key(b'b'), key(b'a')]);
	assert_eq!(bids[0].bid.limit, usd(4_020));
	assert_eq!(bench.keeper.in_flight(), 2);
}

#[test]
fn nothing_should_be_sent_while_prices_are_old() {
	let old = Auction {
		is_open: false,
		max_share: Ppb::ZERO,
		price: 0,
		discount: Ppb::ZERO,
		..auction()
	};
	let mut bench = make(vec![old], rules());
	assert_eq!(bench.bids(), []);
	assert!(bench.exchange.simulated.borrow().is_empty());
	let mut own = make(vec![auction()], rules());
	own.exchange.is_fresh = false;
	assert_eq!(own.bids(), []);
}

#[test]
fn own_accounts_should_be_skipped() {
	let own = Auction { account: Key { owner: me(), index: 3 }, ..auction() };
	assert_eq!(make(vec![own], rules()).bids(), []);
}

#[test]
fn auction_should_have_one_bid_under_way() {
	let mut bench = make(vec![auction()], rules());
	let first = bench.bids();
	assert_eq!(first.len(), 1);
	assert_eq!(bench.bids(), []);
	assert_eq!(bench.keeper.ended(&first[0], None, bench.now), None);
	assert_eq!(bench.keeper.in_flight(), 0);
	assert_eq!(bench.bids().len(), 1);
}

#[test]
fn block_should_get_so_many_bids_and_no_more() {
	let many = (0..7).map(|at| of(b'a' + at)).collect();
	let mut bench = make(many, Rules { bids_per_block: 3, ..rules() });
	assert_eq!(bench.bids().len(), 3);
	assert_eq!(bench.bids().len(), 3);
	assert_eq!(bench.bids().len(), 1);
}

#[test]
fn bids_under_way_should_have_a_bound() {
	let many = (0..40).map(|at| Auction { book: holding(&[2]), price: usd(4_500), ..of(at) });
	let mut bench = make(many.collect(), Rules { bids_per_block: 32, ..rules() });
	let own = bench.exchange.account.as_mut().expect("it has one");
	own.cash = usd(1_000_000);
	own.margin.initial = usd(1_000_000);
	let sent: usize = (0..8).map(|_| bench.bids().len()).sum();
	assert_eq!(sent, 32);
}

#[test]
fn share_should_be_halved_until_the_account_carries_it() {
	let mut bench = make(vec![auction()], rules());
	// 750 lots ask for 750,000 USD, 187 lots for 187,000 USD, 93 for 93,000 USD.
	bench.exchange.usd_per_lot = 1_000;
	let bids = bench.bids();
	assert_eq!(*bench.exchange.simulated.borrow(), [750, 375, 187, 93]);
	assert_eq!(shares(&bids), [Ppb(62_000_000)]);
	assert_eq!(bids[0].slice.equity, usd(620));
}

#[test]
fn margin_should_stay_free_as_the_rules_say() {
	let keeping = |dollars| Rules { keep_free: usd(dollars), ..rules() };
	// Half of the book brings 4,000 USD of cash and costs 4,500 USD: 99,500 USD are left.
	assert_eq!(shares(&make(vec![auction()], keeping(99_400)).bids()), [HALF]);
	assert_eq!(shares(&make(vec![auction()], keeping(99_501)).bids()), [Ppb(250_000_000)]);
}

#[test]
fn what_does_not_fit_at_all_should_be_looked_at_again_later() {
	let single = Auction { book: holding(&[1]), max_share: WHOLE, price: usd(9_000), ..auction() };
	let mut bench = make(vec![single], rules());
	bench.exchange.usd_per_lot = 1_000_000;
	assert_eq!((bench.bids(), bench.bids()), (vec![], vec![]));
	assert_eq!(*bench.exchange.simulated.borrow(), [1]);
	bench.exchange.usd_per_lot = 0;
	bench.now += 10_000;
	assert_eq!(bench.bids().len(), 1);
}

#[test]
fn cash_that_is_not_there_should_not_be_bid() {
	let poor = Auction { book: Account { cash: 0, ..book() }, ..auction() };
	let mut bench = make(vec![poor], rules());
	bench.exchange.account = Some(Standing { cash: usd(1_200), ..standing() });
	assert_eq!(shares(&bench.bids()), [Ppb(125_000_000)]);
}

#[test]
fn bids_of_one_block_should_share_the_margin() {
	let mut bench = make(vec![of(b'a'), of(b'b')], rules());
	bench.exchange.usd_per_lot = 100;
	// The first takes 75,000 of 99,500 USD; for the second, 24,000 USD are left: 187 lots.
	assert_eq!(shares(&bench.bids()), [HALF, Ppb(125_000_000)]);
}

#[test]
fn slice_that_is_in_the_account_already_should_count_once() {
	let mut bench = make(vec![of(b'a')], rules());
	bench.exchange.usd_per_lot = 100;
	let first = bench.bids();
	assert_eq!(shares(&first), [HALF]);
	bench.exchange.listed.push(of(b'b'));
	let own = bench.exchange.account.as_mut().expect("it has one");
	own.margin.initial = usd(76_000);
	bench.exchange.included = vec![first[0].ticket];
	assert_eq!(owners(&bench.bids()), [key(b'b')]);
	assert_eq!(bench.exchange.simulated.borrow().last(), Some(&750));
	assert_eq!(bench.keeper.in_flight(), 2);
}

#[test]
fn refusal_for_want_of_margin_should_halve_the_next_bid() {
	let mut bench = make(vec![auction()], rules());
	let first = bench.bids();
	assert_eq!(bench.fails(&first[0], Reason::TooLittleMargin), None);
	assert_eq!(bench.bids(), []);
	bench.now += 1_000;
	assert_eq!(shares(&bench.bids()), [Ppb(250_000_000)]);
}

#[test]
fn book_with_other_assets_should_be_tried_without_a_simulation() {
	let mut bench = make(vec![Auction { book: with_collateral(5), ..auction() }], rules());
	bench.exchange.usd_per_lot = 1_000_000;
	assert_eq!(bench.bids().len(), 1);
	assert!(bench.exchange.simulated.borrow().is_empty());
}

#[test]
fn slice_that_does_not_help_should_be_followed_by_a_bid_for_everything() {
	let mut bench = make(vec![auction()], rules());
	let first = bench.bids();
	assert_eq!(bench.fails(&first[0], Reason::DoesNotHelp), None);
	bench.now += 1_000;
	let bids = bench.bids();
	assert_eq!((bids[0].bid.max_share, bids[0].bid.limit), (WHOLE, usd(9_045)));
}

#[test]
fn auction_that_ends_before_its_bid_should_give_the_bid_up_without_a_trouble() {
	let mut bench = make(vec![auction(), of(b'o')], rules());
	let first = bench.bids();
	bench.exchange.listed.pop();
	let ticket =
		|owner| first.iter().find(|each| each.bid.account == key(owner)).expect("a bid").ticket;
	assert_eq!(bench.look(), Look { dead: vec![ticket(b'o')], ..Look::default() });
	bench.exchange.listed.clear();
	assert_eq!(bench.look(), Look { dead: vec![ticket(b't')], ..Look::default() });
	assert_eq!(bench.fails(&first[0], Reason::Gone), None);
	assert_eq!(bench.keeper.in_flight(), 0);
	assert_eq!(bench.look(), Look::default());
}

#[test]
fn outcome_of_a_bid_that_was_given_up_should_not_end_a_later_one() {
	let mut bench = make(vec![auction()], rules());
	let first = bench.bids();
	bench.exchange.listed.clear();
	assert_eq!(bench.look().dead, [first[0].ticket]);
	bench.exchange.listed.push(auction());
	assert_eq!(bench.bids().len(), 1);
	assert_eq!(bench.fails(&first[0], Reason::Lost), None);
	assert_eq!(bench.keeper.in_flight(), 1);
	assert_eq!(bench.bids(), []);
}

#[test]
fn bid_should_be_given_up_when_no_block_can_include_it_any_more() {
	let mut bench = make(vec![auction()], rules());
	let first = bench.bids();
	bench.number += BID_LIFE - 2;
	assert_eq!(bench.look(), Look::default());
	let look = bench.look();
	assert_eq!(look.dead, [first[0].ticket]);
	assert_eq!(look.chosen.len(), 1);
	assert_ne!(look.chosen[0].ticket, first[0].ticket);
}

#[test]
fn error_that_nobody_expects_should_be_told() {
	let mut bench = make(vec![auction()], rules());
	let first = bench.bids();
	let trouble = bench.fails(&first[0], Reason::Unexpected);
	assert_eq!(trouble, Some(Trouble::Bid("Unexpected".into())));
}

#[test]
fn keeper_on_auction_itself_should_bid_for_nothing() {
	let mut bench = make(vec![auction()], rules());
	bench.exchange.account = Some(Standing { is_frozen: true, ..standing() });
	let look = bench.look();
	assert_eq!((look.chosen, look.troubles), (vec![], vec![Trouble::OnAuction]));
}

#[test]
fn keeper_without_an_account_or_key_should_say_so_only_when_there_is_something_to_bid_for() {
	let mut bench = make(vec![auction()], rules());
	bench.exchange.account = None;
	let look = bench.look();
	assert_eq!((look.chosen, look.troubles), (vec![], vec![Trouble::NoAccount]));
	bench.exchange.owner = Err(Trouble::Key("none".into()));
	assert_eq!(bench.look().troubles, [Trouble::Key("none".into())]);
	bench.exchange.listed.clear();
	assert_eq!(bench.look(), Look::default());
}

#[test]
fn simulation_that_fails_should_let_the_auction_rest_and_be_told_if_nobody_expects_it() {
	for (error, told) in [
		(DispatchError::from(pallet_clearing::Error::<Runtime>::TooManyPositions), 0),
		(pallet_clearing::Error::<Runtime>::CorruptLedger.into(), 7),
	] {
		let mut bench = make(vec![auction()], rules());
		bench.exchange.simulation_error = Some(error);
		let look = bench.look();
		assert_eq!((look.chosen.len(), look.troubles.len()), (0, told));
		assert_eq!(bench.look(), Look::default());
	}
}

#[test]
fn auctions_should_be_read_page_by_page() {
	let many = (0..5).map(|at| of(b'a' + at)).collect();
	let mut bench = make(many, Rules { bids_per_block: 32, ..rules() });
	bench.exchange.page = 2;
	assert_eq!(bench.bids().len(), 5);
}

#[test]
fn look_without_time_should_go_on_where_the_last_one_stopped() {
	let many = (0..5).map(|at| of(b'a' + at)).collect();
	let mut bench = make(many, Rules { bids_per_block: 32, ..rules() });
	bench.exchange.page = 2;
	let mut read = Vec::new();
	// Time for one page and one simulation a look.
	for _ in 0..3 {
		bench.exchange.pages.set(1);
		bench.exchange.patience.set(1);
		let look = bench.look();
		assert!(look.dead.is_empty());
		read.extend(owners(&look.chosen));
	}
	assert_eq!(read, [key(b'a'), key(b'c'), key(b'e')]);
	// The end of the list is the end of a round, and the next one begins at once.
	bench.exchange.pages.set(u32::MAX);
	bench.exchange.patience.set(u32::MAX);
	assert_eq!(owners(&bench.bids()), [key(b'b'), key(b'd')]);
}

#[test]
fn look_without_time_should_not_punish_the_auctions_that_it_leaves_out() {
	let mut bench = make(vec![auction()], rules());
	bench.exchange.usd_per_lot = 1_000;
	bench.exchange.patience.set(2);
	assert_eq!(bench.bids(), []);
	bench.exchange.patience.set(u32::MAX);
	assert_eq!(bench.bids().len(), 1);
}
