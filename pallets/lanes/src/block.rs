// SPDX-License-Identifier: Apache-2.0
//! One block: the plan before it, what is used in it, the books after it.

use crate::{
	fees::next_multiplier,
	forecast::Forecast,
	pressure::{demand, next_reserve, Measured},
	Config, CurrentPlan, CurrentUse, Demand, Event, Lane, LastBlock, Limits, Multipliers, Pallet,
	Parameters, PerLane, Plan, Pressure, Space,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	dispatch::DispatchClass,
	traits::Get,
	weights::{Weight, WeightMeter},
};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use sp_runtime::{traits::Saturating, FixedU128, Perbill};

/// What a lane did in a block.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct LaneUse {
	/// Weight used, with base weight and length, less what was given back.
	pub used: Weight,
	/// Transactions.
	pub transactions: u32,
	/// Of these, those whose call failed.
	pub failed: u32,
	/// Fees and tips paid.
	pub fees: u128,
}

/// The block so far.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Usage {
	/// Each lane.
	pub lanes: PerLane<LaneUse>,
	/// Weight of calls of the operational class in other lanes than solvency.
	pub operational: Weight,
	/// Weight of hooks and inherents when the last transaction came.
	pub mandatory: Weight,
}

/// A lane in a block that has ended.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct LaneStatistics {
	/// What it was sure of.
	pub guaranteed: Weight,
	/// The most it could use.
	pub ceiling: Weight,
	/// What it did.
	pub usage: LaneUse,
	/// How full it was.
	pub fullness: Perbill,
	/// What weight cost in it.
	pub multiplier: FixedU128,
}

/// A block that has ended.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Statistics<BlockNumber> {
	/// Its number.
	pub number: BlockNumber,
	/// Accounts waiting to be liquidated at its end.
	pub backlog: u32,
	/// What the lanes of the normal class shared.
	pub pool: Weight,
	/// The lanes.
	pub lanes: PerLane<LaneStatistics>,
}

/// A change of the reserve by this share of the block is worth an event.
const NOTABLE: Perbill = Perbill::from_percent(2);

impl<T: Config> Pallet<T> {
	/// Decides the shares of the block that begins.
	pub(crate) fn open_block() {
		let parameters = Parameters::<T>::get();
		let rule = &parameters.reserve;
		let before = CurrentPlan::<T>::get();
		let limits = Limits::from(T::BlockWeights::get());
		let used = LastBlock::<T>::get().lanes.solvency.usage.used;
		let measured = Measured {
			used: crate::budget::share_in(used, limits.block).unwrap_or_default(),
			reserve: before.reserve(),
			backlog: T::Pressure::backlog(),
			capacity: T::Pressure::capacity(),
			volatility: T::Pressure::realised_vol_ratio(),
		};
		let wanted = Demand::<T>::mutate(|forecast| forecast.next(demand(rule, &measured)));
		let reserve = next_reserve(rule, before.reserve(), wanted);
		let mut plan = Plan::new(&parameters, reserve);
		plan.announced = before.announced;
		Self::announce(&mut plan, &measured);
		CurrentPlan::<T>::put(plan);
		CurrentUse::<T>::kill();
	}

	/// Says so when the reserve has moved far, or has come to a floor or ceiling.
	fn announce(plan: &mut Plan, measured: &Measured) {
		let (reserve, told) = (plan.reserve(), plan.announced);
		let rule = Parameters::<T>::get().reserve;
		// Saturating on purpose: the distance, whichever is greater.
		let moved = reserve.saturating_sub(told).max(told.saturating_sub(reserve));
		let arrived = reserve == rule.floor || reserve == rule.ceiling;
		if moved >= NOTABLE || (arrived && !moved.is_zero()) {
			plan.announced = reserve;
			Self::deposit_event(Event::BudgetsChanged {
				shares: plan.shares,
				backlog: measured.backlog,
				volatility: measured.volatility,
			});
		}
	}

	/// The block as it stands.
	pub(crate) fn space(usage: &Usage) -> Space {
		Space {
			limits: Limits::from(T::BlockWeights::get()),
			plan: CurrentPlan::<T>::get(),
			mandatory: usage.mandatory,
			used: PerLane::from_fn(|lane| usage.lanes.get(lane).used),
			operational: usage.operational,
		}
	}

	/// Books `weight` in a lane, or says that there is no room.
	pub(crate) fn enter(lane: Lane, weight: Weight, class: DispatchClass) -> bool {
		let mut usage = CurrentUse::<T>::get();
		usage.mandatory = *frame_system::Pallet::<T>::block_weight().get(DispatchClass::Mandatory);
		if !Self::space(&usage).fits(lane, weight, class) {
			return false;
		}
		// Saturating: what fits is far from the end of the type, and so are counts.
		if lane != Lane::Solvency && class == DispatchClass::Operational {
			usage.operational.saturating_accrue(weight);
		}
		let books = usage.lanes.get_mut(lane);
		books.used.saturating_accrue(weight);
		books.transactions.saturating_inc();
		CurrentUse::<T>::put(usage);
		true
	}

	/// Gives `unspent` of what was booked back, and counts.
	pub(crate) fn leave(
		lane: Lane,
		unspent: Weight,
		class: DispatchClass,
		succeeded: bool,
		fee: u128,
	) {
		CurrentUse::<T>::mutate(|usage| {
			// Saturating for show: what is given back was booked before.
			if lane != Lane::Solvency && class == DispatchClass::Operational {
				usage.operational.saturating_reduce(unspent);
			}
			let books = usage.lanes.get_mut(lane);
			books.used.saturating_reduce(unspent);
			books.fees = books.fees.saturating_add(fee);
			if !succeeded {
				books.failed.saturating_inc();
			}
		});
	}

	/// Writes the books of the block that ends and the prices of the next.
	pub(crate) fn close_block(number: BlockNumberFor<T>) {
		let parameters = Parameters::<T>::get();
		let usage = CurrentUse::<T>::get();
		let space = Self::space(&usage);
		let multipliers = Multipliers::<T>::get();
		let statistics = |lane: Lane| LaneStatistics {
			guaranteed: space.guaranteed(lane),
			ceiling: space.ceiling(lane),
			usage: *usage.lanes.get(lane),
			fullness: space.fullness(lane).unwrap_or_default(),
			multiplier: *multipliers.get(lane),
		};
		LastBlock::<T>::put(Statistics {
			number,
			backlog: T::Pressure::backlog(),
			pool: space.pool(),
			lanes: PerLane::from_fn(statistics),
		});
		Multipliers::<T>::put(PerLane::from_fn(|lane| {
			let rule = parameters.fees.get(lane);
			// A lane with nothing to fill is neither full nor empty: its price stays.
			let fullness = space.fullness(lane).unwrap_or(rule.target);
			next_multiplier(*multipliers.get(lane), fullness, rule)
		}));
	}

	/// Uses what is left of a block.
	pub(crate) fn use_idle(remaining: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(remaining);
		Self::prune_spending(&mut meter);
		meter.consumed()
	}
}
