// SPDX-License-Identifier: Apache-2.0
//! One series' book while a call works on it.
//!
//! Prices are counted in ticks and kept, per side, in a tree of three levels whose nodes are sets of 256:
//! bits 23-16 of the tick in the root, 15-8 in a branch, 7-0 in a leaf. Finding the best price reads
//! one node of each, whatever the book holds.

use crate::{
	bits::Bits,
	queue,
	types::{Book, BranchKey, Level, LevelKey, OrderRef, MAX_TICK},
	AccountIdOf, Books, Branches, Config, Error, Levels,
};
use ballast_exchange::{ExpiryId, OpenOrder, OptionPrice, SeriesId, Side};
use core::marker::PhantomData;
use frame_support::ensure;
use sp_runtime::DispatchError;

/// A book that has been read. [`Self::save`] writes back what changed of its root.
pub struct OpenBook<T> {
	series: SeriesId,
	book: Book,
	is_changed: bool,
	_config: PhantomData<T>,
}

impl<T: Config> OpenBook<T> {
	/// The book of a series; `None` if it holds no order.
	pub fn existing(series: &SeriesId) -> Option<Self> {
		let book = Books::<T>::get(series.expiry_id(), (series.strike, series.kind))?;
		Some(Self { series: *series, book, is_changed: false, _config: PhantomData })
	}

	/// The book of a series; an empty one takes the market's tick.
	pub fn open(series: &SeriesId, tick_size: OptionPrice) -> Self {
		Self::existing(series).unwrap_or_else(|| Self {
			series: *series,
			book: Book { tick_size, bids: Bits::default(), asks: Bits::default() },
			is_changed: false,
			_config: PhantomData,
		})
	}

	/// Writes the root, or removes the book if it is empty.
	pub fn save(self) {
		if !self.is_changed {
			return;
		}
		let key = (self.series.strike, self.series.kind);
		if self.book.bids.is_empty() && self.book.asks.is_empty() {
			Books::<T>::remove(self.expiry(), key);
		} else {
			Books::<T>::insert(self.expiry(), key, self.book);
		}
	}

	/// The expiry of its series.
	pub fn expiry(&self) -> ExpiryId {
		self.series.expiry_id()
	}

	/// A price in ticks, if it is above zero, on the tick, and not too high.
	pub fn tick(&self, price: OptionPrice) -> Result<u32, Error<T>> {
		let over = price.checked_rem(self.book.tick_size).ok_or(Error::<T>::CorruptBook)?;
		ensure!(price > 0 && over == 0, Error::<T>::PriceOffTick);
		let ticks = price.checked_div(self.book.tick_size).ok_or(Error::<T>::CorruptBook)?;
		u32::try_from(ticks).ok().filter(|tick| *tick <= MAX_TICK).ok_or(Error::<T>::PriceTooHigh)
	}

	/// The price of a tick.
	pub fn price(&self, tick: u32) -> OptionPrice {
		// Ticks come from prices, so this cannot overflow.
		self.book.tick_size.saturating_mul(u64::from(tick))
	}

	/// The best price of a side, in ticks.
	pub fn best(&self, side: Side) -> Option<u32> {
		self.best_within(side, last_tick(side))
	}

	/// The best price of a side, if it is `limit` or better for whoever trades against it.
	pub fn best_within(&self, side: Side, limit: u32) -> Option<u32> {
		let high = first(side, self.root(side), best_bit(side))?;
		if is_beyond(side, high, limit >> 16) {
			return None;
		}
		let middle = high << 8 | first(side, self.branch(side, high), best_bit(side))?;
		if is_beyond(side, middle, limit >> 8) {
			return None;
		}
		let tick = middle << 8 | first(side, self.leaf(side, middle), best_bit(side))?;
		(!is_beyond(side, tick, limit)).then_some(tick)
	}

	/// The price of a side that follows `tick`, away from the best.
	pub fn after(&self, side: Side, tick: u32) -> Option<u32> {
		if let Some(found) = below(side, tick, |index| self.leaf(side, index)) {
			return Some(found);
		}
		let middle = match below(side, tick >> 8, |index| self.branch(side, index)) {
			Some(middle) => middle,
			None => {
				let high = below(side, tick >> 16, |_| self.root(side))?;
				high << 8 | first(side, self.branch(side, high), best_bit(side))?
			},
		};
		Some(middle << 8 | first(side, self.leaf(side, middle), best_bit(side))?)
	}

	/// The orders of one price.
	pub fn level(&self, side: Side, tick: u32) -> Option<Level<AccountIdOf<T>>> {
		Levels::<T>::get(self.expiry(), self.level_key(side, tick))
	}

	/// Writes a level back, or removes it and its price if no order is left.
	pub fn put_level(&mut self, side: Side, tick: u32, level: Level<AccountIdOf<T>>) {
		let key = self.level_key(side, tick);
		if level.count == 0 {
			Levels::<T>::remove(self.expiry(), key);
			self.remove_price(side, tick);
		} else {
			Levels::<T>::insert(self.expiry(), key, level);
		}
	}

	/// Appends an order to the queue of its price.
	pub fn rest(
		&mut self,
		reference: OrderRef<AccountIdOf<T>>,
		order: &OpenOrder,
	) -> Result<(), DispatchError> {
		let tick = self.tick(order.price)?;
		let mut level = self.level(order.side, tick).unwrap_or_default();
		if level.count == 0 {
			self.insert_price(order.side, tick);
		}
		level.lots = level.lots.checked_add(order.lots).ok_or(Error::<T>::LevelFull)?;
		level.count = level.count.checked_add(1).ok_or(Error::<T>::LevelFull)?;
		queue::push::<T>(self.expiry(), &mut level, reference);
		self.put_level(order.side, tick, level);
		Ok(())
	}

	/// Takes an order out. An order that is not in the book (its expiry is being pruned) is no fault.
	pub fn withdraw(&mut self, reference: &OrderRef<AccountIdOf<T>>, order: &OpenOrder) {
		let Ok(tick) = self.tick(order.price) else { return };
		let Some(mut level) = self.level(order.side, tick) else { return };
		if self.take_out(&mut level, reference, order.lots) {
			self.put_level(order.side, tick, level);
		}
	}

	/// Takes an order of `lots` out of a level in memory; `false` if the level does not hold it.
	pub fn take_out(
		&self,
		level: &mut Level<AccountIdOf<T>>,
		reference: &OrderRef<AccountIdOf<T>>,
		lots: i64,
	) -> bool {
		let is_held = queue::remove::<T>(self.expiry(), level, reference);
		if is_held {
			// Both are sums over the orders of the level, this one among them (`try_state`).
			level.count = level.count.saturating_sub(1);
			level.lots = level.lots.saturating_sub(lots);
		}
		is_held
	}

	/// Makes a resting order `by` lots smaller; it keeps its place.
	pub fn shrink(&mut self, order: &OpenOrder, by: i64) {
		let Ok(tick) = self.tick(order.price) else { return };
		let Some(mut level) = self.level(order.side, tick) else { return };
		// The level's lots are a sum that contains the order's.
		level.lots = level.lots.saturating_sub(by);
		self.put_level(order.side, tick, level);
	}

	fn insert_price(&mut self, side: Side, tick: u32) {
		if !self.change(side, true, tick >> 8, |bits| bits.insert(low(tick))) {
			return;
		}
		if !self.change(side, false, tick >> 16, |bits| bits.insert(low(tick >> 8))) {
			return;
		}
		self.root_mut(side).insert(low(tick >> 16));
	}

	fn remove_price(&mut self, side: Side, tick: u32) {
		if !self.change(side, true, tick >> 8, |bits| bits.remove(low(tick))) {
			return;
		}
		if !self.change(side, false, tick >> 16, |bits| bits.remove(low(tick >> 8))) {
			return;
		}
		self.root_mut(side).remove(low(tick >> 16));
	}

	/// Changes a node; `true` if it came or went, so that its parent has to change too.
	fn change(&self, side: Side, leaf: bool, index: u32, change: impl FnOnce(&mut Bits)) -> bool {
		let key = self.branch_key(side, leaf, index);
		let mut bits = Branches::<T>::get(self.expiry(), key).unwrap_or_default();
		let was_empty = bits.is_empty();
		change(&mut bits);
		if bits.is_empty() {
			Branches::<T>::remove(self.expiry(), key);
		} else {
			Branches::<T>::insert(self.expiry(), key, bits);
		}
		was_empty != bits.is_empty()
	}

	fn root(&self, side: Side) -> Bits {
		match side {
			Side::Buy => self.book.bids,
			Side::Sell => self.book.asks,
		}
	}

	fn root_mut(&mut self, side: Side) -> &mut Bits {
		self.is_changed = true;
		match side {
			Side::Buy => &mut self.book.bids,
			Side::Sell => &mut self.book.asks,
		}
	}

	fn branch(&self, side: Side, index: u32) -> Bits {
		self.node(side, false, index)
	}

	fn leaf(&self, side: Side, index: u32) -> Bits {
		self.node(side, true, index)
	}

	fn node(&self, side: Side, leaf: bool, index: u32) -> Bits {
		let key = self.branch_key(side, leaf, index);
		Branches::<T>::get(self.expiry(), key).unwrap_or_default()
	}

	fn branch_key(&self, side: Side, leaf: bool, index: u32) -> BranchKey {
		let SeriesId { strike, kind, .. } = self.series;
		// Ticks have 24 bits, so an index has 16 at most.
		BranchKey { strike, kind, side, leaf, index: index as u16 }
	}

	fn level_key(&self, side: Side, tick: u32) -> LevelKey {
		let SeriesId { strike, kind, .. } = self.series;
		LevelKey { strike, kind, side, tick }
	}
}

fn low(index: u32) -> u8 {
	(index & 255) as u8
}

/// The price furthest from the best.
const fn last_tick(side: Side) -> u32 {
	match side {
		Side::Buy => 0,
		Side::Sell => MAX_TICK,
	}
}

const fn best_bit(side: Side) -> u8 {
	match side {
		Side::Buy => u8::MAX,
		Side::Sell => 0,
	}
}

/// Whether a price of `side` is worse than `limit` for whoever trades against it.
const fn is_beyond(side: Side, price: u32, limit: u32) -> bool {
	match side {
		Side::Buy => price < limit,
		Side::Sell => price > limit,
	}
}

/// The first bit from `from` on, away from the best.
fn first(side: Side, bits: Bits, from: u8) -> Option<u32> {
	match side {
		Side::Buy => bits.highest_from(from),
		Side::Sell => bits.lowest_from(from),
	}
	.map(u32::from)
}

/// The number after `index` with the same bits above the lowest eight, in the node that `node` reads.
fn below(side: Side, index: u32, node: impl FnOnce(u32) -> Bits) -> Option<u32> {
	let from = match side {
		Side::Buy => low(index).checked_sub(1)?,
		Side::Sell => low(index).checked_add(1)?,
	};
	let parent = index >> 8;
	Some(parent << 8 | first(side, node(parent), from)?)
}
