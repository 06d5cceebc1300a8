// SPDX-License-Identifier: Apache-2.0
//! Which weight a lane may use in a block. Pure: everything it needs is in [`Space`].
//!
//! The reserve of solvency is out of reach of the others. These share the **pool**: what the normal class may use, or what
//! the block has left after mandatory work and the reserve, whichever is less. A transaction enters its lane if the lane stays
//! under its ceiling, and if the pool afterwards still holds what is guaranteed to lanes that keep it from this one
//! ([`Lane::keeps_from`]) and not used by them. Beyond guarantees it is first come, first served.

use crate::{Lane, LaneParameters, PerLane, Share};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchClass, weights::Weight};
use frame_system::limits::BlockWeights;
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{Saturating, Zero},
	Perbill,
};

/// The shares in force in a block.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Plan {
	/// Solvency: what is reserved and the most it may use, of the block. The others: of the pool.
	pub shares: PerLane<Share>,
	/// The reserve that the last event named.
	pub announced: Perbill,
}

impl Plan {
	/// The plan with a reserve, which is brought within its bounds.
	pub fn new(parameters: &LaneParameters, reserve: Perbill) -> Self {
		let rule = &parameters.reserve;
		let reserve = reserve.clamp(rule.floor, rule.ceiling);
		// Saturating for show: the reserve is at least the floor, the ceiling too.
		let above = reserve.saturating_sub(rule.floor).deconstruct();
		let span = rule.ceiling.saturating_sub(rule.floor).deconstruct();
		let stress = if span == 0 { Perbill::zero() } else { Perbill::from_rational(above, span) };
		let solvency = Share { guaranteed: reserve, ceiling: rule.most };
		let shares = PerLane::from_fn(|lane| {
			parameters.share_rule(lane).map_or(solvency, |rule| rule.at(stress))
		});
		Self { shares, announced: reserve }
	}

	/// What is reserved for solvency.
	pub fn reserve(&self) -> Perbill {
		self.shares.solvency.guaranteed
	}
}

/// The plan of a calm market.
impl Default for Plan {
	fn default() -> Self {
		let parameters = LaneParameters::default();
		Self::new(&parameters, parameters.reserve.floor)
	}
}

/// The chain's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
	/// The block.
	pub block: Weight,
	/// The normal class.
	pub normal: Weight,
	/// What the operational class may use although the block is full.
	pub spare: Weight,
}

impl From<BlockWeights> for Limits {
	fn from(weights: BlockWeights) -> Self {
		let normal = weights.get(DispatchClass::Normal).max_total;
		let operational = weights.get(DispatchClass::Operational);
		Self {
			block: weights.max_block,
			normal: normal.unwrap_or(weights.max_block).min(weights.max_block),
			// No figure means no limit.
			spare: operational.reserved.unwrap_or(Weight::MAX),
		}
	}
}

/// A share of a weight, rounded down.
pub(crate) fn share_of(share: Perbill, weight: Weight) -> Weight {
	Weight::from_parts(share.mul_floor(weight.ref_time()), share.mul_floor(weight.proof_size()))
}

/// The larger of the two shares that `part` is of `whole`; `None` if there is neither part nor whole.
pub(crate) fn share_in(part: Weight, whole: Weight) -> Option<Perbill> {
	let one = |part: u64, whole: u64| match (part, whole) {
		(0, 0) => None,
		_ => Some(Perbill::from_rational(part, whole)),
	};
	let time = one(part.ref_time(), whole.ref_time());
	time.max(one(part.proof_size(), whole.proof_size()))
}

/// A block as it stands.
#[derive(Clone, Copy, Debug)]
pub struct Space {
	/// The chain's limits.
	pub limits: Limits,
	/// The shares.
	pub plan: Plan,
	/// Used by hooks and inherents.
	pub mandatory: Weight,
	/// Used by each lane.
	pub used: PerLane<Weight>,
	/// Of that, by calls of the operational class that are not in the solvency lane.
	pub operational: Weight,
}

// Weights are added up saturating throughout: what does not fit a `u64` is beyond every limit, and is refused.
impl Space {
	/// What is kept for solvency.
	pub fn reserve(&self) -> Weight {
		share_of(self.plan.reserve(), self.limits.block)
	}

	/// What the lanes of the normal class share, if `operational` of it is of the operational class.
	///
	/// FRAME lets the operational class use `spare` in a full block. As long as the reserve fits in there beside the
	/// operational calls of other lanes, the block may fill; else the reserve is kept out of it. What solvency used
	/// beyond that is gone.
	fn pool_with(&self, operational: Weight) -> Weight {
		let reserve = self.reserve();
		let free = self.limits.spare.saturating_sub(operational);
		let held = if reserve.any_gt(free) { reserve } else { Weight::zero() };
		let gone = self.mandatory.saturating_add(held.max(self.used.solvency));
		self.limits.block.saturating_sub(gone).min(self.limits.normal)
	}

	/// What the lanes of the normal class share.
	pub fn pool(&self) -> Weight {
		self.pool_with(self.operational)
	}

	/// What a lane is sure of.
	pub fn guaranteed(&self, lane: Lane) -> Weight {
		share_of(self.plan.shares.get(lane).guaranteed, self.whole(lane, self.pool()))
	}

	/// The most a lane may use.
	pub fn ceiling(&self, lane: Lane) -> Weight {
		share_of(self.plan.shares.get(lane).ceiling, self.whole(lane, self.pool()))
	}

	fn whole(&self, lane: Lane, pool: Weight) -> Weight {
		if lane == Lane::Solvency {
			self.limits.block
		} else {
			pool
		}
	}

	fn shared_use(&self) -> Weight {
		let add = |sum: Weight, lane: Lane| sum.saturating_add(*self.used.get(lane));
		Lane::SHARED.into_iter().fold(Weight::zero(), add)
	}

	/// What lanes keep of a pool from `lane` when it comes to use `next`.
	///
	/// Risk-down within its guarantee owes nobody anything: the others have left that alone.
	fn kept_from(&self, lane: Lane, next: Weight, pool: Weight) -> Weight {
		let own = share_of(self.plan.shares.get(lane).guaranteed, pool);
		if lane == Lane::RiskDown && next.all_lte(own) {
			return Weight::zero();
		}
		let unused = |keeper: Lane| {
			share_of(self.plan.shares.get(keeper).guaranteed, pool)
				.saturating_sub(*self.used.get(keeper))
		};
		let keepers = Lane::SHARED.into_iter().filter(|keeper| keeper.keeps_from(lane));
		keepers.fold(Weight::zero(), |sum, keeper| sum.saturating_add(unused(keeper)))
	}

	/// Whether a lane has room for `weight` of this class.
	///
	/// The first transaction of a lane in a block may be heavier than the ceiling: what is let into the pool can
	/// also be executed.
	pub fn fits(&self, lane: Lane, weight: Weight, class: DispatchClass) -> bool {
		let share = self.plan.shares.get(lane);
		if share.ceiling.is_zero() {
			return false;
		}
		let used = *self.used.get(lane);
		let next = used.saturating_add(weight);
		if lane == Lane::Solvency {
			return used.is_zero() || next.all_lte(share_of(share.ceiling, self.limits.block));
		}
		let pool = self.pool_with(match class {
			DispatchClass::Operational => self.operational.saturating_add(weight),
			_ => self.operational,
		});
		let under_ceiling = used.is_zero() || next.all_lte(share_of(share.ceiling, pool));
		let needed = self.shared_use().saturating_add(weight);
		under_ceiling && needed.saturating_add(self.kept_from(lane, next, pool)).all_lte(pool)
	}

	/// What a lane could still use.
	pub fn headroom(&self, lane: Lane) -> Weight {
		let used = *self.used.get(lane);
		let under_ceiling = self.ceiling(lane).saturating_sub(used);
		if lane == Lane::Solvency {
			return under_ceiling;
		}
		let pool = self.pool();
		let free = pool.saturating_sub(self.shared_use());
		let beyond = free.saturating_sub(self.kept_from(lane, Weight::MAX, pool));
		let own = self.guaranteed(lane).saturating_sub(used);
		let reachable = match lane {
			Lane::RiskDown => beyond.max(free.min(own)),
			_ => beyond,
		};
		under_ceiling.min(reachable)
	}

	/// How full a lane is, which its price follows; `None` if it has nothing to fill.
	///
	/// For solvency against the reserve. For the others against what the lane could have used in all, but at least its
	/// guarantee: so a flood in another lane does not make this one dearer as long as it stays within what it is sure of.
	pub fn fullness(&self, lane: Lane) -> Option<Perbill> {
		let used = *self.used.get(lane);
		if lane == Lane::Solvency {
			return share_in(used, self.reserve());
		}
		let reachable = used.saturating_add(self.headroom(lane));
		share_in(used, reachable.max(self.guaranteed(lane)))
	}
}
