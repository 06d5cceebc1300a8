// SPDX-License-Identifier: Apache-2.0
//! The invariants of the books.

use crate::{
	book::OpenBook,
	types::{BranchKey, Level, LevelKey, OrderRef},
	AccountIdOf, Books, Branches, Config, Levels, Pallet, Queued,
};
use alloc::{collections::BTreeSet, vec::Vec};
use ballast_exchange::{Account, Clearing, ExpiryId, Markets, SeriesId, SeriesStatus, Side};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

type RefOf<T> = OrderRef<AccountIdOf<T>>;

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants, but for expiries that are settled and wait to be pruned:
	///
	/// * no book, node or level is empty, and every book's best bid is below its best ask;
	/// * the trees hold the prices of the levels and no others;
	/// * each queue is sound, and its front is empty only if it is;
	/// * a level's count and lots are those of its orders, each of which its account has, at that price;
	/// * every order of an account that has one in the book is in the book.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut prices = 0;
		for (expiry, (strike, kind), _) in Books::<T>::iter() {
			let series = SeriesId { underlying: expiry.0, expiry: expiry.1, strike, kind };
			if is_live::<T>(&series) {
				prices += Self::check_trees(&series)?;
			}
		}
		let mut levels = 0;
		let mut linked = 0;
		let mut orders = BTreeSet::new();
		for (expiry, key, level) in Levels::<T>::iter() {
			if is_live::<T>(&series_of(expiry, &key)) {
				linked += Self::check_level(expiry, &key, &level, &mut orders)?;
				levels += 1;
			}
		}
		ensure!(prices == levels, "order-book: a level without a price in the tree");
		Self::check_links(linked)?;
		Self::check_nodes()?;
		Self::check_accounts(&orders)
	}

	/// Walks both trees of a series; how many prices they hold.
	fn check_trees(series: &SeriesId) -> Result<u32, TryRuntimeError> {
		let book =
			OpenBook::<T>::existing(series).ok_or("order-book: a book that cannot be read")?;
		let mut prices = 0;
		for side in [Side::Buy, Side::Sell] {
			let ticks = core::iter::successors(book.best(side), |tick| book.after(side, *tick));
			for tick in ticks {
				let level = book.level(side, tick).ok_or("order-book: a price without a level")?;
				ensure!(level.count > 0, "order-book: an empty level");
				prices += 1;
			}
		}
		ensure!(prices > 0, "order-book: an empty book");
		if let (Some(bid), Some(ask)) = (book.best(Side::Buy), book.best(Side::Sell)) {
			ensure!(bid < ask, "order-book: a crossed book");
		}
		Ok(prices)
	}

	/// Checks a level's queue and sums; how many of its orders are linked.
	fn check_level(
		expiry: ExpiryId,
		key: &LevelKey,
		level: &Level<AccountIdOf<T>>,
		orders: &mut BTreeSet<RefOf<T>>,
	) -> Result<u32, TryRuntimeError> {
		let linked = Self::linked(expiry, level)?;
		ensure!(!level.front.is_empty(), "order-book: a level with an empty front");
		let count = level.front.len() + linked.len();
		ensure!(count == level.count as usize, "order-book: a level counts its orders wrongly");
		let series = series_of(expiry, key);
		let book = OpenBook::<T>::existing(&series).ok_or("order-book: a level without a book")?;
		let mut lots = Some(0);
		for reference in level.front.iter().chain(&linked) {
			ensure!(orders.insert(reference.clone()), "order-book: an order in the book twice");
			// A frozen account's orders cannot be seen from here.
			let Ok(account) = T::Clearing::load(&reference.account) else {
				lots = None;
				continue;
			};
			let order = account.order(reference.id).ok_or("order-book: an order of no account")?;
			let is_here = order.series == series
				&& order.side == key.side
				&& order.price == book.price(key.tick);
			ensure!(is_here && order.lots > 0, "order-book: an order in the wrong level");
			lots = lots.map(|sum: i64| sum.saturating_add(order.lots));
		}
		ensure!(lots.is_none_or(|lots| lots == level.lots), "order-book: a level's lots are wrong");
		Ok(linked.len() as u32)
	}

	/// The linked orders of a level.
	fn linked(
		expiry: ExpiryId,
		level: &Level<AccountIdOf<T>>,
	) -> Result<Vec<RefOf<T>>, TryRuntimeError> {
		let mut found: Vec<RefOf<T>> = Vec::new();
		let Some(ends) = &level.back else { return Ok(found) };
		let mut next = Some(ends.first.clone());
		while let Some(order) = next {
			let links = Queued::<T>::get(expiry, &order).ok_or("order-book: a link is missing")?;
			ensure!(links.previous.as_ref() == found.last(), "order-book: a link back is wrong");
			ensure!(found.len() < level.count as usize, "order-book: a queue in a circle");
			found.push(order);
			next = links.next;
		}
		ensure!(found.last() == Some(&ends.last), "order-book: a queue with another end");
		Ok(found)
	}

	fn check_links(linked: u32) -> Result<(), TryRuntimeError> {
		let is_counted = |expiry: &ExpiryId| is_live_expiry::<T>(*expiry);
		let stored = Queued::<T>::iter_keys().filter(|(expiry, _)| is_counted(expiry)).count();
		ensure!(stored == linked as usize, "order-book: a link that no level knows");
		Ok(())
	}

	/// Every node has a bit, and a parent that knows it.
	fn check_nodes() -> Result<(), TryRuntimeError> {
		for (expiry, key, bits) in Branches::<T>::iter() {
			if !is_live_expiry::<T>(expiry) {
				continue;
			}
			ensure!(!bits.is_empty(), "order-book: an empty node");
			let low = (key.index & 255) as u8;
			let parent = if key.leaf {
				let parent = BranchKey { leaf: false, index: key.index >> 8, ..key };
				Branches::<T>::get(expiry, parent)
			} else {
				Books::<T>::get(expiry, (key.strike, key.kind)).map(|book| match key.side {
					Side::Buy => book.bids,
					Side::Sell => book.asks,
				})
			};
			ensure!(
				parent.is_some_and(|parent| parent.contains(low)),
				"order-book: a node without a parent"
			);
		}
		Ok(())
	}

	fn check_accounts(orders: &BTreeSet<RefOf<T>>) -> Result<(), TryRuntimeError> {
		let keys: BTreeSet<_> = orders.iter().map(|order| order.account.clone()).collect();
		for key in keys {
			let Ok(account) = T::Clearing::load(&key) else { continue };
			let Account { orders: held, .. } = account;
			for order in held.iter().filter(|order| is_live::<T>(&order.series)) {
				let reference = OrderRef { account: key.clone(), id: order.id };
				ensure!(orders.contains(&reference), "order-book: an order that is in no book");
			}
		}
		Ok(())
	}
}

fn series_of(expiry: ExpiryId, key: &LevelKey) -> SeriesId {
	let LevelKey { strike, kind, .. } = *key;
	SeriesId { underlying: expiry.0, expiry: expiry.1, strike, kind }
}

/// Whether clearing cannot have removed orders of the series by settling it.
fn is_live<T: Config>(series: &SeriesId) -> bool {
	matches!(
		T::Markets::status(series),
		SeriesStatus::Trading | SeriesStatus::ReduceOnly | SeriesStatus::Expired
	)
}

/// The same for an expiry: that of its first book.
fn is_live_expiry<T: Config>(expiry: ExpiryId) -> bool {
	Books::<T>::iter_key_prefix(expiry).next().is_some_and(|(strike, kind)| {
		is_live::<T>(&SeriesId { underlying: expiry.0, expiry: expiry.1, strike, kind })
	})
}
