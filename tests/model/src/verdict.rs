// SPDX-License-Identifier: Apache-2.0
//! Whether a call should have come to what it came to.

use crate::{
	account::{Account, Key},
	action::Action,
	ensure,
	expected::{crossed, expect, is_margin, is_plausible, Expected},
	ledger::{Ledger, USDC},
	margin::{margins, Margins},
	market::Market,
	world::Dispatched,
	Outcome,
};
use ballast_exchange::OpenOrder;
use ballast_runtime::RuntimeEvent;
use pallet_order_book::{
	types::{NewOrder, Operation, OrderKind},
	Event as BookEvent,
};
use std::collections::{BTreeMap, BTreeSet};

/// How often margin decided.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decisions {
	/// Accepted, and the record agrees.
	pub accepted: u64,
	/// Refused, and the record agrees.
	pub refused: u64,
	/// Makers that passed their check.
	pub makers: u64,
}

/// Judges a call whose events are applied. `before` is what the accounts were.
pub fn judge(
	before: &BTreeMap<Key, Account>,
	ledger: &mut Ledger,
	market: &mut Market,
	action: &Action,
	done: &Dispatched,
	decisions: &mut Decisions,
) -> Outcome {
	if done.error.is_some() {
		ensure!(done.events.is_empty(), "a call that failed has left events: {:?}", done.events);
	}
	let expected = expect(before, ledger, market, action, done);
	let fits = match (expected, done.error) {
		(Expected::Success | Expected::Margin | Expected::Open, None) => true,
		(Expected::Error(name), Some(found)) => name == found,
		(Expected::Refusal, Some(_)) => true,
		(Expected::Margin, Some(found)) => is_margin(found),
		(Expected::Open, Some(found)) => is_plausible(before, market, action, found),
		_ => false,
	};
	ensure!(fits, "expected {expected:?}, found {:?}", done.error);
	if done.error.is_none() {
		number_orders(ledger, action, &done.events)?;
		check_fills(before, market, action, &done.events)?;
		check_makers(before, ledger, market, &done.events, decisions)?;
	}
	check_margin(before, ledger, market, action, done.error, decisions)
}

/// Gives the orders that came in their numbers.
fn number_orders(ledger: &mut Ledger, action: &Action, events: &[RuntimeEvent]) -> Outcome {
	match action {
		Action::Place(key, order) => ledger.account(key)?.number(order.client_id),
		Action::Combo(key, legs, _) => {
			for _ in legs {
				ledger.account(key)?.number(None);
			}
		},
		Action::Batch(key, operations, _) => {
			let failed: BTreeSet<usize> = events
				.iter()
				.filter_map(|event| match event {
					RuntimeEvent::OrderBook(BookEvent::BatchItemFailed { position, .. }) => {
						Some(usize::from(*position))
					},
					_ => None,
				})
				.collect();
			for (position, operation) in operations.iter().enumerate() {
				if let (Operation::Place(order), false) = (operation, failed.contains(&position)) {
					ledger.account(key)?.number(order.client_id);
				}
			}
		},
		_ => {},
	}
	Ok(())
}

/// What became of the orders that came in with a call.
#[derive(Debug, Default)]
struct Tally {
	filled: i64,
	rested: i64,
	cancelled: i64,
	/// Paid without fees, micro-USD.
	premium: i128,
}

impl Tally {
	fn new(market: &Market, key: &Key, first: u64, events: &[RuntimeEvent]) -> Self {
		let mut tally = Self::default();
		let own = |of: &Key, id: u64| of == key && id >= first;
		for event in events {
			let RuntimeEvent::OrderBook(event) = event else { continue };
			match event {
				BookEvent::Filled {
					taker, taker_order, lots, price, taker_side, series, ..
				} if own(taker, *taker_order) => {
					let per_contract = market.underlying(series.underlying).lots_per_contract;
					let lots = taker_side.signed(*lots);
					tally.filled += lots.abs();
					tally.premium += i128::from(lots) * i128::from(*price) / per_contract;
				},
				BookEvent::OrderPlaced { account, order } if own(account, order.id) => {
					tally.rested += order.lots;
				},
				BookEvent::OrderCancelled { account, order, lots, .. } if own(account, *order) => {
					tally.cancelled += lots;
				},
				_ => {},
			}
		}
		tally
	}
}

/// What an order came to: nothing of it is lost, and its kind is kept.
fn check_fills(
	before: &BTreeMap<Key, Account>,
	market: &Market,
	action: &Action,
	events: &[RuntimeEvent],
) -> Outcome {
	let Some(key) = action.key() else { return Ok(()) };
	let Some(account) = before.get(key) else { return Ok(()) };
	let tally = Tally::new(market, key, account.next_order, events);
	let Tally { filled, rested, cancelled, premium } = tally;
	match action {
		Action::Place(_, order) => {
			let most = if order.reduce_only {
				account.reducible(&order.series, order.side)
			} else {
				i64::MAX
			};
			let all = filled + rested + cancelled == order.lots.min(most);
			let kept = match order.kind {
				OrderKind::Limit => true,
				OrderKind::PostOnly => filled == 0,
				OrderKind::ImmediateOrCancel => rested == 0,
				OrderKind::FillOrKill => rested == 0 && cancelled == 0,
			};
			ensure!(all && kept, "{tally:?} of {order:?}");
		},
		Action::Combo(_, legs, max_cost) => {
			let wanted: i64 = legs.iter().map(|leg| leg.lots).sum();
			let whole = (filled, rested, cancelled) == (wanted, 0, 0);
			ensure!(whole, "{tally:?} of {legs:?}");
			ensure!(premium <= *max_cost, "a combo costs {premium}, at most {max_cost}");
		},
		_ => {},
	}
	Ok(())
}

/// No maker is left below zero, or lower than it was, by fills of the call.
fn check_makers(
	before: &BTreeMap<Key, Account>,
	ledger: &Ledger,
	market: &mut Market,
	events: &[RuntimeEvent],
	decisions: &mut Decisions,
) -> Outcome {
	let makers: BTreeSet<&Key> = events
		.iter()
		.filter_map(|event| match event {
			RuntimeEvent::OrderBook(BookEvent::Filled { maker, .. }) => Some(maker),
			_ => None,
		})
		.collect();
	for key in makers {
		let (Some(was), Some(is)) = (before.get(key), ledger.accounts.get(key)) else { continue };
		let (Some(was), Some(is)) = (margins(market, was), margins(market, is)) else { continue };
		let least = if is.fresh { was.initial.min(0.0) } else { was.initial };
		let slack = was.tolerance() + is.tolerance();
		// The order in which a greedy search fills the others may change with a fill.
		let gap = was.initial - was.initial_worst;
		let kept = is.initial >= least - slack - gap;
		ensure!(kept, "the maker {key:?} goes from {was:?} to {is:?}");
		decisions.makers += 1;
	}
	Ok(())
}

/// Margin decided as the record of prices says.
fn check_margin(
	before: &BTreeMap<Key, Account>,
	ledger: &Ledger,
	market: &mut Market,
	action: &Action,
	error: Option<&'static str>,
	decisions: &mut Decisions,
) -> Outcome {
	let Some(key) = action.key() else { return Ok(()) };
	let Some(was) = before.get(key) else { return Ok(()) };
	let after = match error {
		None => needs_margin(was, action).then(|| ledger.accounts.get(key).cloned()).flatten(),
		Some("InsufficientMargin" | "PricesStale") => hypothetical(before, was, action),
		_ => None,
	};
	let Some(is) = after else { return Ok(()) };
	if only_offers_to_reduce(was, &is) {
		ensure!(error.is_none(), "an order that can only reduce is refused ({error:?}): {is:?}");
		return Ok(());
	}
	let old = margins(market, was);
	let Some(new) = margins(market, &is) else {
		return Err(format!("margin decided ({error:?}) without prices for {is:?}"));
	};
	let slack = new.tolerance() + old.map_or(0.0, |old| old.tolerance());
	let reduces = |slack: f64| {
		old.is_some_and(|old| {
			let gap = (old.initial - old.initial_worst) + (new.initial - new.initial_worst);
			let gap = if slack < 0.0 { -gap } else { gap };
			new.initial + slack + gap >= old.initial && new.maintenance + slack >= old.maintenance
		})
	};
	let passes = |slack: f64| new.fresh && new.initial + slack >= 0.0;
	let differs = |what: &str| Err(format!("{what} ({error:?}): from {old:?} to {new:?}"));
	if error.is_none() {
		decisions.accepted += 1;
		return if passes(slack) || reduces(slack) { Ok(()) } else { differs("accepted") };
	}
	decisions.refused += 1;
	let stale = error == Some("PricesStale");
	let agrees = !passes(-slack - worst_gap(&new)) && !reduces(-slack);
	if agrees && stale != new.fresh {
		Ok(())
	} else {
		differs("refused")
	}
}

fn worst_gap(margins: &Margins) -> f64 {
	margins.initial - margins.initial_worst
}

/// Whether resting orders are all that has changed, and the new ones can only make positions smaller.
fn only_offers_to_reduce(was: &Account, is: &Account) -> bool {
	let (orders, recent) = (was.orders.clone(), was.recent.clone());
	let unchanged = Account { orders, recent, next_order: was.next_order, ..is.clone() };
	let is_old = |id, order: &OpenOrder| {
		was.orders.get(id).is_some_and(|old| {
			OpenOrder { lots: old.lots, ..*order } == *old && order.lots <= old.lots
		})
	};
	unchanged == *was && is.orders.iter().all(|(id, order)| order.reduce_only || is_old(id, order))
}

/// Whether a success of the call means that margin was checked.
fn needs_margin(account: &Account, action: &Action) -> bool {
	match action {
		Action::Place(..) | Action::Combo(..) | Action::Bid(..) => true,
		Action::SetMargin(..) | Action::Withdraw(..) | Action::Move(..) => true,
		Action::Replace(_, id, price, lots) => {
			account.orders.get(id).is_some_and(|order| *price != order.price || *lots > order.lots)
		},
		_ => false,
	}
}

/// What a refused call would have left, if that does not depend on the book.
fn hypothetical(
	before: &BTreeMap<Key, Account>,
	account: &Account,
	action: &Action,
) -> Option<Account> {
	let mut after = account.clone();
	match action {
		Action::SetMargin(_, margin) => after.margin = *margin,
		Action::Withdraw(_, asset, amount) | Action::Move(_, _, asset, amount) => {
			if *asset == USDC {
				after.cash -= i128::try_from(*amount).ok()?;
			} else {
				let left = after.collateral.get(asset)?.checked_sub(*amount)?;
				after.collateral.insert(*asset, left);
				after.collateral.retain(|_, amount| *amount > 0);
			}
		},
		Action::Place(_, order) => {
			let rests = matches!(order.kind, OrderKind::Limit | OrderKind::PostOnly);
			if !rests || crossed(before, order).next().is_some() {
				return None;
			}
			let NewOrder { series, side, price, lots, reduce_only, good_till, client_id, .. } =
				*order;
			let id = account.next_order;
			let most = account.reducible(&series, side);
			let lots = if reduce_only { lots.min(most) } else { lots };
			let order =
				OpenOrder { id, client_id, series, side, price, lots, reduce_only, good_till };
			after.orders.insert(id, order);
		},
		_ => return None,
	}
	Some(after)
}
