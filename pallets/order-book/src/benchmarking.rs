// SPDX-License-Identifier: Apache-2.0
//! Benchmarks of every call. Margin evaluations are in them with small accounts; what larger accounts add,
//! clearing weighs (`Clearing::margin_work`).

use crate::{session, types::*, *};
use alloc::{vec, vec::Vec};
use ballast_exchange::{
	AccountKey, BenchmarkHelper, Clearing, Lots, MarketTerms, Markets, OpenOrder, OptionPrice,
	OrderId, SeriesId, Side, MAX_RESTING_ORDERS,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{Get, Time},
	BoundedVec,
};
use frame_system::RawOrigin;

/// Accounts for benchmarks, which the runtime opens as its clearing wants them.
pub trait BenchmarkAccounts<AccountId> {
	/// An account of an owner of its own, another for each `index`: open, with collateral for anything
	/// the benchmarks do. Called after
	/// [`BenchmarkHelper::market`].
	fn trader(index: u32) -> AccountKey<AccountId>;
}

type KeyOf<T> = AccountKey<AccountIdOf<T>>;

fn market<T: Config>(series: u32) -> Vec<SeriesId> {
	T::BenchmarkHelper::market(1, series.div_ceil(2).max(1))
}

fn trader<T: Config>(index: u32) -> KeyOf<T> {
	T::BenchmarkAccounts::trader(index)
}

fn terms<T: Config>(series: &SeriesId) -> MarketTerms {
	T::Markets::terms(series.underlying).expect("the market of benchmarks has terms")
}

/// An order at `ticks` ticks.
fn order<T: Config>(series: SeriesId, side: Side, ticks: u32, lots: Lots) -> NewOrder {
	let tick: OptionPrice = terms::<T>(&series).tick;
	NewOrder {
		series,
		side,
		price: tick * OptionPrice::from(ticks),
		lots,
		kind: OrderKind::Limit,
		reduce_only: false,
		good_till: None,
		client_id: None,
		self_trade: SelfTrade::CancelResting,
	}
}

/// Places an order; its number.
fn place<T: Config>(key: &KeyOf<T>, order: NewOrder) -> OrderId {
	let id = T::Clearing::load(key).expect("the trader has an account").next_order;
	let origin = RawOrigin::Signed(key.owner.clone()).into();
	Pallet::<T>::place(origin, key.index, order).expect("the order is taken");
	id
}

fn smallest<T: Config>(series: &SeriesId) -> Lots {
	terms::<T>(series).min_order_lots
}

/// A bid of the smallest size at a price in ticks.
fn bid<T: Config>(series: SeriesId, ticks: u32) -> NewOrder {
	order::<T>(series, Side::Buy, ticks, smallest::<T>(&series))
}

/// A price whose leaf and branch no other of these prices shares: the dearest kind.
fn apart(place: u32) -> u32 {
	1 + (place << 8)
}

/// Rests an order between others in the linked part of a level; its account and number.
fn queued<T: Config>(series: SeriesId) -> (KeyOf<T>, OrderId) {
	let before = FRONT_ORDERS + 1;
	(0..before).for_each(|index| {
		place::<T>(&trader::<T>(100 + index), bid::<T>(series, 1));
	});
	let key = trader::<T>(0);
	let new = NewOrder { client_id: Some(7), ..bid::<T>(series, 1) };
	let id = place::<T>(&key, new);
	place::<T>(&trader::<T>(100 + before), bid::<T>(series, 1));
	(key, id)
}

fn open_order<T: Config>(key: &KeyOf<T>, id: OrderId) -> Option<OpenOrder> {
	T::Clearing::load(key).ok()?.order(id).copied()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn place_new_level() {
		let series = market::<T>(2)[0];
		let key = trader::<T>(0);

		#[extrinsic_call]
		place(RawOrigin::Signed(key.owner.clone()), key.index, bid::<T>(series, 1));

		assert!(open_order::<T>(&key, 1).is_some());
	}

	#[benchmark]
	fn place_in_level() {
		let series = market::<T>(2)[0];
		(0..FRONT_ORDERS + 1).for_each(|index| {
			super::place::<T>(&trader::<T>(100 + index), bid::<T>(series, 1));
		});
		let key = trader::<T>(0);

		#[extrinsic_call]
		place(RawOrigin::Signed(key.owner.clone()), key.index, bid::<T>(series, 1));

		assert!(open_order::<T>(&key, 1).is_some());
	}

	#[benchmark]
	fn place_crossing(m: Linear<1, { T::MaxMatches::get() }>) {
		let series = market::<T>(2)[0];
		// Each maker at a price of its own, so that levels and nodes go with it.
		for index in 0..m {
			super::place::<T>(&trader::<T>(100 + index), bid::<T>(series, apart(index)));
		}
		let key = trader::<T>(0);
		let lots = smallest::<T>(&series) * Lots::from(m);
		let new = order::<T>(series, Side::Sell, 1, lots);

		#[extrinsic_call]
		place(RawOrigin::Signed(key.owner.clone()), key.index, new);

		let account = T::Clearing::load(&key).expect("the account is open");
		assert_eq!(account.position(&series), -lots);
		assert!(account.orders.is_empty());
	}

	#[benchmark]
	fn cancel_alone() {
		let series = market::<T>(2)[0];
		let key = trader::<T>(0);
		let id = super::place::<T>(&key, bid::<T>(series, 1));

		#[extrinsic_call]
		cancel(RawOrigin::Signed(key.owner.clone()), key.index, id);

		assert!(open_order::<T>(&key, id).is_none());
	}

	#[benchmark]
	fn cancel_queued() {
		let (key, id) = queued::<T>(market::<T>(2)[0]);

		#[extrinsic_call]
		cancel(RawOrigin::Signed(key.owner.clone()), key.index, id);

		assert!(open_order::<T>(&key, id).is_none());
	}

	#[benchmark]
	fn cancel_by_client_id() {
		let (key, id) = queued::<T>(market::<T>(2)[0]);

		#[extrinsic_call]
		_(RawOrigin::Signed(key.owner.clone()), key.index, 7);

		assert!(open_order::<T>(&key, id).is_none());
	}

	#[benchmark]
	fn cancel_all(o: Linear<0, MAX_RESTING_ORDERS>) {
		let series = market::<T>(MAX_RESTING_ORDERS);
		let key = trader::<T>(0);
		for place in 0..o {
			super::place::<T>(&key, bid::<T>(series[place as usize], 1));
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(key.owner.clone()), key.index);

		assert!(T::Clearing::load(&key).expect("the account is open").orders.is_empty());
	}

	#[benchmark]
	fn replace() {
		let series = market::<T>(2)[0];
		let (key, id) = queued::<T>(series);
		let price = bid::<T>(series, apart(9)).price;

		#[extrinsic_call]
		_(RawOrigin::Signed(key.owner.clone()), key.index, id, price, smallest::<T>(&series));

		assert_eq!(open_order::<T>(&key, id).expect("it rests").price, price);
	}

	#[benchmark]
	fn batch(n: Linear<1, { T::MaxBatch::get() }>) {
		let series = market::<T>(T::MaxBatch::get());
		let key = trader::<T>(0);
		let operations: Vec<Operation> =
			(0..n).map(|at| Operation::Place(bid::<T>(series[at as usize], 1))).collect();

		#[extrinsic_call]
		_(RawOrigin::Signed(key.owner.clone()), key.index, operations, BatchMode::BestEffort);

		assert_eq!(T::Clearing::load(&key).expect("the account is open").orders.len(), n as usize);
	}

	#[benchmark]
	fn batch_failing(n: Linear<0, { T::MaxBatch::get() }>) {
		market::<T>(2);
		let key = trader::<T>(0);
		let operations: Vec<Operation> = (0..n).map(|id| Operation::Cancel(id.into())).collect();

		#[extrinsic_call]
		batch(RawOrigin::Signed(key.owner.clone()), key.index, operations, BatchMode::BestEffort);

		let failed = frame_system::Pallet::<T>::event_count();
		assert!(failed >= n);
	}

	#[benchmark]
	fn place_combo(l: Linear<1, MAX_LEGS>) {
		let series = market::<T>(MAX_LEGS);
		let lots = smallest::<T>(&series[0]);
		let mut legs = vec![];
		for leg in 0..l {
			let series = series[leg as usize];
			super::place::<T>(&trader::<T>(100 + leg), bid::<T>(series, 1));
			legs.push(Leg { series, side: Side::Sell, price: bid::<T>(series, 1).price, lots });
		}
		let key = trader::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(key.owner.clone()), key.index, legs, 0);

		assert_eq!(
			T::Clearing::load(&key).expect("the account is open").positions.len(),
			l as usize
		);
	}

	#[benchmark]
	fn remove_expired() {
		let (key, id) = queued::<T>(market::<T>(2)[0]);
		let mut account = T::Clearing::load(&key).expect("the account is open");
		let mut ended = *account.order(id).expect("it rests");
		ended.good_till = Some(T::Time::now());
		session::forget(&mut account, id);
		session::note::<T>(&mut account, ended).expect("there is room");
		T::Clearing::store(&key, account).expect("it was stored before");
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), key.owner.clone(), key.index, id);

		assert!(open_order::<T>(&key, id).is_none());
	}

	#[benchmark]
	fn prune(n: Linear<0, 512>) {
		let series = market::<T>(2)[0];
		let expiry = series.expiry_id();
		for tick in 0..n {
			let SeriesId { strike, kind, .. } = series;
			let account = AccountKey { owner: account("maker", tick, 0), index: 0 };
			let front = BoundedVec::truncate_from(vec![OrderRef { account, id: 1 }]);
			let level = Level { lots: 1, count: 1, front, back: None };
			Levels::<T>::insert(expiry, LevelKey { strike, kind, side: Side::Buy, tick }, level);
		}

		#[block]
		{
			// What a block does that ends the pruning of an expiry.
			let _ = T::Markets::next_pruning();
			Pallet::<T>::prune_expiry(expiry, n.saturating_add(1));
			T::Markets::pruned(expiry.0, expiry.1);
		}

		assert_eq!(Levels::<T>::iter_prefix(expiry).count(), 0);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
