// SPDX-License-Identifier: Apache-2.0
//! What calls weigh: before, by the most they can do; after, by what they did.

use crate::{
	session::Session,
	types::{NewOrder, Operation, OrderKind, MAX_LEGS},
	AccountIdOf, Config, WeightInfo,
};
use ballast_exchange::{AccountKey, Clearing, MAX_RESTING_ORDERS};
use frame_support::{
	dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	traits::Get,
	weights::Weight,
};
use sp_runtime::{DispatchErrorWithPostInfo, DispatchResult};

/// Work that a call has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
	/// Resting orders looked at.
	pub steps: u32,
	/// Orders of the caller taken out of books.
	pub removed: u32,
	/// Orders of the caller that came to rest.
	pub rested: u32,
	/// Orders that came in.
	pub placed: u32,
	/// Those of them that could only make a position smaller, and did.
	pub reductions: u32,
	/// Margin work, as clearing weighs it.
	pub margin: Weight,
}

impl Work {
	/// Whether the call took orders out of books or made positions smaller, and did nothing else.
	fn reduces_only(&self) -> bool {
		let has_reduced = self.removed > 0 || self.reductions > 0;
		has_reduced && self.placed == self.reductions && self.rested == 0
	}

	/// Weight of the steps and checks, beside the call itself.
	fn extra<T: Config>(&self) -> Weight {
		steps::<T>(self.steps).saturating_add(self.margin::<T>())
	}

	/// Weight of the margin work beyond the small check that the benchmarks of the calls contain.
	fn margin<T: Config>(&self) -> Weight {
		self.margin.saturating_sub(T::Clearing::least_check())
	}
}

/// What the checks of others may weigh in a call. Whoever would exceed it is not filled, so that a call is reckoned with at
/// this and not at as many of the largest accounts as there are matches.
pub fn makers_checks<T: Config>() -> Weight {
	let makers = T::CheckedMakers::get();
	let with_caller = T::Clearing::most_checks(makers.saturating_add(1));
	let caller = T::Clearing::most_checks(1);
	// Loads are shared in what many checks weigh: one alone has to fit.
	with_caller.saturating_sub(caller).max(caller)
}

/// `count` fills with the checks of their accounts, and the caller's own check.
fn worst_fills<T: Config>(count: u32) -> Weight {
	let makers = if count == 0 { Weight::zero() } else { makers_checks::<T>() };
	steps::<T>(count).saturating_add(T::Clearing::most_checks(1)).saturating_add(makers)
}

/// Looks at `count` resting orders, each filled, without margin.
pub fn steps<T: Config>(count: u32) -> Weight {
	T::WeightInfo::place_crossing(count).saturating_sub(T::WeightInfo::place_crossing(0))
}

/// An order of which something comes to rest, beside its steps.
fn resting<T: Config>() -> Weight {
	T::WeightInfo::place_new_level().max(T::WeightInfo::place_in_level())
}

/// An order of which nothing comes to rest, beside its steps.
fn passing<T: Config>() -> Weight {
	T::WeightInfo::place_crossing(0)
}

/// The most that `place` can weigh.
pub fn place_worst<T: Config>(new: &NewOrder) -> Weight {
	let extra = match new.kind {
		// It fills nobody, so that no maker's margin is looked at.
		OrderKind::PostOnly => {
			steps::<T>(T::MaxMatches::get()).saturating_add(T::Clearing::most_checks(1))
		},
		_ => worst_fills::<T>(T::MaxMatches::get()),
	};
	let order = match new.kind {
		OrderKind::Limit | OrderKind::PostOnly => resting::<T>().max(passing::<T>()),
		OrderKind::ImmediateOrCancel | OrderKind::FillOrKill => passing::<T>(),
	};
	order.saturating_add(extra)
}

/// What a `place` has weighed.
pub fn place<T: Config>(work: &Work) -> Weight {
	let order = if work.rested > 0 { resting::<T>() } else { passing::<T>() };
	order.saturating_add(work.extra::<T>())
}

/// Cancelling one order, whatever its place.
pub fn cancel<T: Config>() -> Weight {
	T::WeightInfo::cancel_alone().max(T::WeightInfo::cancel_queued())
}

/// The most that `cancel_all` and `cancel_series` can weigh.
pub fn cancel_all_worst<T: Config>() -> Weight {
	T::WeightInfo::cancel_all(MAX_RESTING_ORDERS)
}

/// What a `cancel_all` or `cancel_series` has weighed.
pub fn cancel_all<T: Config>(work: &Work) -> Weight {
	T::WeightInfo::cancel_all(work.removed)
}

/// The most that `replace` can weigh.
pub fn replace_worst<T: Config>() -> Weight {
	T::WeightInfo::replace().saturating_add(worst_fills::<T>(T::MaxMatches::get()))
}

/// What a `replace` has weighed.
pub fn replace<T: Config>(work: &Work) -> Weight {
	T::WeightInfo::replace().saturating_add(work.extra::<T>())
}

/// Operations of a batch that place an order: those that do not, take some out or fail.
fn placing(operations: &[Operation]) -> u32 {
	operations.iter().filter(|operation| operation.places()).count() as u32
}

/// The most that `batch` can weigh.
pub fn batch_worst<T: Config>(operations: &[Operation]) -> Weight {
	// A batch that is too long fails before it does anything.
	let operations = operations.get(..T::MaxBatch::get() as usize).unwrap_or(operations);
	let placing = placing(operations);
	// Those that only make fill nobody.
	let is_taking = |step: &&Operation| match step {
		Operation::Place(new) => new.kind != OrderKind::PostOnly,
		Operation::Replace { .. } => true,
		_ => false,
	};
	let taking = operations.iter().filter(is_taking).count() as u32;
	let is_sweeping =
		|step: &Operation| matches!(step, Operation::CancelAll | Operation::CancelSeries(_));
	let removed = if operations.iter().any(is_sweeping) {
		MAX_RESTING_ORDERS.saturating_add(placing)
	} else {
		operations.len() as u32
	};
	let others = (operations.len() as u32).saturating_sub(placing);
	let most =
		|orders: u32| T::MaxBatchMatches::get().min(T::MaxMatches::get().saturating_mul(orders));
	let looks_at_makers_only = most(placing).saturating_sub(most(taking));
	batch_base::<T>(placing, others, removed)
		.saturating_add(steps::<T>(looks_at_makers_only))
		.saturating_add(worst_fills::<T>(most(taking)))
}

/// What a `batch` has weighed.
pub fn batch<T: Config>(operations: &[Operation], work: &Work) -> Weight {
	let placing = placing(operations);
	let others = (operations.len() as u32).saturating_sub(placing);
	batch_base::<T>(placing, others, work.removed).saturating_add(work.extra::<T>())
}

fn batch_base<T: Config>(placing: u32, others: u32, removed: u32) -> Weight {
	let removals = T::WeightInfo::cancel_all(removed).saturating_sub(T::WeightInfo::cancel_all(0));
	let others =
		T::WeightInfo::batch_failing(others).saturating_sub(T::WeightInfo::batch_failing(0));
	T::WeightInfo::batch(placing).saturating_add(others).saturating_add(removals)
}

/// The most that `place_combo` can weigh.
pub fn combo_worst<T: Config>(legs: u32) -> Weight {
	// With more it fails before it does anything.
	let legs = legs.min(MAX_LEGS);
	let most = T::MaxMatches::get().saturating_mul(legs);
	T::WeightInfo::place_combo(legs)
		.saturating_add(worst_fills::<T>(T::MaxBatchMatches::get().min(most)))
}

/// What a `place_combo` has weighed.
pub fn combo<T: Config>(legs: u32, work: &Work) -> Weight {
	// The benchmark has one fill per leg.
	let beyond = steps::<T>(work.steps.saturating_sub(legs));
	T::WeightInfo::place_combo(legs).saturating_add(beyond).saturating_add(work.margin::<T>())
}

/// Does a call's work on the account of `key`, at the weight of what was done, failed or not.
pub fn run<T: Config>(
	key: AccountKey<AccountIdOf<T>>,
	steps: u32,
	weigh: impl Fn(&Work) -> Weight,
	action: impl FnOnce(&mut Session<T>) -> DispatchResult,
) -> DispatchResultWithPostInfo {
	let (work, result) = match Session::<T>::load(key, steps) {
		Ok(mut session) => {
			let result = action(&mut session).and_then(|()| session.finish());
			session.work.margin = T::Clearing::margin_work(&session.prices);
			(session.work, result)
		},
		Err(error) => (Work::default(), Err(error)),
	};
	let mut post_info = PostDispatchInfo::from(Some(weigh(&work)));
	match result {
		Ok(()) => {
			// Whoever only takes risk off the exchange, and did, owes nothing for it.
			post_info.pays_fee = if work.reduces_only() { Pays::No } else { Pays::Yes };
			Ok(post_info)
		},
		Err(error) => Err(DispatchErrorWithPostInfo { post_info, error }),
	}
}
