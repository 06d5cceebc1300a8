// SPDX-License-Identifier: Apache-2.0
//! The independent ledger: who holds what, rebuilt from events alone, each event checked against what
//! the ledger knows when it comes.

use crate::{
	account::{fees, Account, Key},
	ensure,
	market::{Expiry, Life, Market},
	Outcome,
};
use ballast_exchange::{OpenOrder, OptionKind, SeriesId, Side};
use ballast_runtime::{AccountId, Runtime, RuntimeEvent};
use pallet_clearing::Event as ClearingEvent;
use pallet_order_book::Event as BookEvent;
use std::collections::{BTreeMap, BTreeSet};

/// The settlement asset.
pub const USDC: u32 = 1;

/// Everything the ledger knows.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
	/// Margin accounts.
	pub accounts: BTreeMap<Key, Account>,
	/// Assets that owners hold outside of margin accounts.
	pub wallets: BTreeMap<(AccountId, u32), u128>,
	/// BAL on hold by owner.
	pub holds: BTreeMap<AccountId, u128>,
	/// Deposited less withdrawn, by asset.
	pub held: BTreeMap<u32, u128>,
	/// The insurance fund.
	pub insurance: u128,
	/// Fees not collected.
	pub fees: u128,
	/// Received from shorts less paid to longs, by expiry under settlement.
	pub suspense: BTreeMap<Expiry, i128>,
	/// When each resting order joined its queue.
	pub turns: BTreeMap<(Key, u64), u64>,
	/// Accounts on auction.
	pub on_auction: BTreeSet<Key>,
	/// What a position was closed at that was handed over last, and its holder and account before.
	pub handed_over: Option<HandedOver>,
	/// Orders that ever rested.
	turn: u64,
	/// Counts of what happened, for the summary.
	pub counts: Counts,
}

/// A position that went from one account to another outside of the books.
#[derive(Clone, Debug)]
pub struct HandedOver {
	/// Both accounts as they were.
	pub before: BTreeMap<Key, Account>,
	/// Price of a contract, dollars.
	pub price: f64,
}

/// How often what happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
	/// Fills.
	pub fills: u64,
	/// Positions settled.
	pub settled: u64,
	/// Expiries settled.
	pub expiries: u64,
	/// Orders that rested.
	pub rested: u64,
	/// Makers' orders cancelled for margin.
	pub makers_refused: u64,
	/// Auctions opened.
	pub auctions: u64,
	/// Slices that bidders took.
	pub slices: u64,
	/// Slices that the vault took.
	pub vault_takes: u64,
	/// Payments of the insurance fund.
	pub insurance_payments: u64,
	/// Positions closed against their other side.
	pub deleveraged: u64,
	/// Debts that nobody covered.
	pub bad_debts: u64,
}

impl Ledger {
	/// Applies an event. Events of other pallets say nothing here.
	pub fn apply(&mut self, market: &mut Market, event: &RuntimeEvent) -> Outcome {
		match event {
			RuntimeEvent::Options(event) => self.apply_options(market, event),
			RuntimeEvent::Clearing(event) => self.apply_clearing(market, event),
			RuntimeEvent::OrderBook(event) => self.apply_book(market, event),
			RuntimeEvent::Liquidation(event) => self.apply_liquidation(event),
			_ => Ok(()),
		}
	}

	/// An account that exists.
	pub fn account(&mut self, key: &Key) -> Result<&mut Account, String> {
		self.accounts.get_mut(key).ok_or_else(|| format!("an event of no account: {key:?}"))
	}

	fn apply_clearing(&mut self, market: &mut Market, event: &ClearingEvent<Runtime>) -> Outcome {
		match event {
			ClearingEvent::AccountOpened { account, margin, deposit } => {
				let before = self.accounts.insert(account.clone(), Account::new(*margin));
				ensure!(before.is_none(), "{account:?} is opened twice");
				*self.holds.entry(account.owner.clone()).or_default() += deposit;
				Ok(())
			},
			ClearingEvent::AccountClosed { account, deposit } => {
				let before = self.accounts.remove(account).ok_or("a closed account twice")?;
				ensure!(before.is_empty(), "{account:?} is closed though it holds {before:?}");
				*self.holds.entry(account.owner.clone()).or_default() -= deposit;
				Ok(())
			},
			ClearingEvent::MarginKindChanged { account, margin } => {
				self.account(account)?.margin = *margin;
				Ok(())
			},
			ClearingEvent::Deposited { account, asset, amount } => {
				self.take_in(&account.owner, *asset, *amount)?;
				self.credit(account, *asset, *amount)
			},
			ClearingEvent::Withdrawn { account, asset, amount } => {
				self.debit(account, *asset, *amount)?;
				self.pay_out(&account.owner, *asset, *amount)
			},
			ClearingEvent::Moved { from, to, asset, amount } => {
				ensure!(from.owner == to.owner, "assets move to another owner");
				self.debit(from, *asset, *amount)?;
				self.credit(to, *asset, *amount)
			},
			ClearingEvent::InsuranceFunded { .. } | ClearingEvent::FeesCollected { .. } => {
				self.apply_funds(event)
			},
			ClearingEvent::PartMoved { .. }
			| ClearingEvent::PositionTransferred { .. }
			| ClearingEvent::CashPaid { .. }
			| ClearingEvent::InsurancePaid { .. }
			| ClearingEvent::PaidIn { .. }
			| ClearingEvent::PaidOut { .. } => self.apply_custody(event),
			_ => self.apply_settlement(market, event),
		}
	}

	fn apply_funds(&mut self, event: &ClearingEvent<Runtime>) -> Outcome {
		match event {
			ClearingEvent::InsuranceFunded { who, amount } => {
				self.insurance += amount;
				self.take_in(who, USDC, *amount)
			},
			ClearingEvent::FeesCollected { to, amount } => {
				self.fees = self.fees.checked_sub(*amount).ok_or("more fees than there are")?;
				self.pay_out(to, USDC, *amount)
			},
			other => Err(format!("unexpected: {other:?}")),
		}
	}

	fn apply_settlement(&mut self, market: &mut Market, event: &ClearingEvent<Runtime>) -> Outcome {
		match event {
			ClearingEvent::PositionSettled { account, series, lots, payoff } => {
				let expected = payoff_of(market, series, *lots)?;
				ensure!(*payoff == expected, "{series:?} {lots}: paid {payoff}, not {expected}");
				let holder = self.account(account)?;
				let held = holder.positions.remove(series);
				ensure!(
					held == Some(*lots),
					"{account:?} settles {lots} of {held:?} in {series:?}"
				);
				holder.cash += payoff;
				let id = (series.underlying, series.expiry);
				*self.suspense.entry(id).or_default() -= payoff;
				self.counts.settled += 1;
				Ok(())
			},
			ClearingEvent::OrdersExpired { account, underlying, expiry, orders } => {
				for id in orders {
					let order = self.forget(account, *id)?;
					let of = (order.series.underlying, order.series.expiry);
					ensure!(of == (*underlying, *expiry), "order {id} is of another expiry");
				}
				Ok(())
			},
			ClearingEvent::ExpirySettled { underlying, expiry, skipped, dust, .. } => {
				let id = (*underlying, *expiry);
				ensure!(*skipped == 0, "{skipped} accounts of {id:?} were skipped");
				let left = self.accounts.iter().find(|(_, it)| it.expiries().contains(&id));
				ensure!(left.is_none(), "{id:?} is settled, but not {left:?}");
				let suspense = self.suspense.remove(&id).unwrap_or(0);
				ensure!(
					suspense >= 0 && suspense.unsigned_abs() == *dust,
					"dust {dust}: {suspense}"
				);
				self.insurance += dust;
				self.counts.expiries += 1;
				Ok(())
			},
			other => Err(format!("unexpected: {other:?}")),
		}
	}

	fn apply_book(&mut self, market: &Market, event: &BookEvent<Runtime>) -> Outcome {
		match event {
			BookEvent::OrderPlaced { account, order } => {
				self.turn += 1;
				self.counts.rested += 1;
				self.turns.insert((account.clone(), order.id), self.turn);
				let before = self.account(account)?.orders.insert(order.id, *order);
				ensure!(before.is_none(), "order {} of {account:?} rests twice", order.id);
				self.check_crossed(&order.series)
			},
			BookEvent::Filled { .. } => self.apply_fill(market, event),
			BookEvent::OrderCancelled { account, order, series, lots, reason } => {
				if !self.account(account)?.orders.contains_key(order) {
					// The rest of an order that has just come in.
					return Ok(());
				}
				let was = self.forget(account, *order)?;
				let same = (was.series, was.lots) == (*series, *lots);
				ensure!(same, "cancelled {lots} in {series:?} of {was:?}");
				if *reason == pallet_order_book::types::CancelReason::Margin {
					self.counts.makers_refused += 1;
				}
				Ok(())
			},
			BookEvent::OrderReduced { .. } | BookEvent::OrderReplaced { .. } => {
				self.apply_change(event)
			},
			BookEvent::BatchItemFailed { .. } | BookEvent::ComboFilled { .. } => Ok(()),
			other => Err(format!("unexpected: {other:?}")),
		}
	}

	fn apply_change(&mut self, event: &BookEvent<Runtime>) -> Outcome {
		match event {
			BookEvent::OrderReduced { account, order, lots, .. } => {
				let holder = self.account(account)?;
				let order = holder.orders.get_mut(order).ok_or("an unknown order is reduced")?;
				ensure!(order.reduce_only && *lots < order.lots, "{order:?} is reduced to {lots}");
				order.lots = *lots;
				Ok(())
			},
			BookEvent::OrderReplaced { account, order, price, lots, keeps_place, .. } => {
				if !keeps_place {
					return self.forget(account, *order).map(|_| ());
				}
				let holder = self.account(account)?;
				let order = holder.orders.get_mut(order).ok_or("an unknown order is replaced")?;
				let smaller = *lots <= order.lots && *price == order.price;
				ensure!(smaller, "{order:?} keeps its place as {lots} at {price}");
				order.lots = *lots;
				Ok(())
			},
			other => Err(format!("unexpected: {other:?}")),
		}
	}

	fn apply_fill(&mut self, market: &Market, event: &BookEvent<Runtime>) -> Outcome {
		let BookEvent::Filled {
			series,
			price,
			lots,
			taker_side,
			maker,
			maker_order,
			maker_left,
			taker,
			maker_fee,
			taker_fee,
			..
		} = event
		else {
			return Err("not a fill".into());
		};
		ensure!(maker.owner != taker.owner, "{maker:?} trades with itself");
		self.check_priority(maker, *maker_order, series)?;
		let life = market.life(series);
		ensure!(life == Some(Life::Trading), "{series:?} trades though it is {life:?}");
		let expected = fees(market, series, *lots, *price).ok_or("a fill without spot")?;
		ensure!((*maker_fee, *taker_fee) == expected, "fees of {event:?}: not {expected:?}");
		let order = self.account(maker)?.orders.get_mut(maker_order).ok_or("an unknown maker")?;
		let fits = order.price == *price
			&& order.side != *taker_side
			&& order.lots - lots == *maker_left
			&& *lots > 0
			&& *maker_left >= 0;
		ensure!(fits, "{event:?} does not fit {order:?}");
		order.lots = *maker_left;
		if *maker_left == 0 {
			self.forget(maker, *maker_order)?;
		}
		let total = i128::from(*price) * i128::from(*lots);
		let per_contract = market.underlying(series.underlying).lots_per_contract;
		ensure!(total % per_contract == 0, "a fill costs a part of a micro-USD");
		let (bought, cost) = (taker_side.signed(*lots), total / per_contract);
		self.exchange(maker, *series, -bought, cost, *maker_fee)?;
		self.exchange(taker, *series, bought, cost, *taker_fee)?;
		self.counts.fills += 1;
		Ok(())
	}

	/// One side of a fill.
	fn exchange(
		&mut self,
		key: &Key,
		series: SeriesId,
		lots: i64,
		cost: i128,
		fee: i128,
	) -> Outcome {
		let account = self.account(key)?;
		account.trade(series, lots);
		account.cash -= if lots > 0 { cost } else { -cost };
		account.cash -= fee;
		self.fees += fee.unsigned_abs();
		Ok(())
	}

	/// Nobody rests at a better price, or at the same one for longer.
	fn check_priority(&self, maker: &Key, id: u64, series: &SeriesId) -> Outcome {
		let rank = |key: &Key, order: &OpenOrder| {
			let price = if order.side == Side::Sell { order.price } else { u64::MAX - order.price };
			(price, self.turns.get(&(key.clone(), order.id)).copied().unwrap_or(0))
		};
		let account = self.accounts.get(maker).ok_or("a maker without an account")?;
		let order = account.orders.get(&id).ok_or("a fill of an order that does not rest")?;
		let own = rank(maker, order);
		for (key, account) in &self.accounts {
			for other in account.orders.values() {
				let same = other.series == *series && other.side == order.side;
				ensure!(
					!same || rank(key, other) >= own,
					"{order:?} of {maker:?} fills before {other:?} of {key:?}"
				);
			}
		}
		Ok(())
	}

	/// The best bid is below the best ask.
	fn check_crossed(&self, series: &SeriesId) -> Outcome {
		let (bid, ask) = (self.best(series, Side::Buy), self.best(series, Side::Sell));
		if let (Some(bid), Some(ask)) = (bid, ask) {
			ensure!(bid < ask, "the book of {series:?} is crossed: {bid} {ask}");
		}
		Ok(())
	}

	/// Best price of one side of a book.
	pub fn best(&self, series: &SeriesId, side: Side) -> Option<u64> {
		let orders = self.accounts.values().flat_map(|account| account.orders.values());
		let prices = orders
			.filter(|order| order.series == *series && order.side == side)
			.map(|order| order.price);
		if side == Side::Buy {
			prices.max()
		} else {
			prices.min()
		}
	}

	pub(crate) fn forget(&mut self, key: &Key, id: u64) -> Result<OpenOrder, String> {
		self.turns.remove(&(key.clone(), id));
		let order = self.account(key)?.orders.remove(&id);
		order.ok_or_else(|| format!("{key:?} has no order {id}"))
	}

	pub(crate) fn credit(&mut self, key: &Key, asset: u32, amount: u128) -> Outcome {
		let account = self.account(key)?;
		if asset == USDC {
			account.cash += amount as i128;
		} else {
			*account.collateral.entry(asset).or_default() += amount;
		}
		Ok(())
	}

	pub(crate) fn debit(&mut self, key: &Key, asset: u32, amount: u128) -> Outcome {
		let account = self.account(key)?;
		if asset == USDC {
			ensure!(account.cash >= amount as i128, "{key:?} gives cash it has not");
			account.cash -= amount as i128;
			return Ok(());
		}
		let held = account.collateral.get(&asset).copied().unwrap_or(0);
		let left = held.checked_sub(amount).ok_or("collateral that is not there")?;
		if left == 0 {
			account.collateral.remove(&asset);
		} else {
			account.collateral.insert(asset, left);
		}
		Ok(())
	}

	pub(crate) fn take_in(&mut self, who: &AccountId, asset: u32, amount: u128) -> Outcome {
		let wallet = self.wallets.entry((who.clone(), asset)).or_default();
		*wallet = wallet.checked_sub(amount).ok_or("more than the owner has")?;
		*self.held.entry(asset).or_default() += amount;
		Ok(())
	}

	pub(crate) fn pay_out(&mut self, who: &AccountId, asset: u32, amount: u128) -> Outcome {
		*self.wallets.entry((who.clone(), asset)).or_default() += amount;
		let held = self.held.entry(asset).or_default();
		*held = held.checked_sub(amount).ok_or("more than was paid in")?;
		if *held == 0 {
			self.held.remove(&asset);
		}
		Ok(())
	}

	/// Long lots by series.
	pub fn open_interest(&self) -> BTreeMap<SeriesId, i64> {
		let mut open = BTreeMap::new();
		for account in self.accounts.values() {
			for (series, lots) in account.positions.iter().filter(|(_, lots)| **lots > 0) {
				*open.entry(*series).or_default() += lots;
			}
		}
		open
	}

	/// What all accounts owe.
	pub fn debt(&self) -> u128 {
		let owed = self.accounts.values().map(|account| account.cash.min(0).unsigned_abs());
		owed.sum()
	}
}

/// What lots are paid at the settlement price of the record: long rounded down, short up.
fn payoff_of(market: &Market, series: &SeriesId, lots: i64) -> Result<i128, String> {
	let listed = market.listed((series.underlying, series.expiry)).ok_or("not listed")?;
	let price = listed.fixed.ok_or("a payoff without a settlement price")?;
	let strike = i128::from(series.strike) * 1_000_000;
	let value = match series.kind {
		OptionKind::Call => price - strike,
		OptionKind::Put => strike - price,
	};
	let total = i128::from(lots) * value.max(0);
	let unit = 1_000_000 * market.underlying(series.underlying).lots_per_contract;
	Ok(total.div_euclid(unit))
}

/// What listing a strike holds.
pub fn strike_deposit() -> u128 {
	<<Runtime as pallet_options::Config>::StrikeDeposit as frame_support::traits::Get<u128>>::get()
}
