// SPDX-License-Identifier: Apache-2.0
//! What governance decides about lanes, validated where it enters.

use crate::{Lane, PerLane};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{FixedU128, Perbill};

/// Gives the records below what storage, calls and genesis ask of them.
macro_rules! parameters {
	($($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* })*) => {$(
		$(#[$meta])*
		#[derive(
			Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
			serde::Serialize, serde::Deserialize,
		)]
		pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }
	)*};
}

parameters! {
	/// What a lane may use: of the shared pool, or for [`Lane::Solvency`] of the whole block.
	pub struct Share {
		/// What nobody with less precedence can take from it.
		pub guaranteed: Perbill,
		/// The most it may use. Zero closes the lane.
		pub ceiling: Perbill,
	}

	/// How a lane's share follows the reserve: `calm` at the reserve's floor, `stressed` at its ceiling, a line between.
	pub struct ShareRule {
		/// While the reserve is at its floor.
		pub calm: Share,
		/// While the reserve is at its ceiling.
		pub stressed: Share,
	}

	/// What is kept free for [`Lane::Solvency`], as shares of the block's weight.
	pub struct ReserveRule {
		/// Always kept.
		pub floor: Perbill,
		/// Kept at most.
		pub ceiling: Perbill,
		/// The most the lane may use, reserved or not: a flood of it cannot fill the block.
		pub most: Perbill,
		/// The most it rises in a block.
		pub max_rise: Perbill,
		/// The most it falls in a block.
		pub max_fall: Perbill,
		/// The backlog, in blocks' worth of capacity, that asks for the ceiling.
		pub full_backlog: u32,
		/// Realised volatility over what is usual that asks for the ceiling. Above 1.
		pub full_volatility: FixedU128,
	}

	/// How a lane's price of weight follows its fullness.
	pub struct FeeRule {
		/// The price rises in blocks where the lane is fuller.
		pub target: Perbill,
		/// The most the price moves in a block, as a share of it.
		pub max_change: Perbill,
		/// Least multiplier.
		pub floor: FixedU128,
		/// Greatest multiplier.
		pub ceiling: FixedU128,
	}

	/// How much weight one account may put into [`Lane::Makers`] and [`Lane::Takers`] together, as shares of the execution
	/// time of the normal class.
	pub struct LimitRule {
		/// What an account that was idle may spend at once.
		pub cap: Perbill,
		/// What it gets back in a block.
		pub refill: Perbill,
		/// Of the weight of a successful reduction, what it gets back on top. Below 100 %, or orders could be
		/// placed and cancelled without limit.
		pub reduction_credit: Perbill,
	}

	/// Everything governance decides about lanes.
	pub struct LaneParameters {
		/// What is kept for [`Lane::Solvency`].
		pub reserve: ReserveRule,
		/// The share of [`Lane::RiskDown`].
		pub risk_down: ShareRule,
		/// The share of [`Lane::Makers`].
		pub makers: ShareRule,
		/// The share of [`Lane::Takers`].
		pub takers: ShareRule,
		/// The share of [`Lane::General`].
		pub general: ShareRule,
		/// Prices.
		pub fees: PerLane<FeeRule>,
		/// The limit of one account.
		pub limit: LimitRule,
	}
}

/// What is wrong with parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadParameters {
	/// Floor, ceiling and most of the reserve are not in ascending order, or the ceiling leaves nothing to others.
	ReserveOutOfOrder,
	/// The reserve could not move, or would fall faster than it rises.
	ReserveSteps,
	/// The backlog or volatility that asks for the whole reserve is not above the calm one.
	StressWithoutScale,
	/// Guarantees add up to more than the pool.
	TooMuchGuaranteed,
	/// A lane is guaranteed more than it may use.
	GuaranteeAboveCeiling,
	/// Stress gives weight to takers or general, or takes weight from risk-down.
	StressFavoursTrading,
	/// Reductions or general calls, governance's among them, would have no lane.
	LaneMustStayOpen,
	/// A target, step, floor or ceiling of a price is out of range.
	FeeRuleOutOfRange,
	/// The limit of an account never refills, refills beyond its cap, or credits a whole reduction.
	LimitOutOfRange,
}

impl ShareRule {
	fn constant(guaranteed: u32, ceiling: u32) -> Self {
		Self::moving((guaranteed, ceiling), (guaranteed, ceiling))
	}

	fn moving(calm: (u32, u32), stressed: (u32, u32)) -> Self {
		let share = |(guaranteed, ceiling)| Share {
			guaranteed: Perbill::from_percent(guaranteed),
			ceiling: Perbill::from_percent(ceiling),
		};
		Self { calm: share(calm), stressed: share(stressed) }
	}

	/// The share at `stress` between calm (0) and stressed (1), rounded down.
	pub fn at(&self, stress: Perbill) -> Share {
		Share {
			guaranteed: between(self.calm.guaranteed, self.stressed.guaranteed, stress),
			ceiling: between(self.calm.ceiling, self.stressed.ceiling, stress),
		}
	}
}

/// The point at `x` on the line from `a` to `b`, rounded down: shares that add up to the whole at both ends do not
/// exceed it in between.
pub(crate) fn between(a: Perbill, b: Perbill, x: Perbill) -> Perbill {
	let (from, to) = (a.deconstruct(), b.deconstruct());
	// Saturating for show: a part of the distance never exceeds it.
	Perbill::from_parts(if to >= from {
		from.saturating_add(x.mul_floor(to.saturating_sub(from)))
	} else {
		from.saturating_sub(x.mul_ceil(from.saturating_sub(to)))
	})
}

impl Default for LaneParameters {
	fn default() -> Self {
		let fee = |floor_percent: u128, ceiling| FeeRule {
			target: Perbill::from_percent(50),
			// 12.5 %, as in EIP-1559.
			max_change: Perbill::from_parts(125_000_000),
			floor: FixedU128::from_rational(floor_percent, 100),
			ceiling: FixedU128::from_u32(ceiling),
		};
		Self {
			reserve: ReserveRule {
				floor: Perbill::from_percent(25),
				ceiling: Perbill::from_percent(50),
				most: Perbill::from_percent(60),
				max_rise: Perbill::from_percent(5),
				max_fall: Perbill::from_parts(1_000_000),
				full_backlog: 4,
				full_volatility: FixedU128::from_u32(3),
			},
			risk_down: ShareRule::moving((20, 100), (35, 100)),
			makers: ShareRule::constant(20, 80),
			takers: ShareRule::moving((15, 70), (5, 40)),
			general: ShareRule::moving((10, 50), (5, 20)),
			fees: PerLane {
				// Only work that fails pays here: never less than the usual price.
				solvency: fee(100, 10),
				risk_down: fee(100, 10),
				makers: fee(10, 1_000),
				takers: fee(10, 1_000),
				general: fee(10, 1_000),
			},
			limit: LimitRule {
				cap: Perbill::from_percent(20),
				refill: Perbill::from_percent(4),
				reduction_credit: Perbill::from_percent(50),
			},
		}
	}
}

impl LaneParameters {
	/// The rule of a lane of the shared pool; `None` for solvency.
	pub fn share_rule(&self, lane: Lane) -> Option<&ShareRule> {
		match lane {
			Lane::Solvency => None,
			Lane::RiskDown => Some(&self.risk_down),
			Lane::Makers => Some(&self.makers),
			Lane::Takers => Some(&self.takers),
			Lane::General => Some(&self.general),
		}
	}

	/// Whether a chain can run on them.
	pub fn validate(&self) -> Result<(), BadParameters> {
		self.validate_reserve()?;
		self.validate_shares()?;
		if !Lane::ALL.into_iter().all(|lane| self.fees.get(lane).is_in_range()) {
			return Err(BadParameters::FeeRuleOutOfRange);
		}
		let limit = &self.limit;
		let refills = !limit.refill.is_zero() && limit.refill <= limit.cap;
		if !refills || limit.reduction_credit.is_one() {
			return Err(BadParameters::LimitOutOfRange);
		}
		Ok(())
	}

	fn validate_reserve(&self) -> Result<(), BadParameters> {
		let rule = &self.reserve;
		let ordered = rule.floor <= rule.ceiling && rule.ceiling <= rule.most;
		if !ordered || rule.ceiling.is_one() || rule.most.is_zero() {
			return Err(BadParameters::ReserveOutOfOrder);
		}
		if rule.max_fall.is_zero() || rule.max_fall > rule.max_rise {
			return Err(BadParameters::ReserveSteps);
		}
		if rule.full_backlog == 0 || rule.full_volatility <= FixedU128::from_u32(1) {
			return Err(BadParameters::StressWithoutScale);
		}
		Ok(())
	}

	fn validate_shares(&self) -> Result<(), BadParameters> {
		for pick in [|rule: &ShareRule| rule.calm, |rule: &ShareRule| rule.stressed] {
			let shares = [&self.risk_down, &self.makers, &self.takers, &self.general].map(pick);
			let sum: u64 = shares.iter().map(|it| u64::from(it.guaranteed.deconstruct())).sum();
			if sum > u64::from(Perbill::one().deconstruct()) {
				return Err(BadParameters::TooMuchGuaranteed);
			}
			if shares.iter().any(|it| it.guaranteed > it.ceiling) {
				return Err(BadParameters::GuaranteeAboveCeiling);
			}
			if pick(&self.risk_down).guaranteed.is_zero() || pick(&self.general).ceiling.is_zero() {
				return Err(BadParameters::LaneMustStayOpen);
			}
		}
		let grows = |rule: &ShareRule| {
			rule.stressed.guaranteed > rule.calm.guaranteed
				|| rule.stressed.ceiling > rule.calm.ceiling
		};
		let reversed = ShareRule { calm: self.risk_down.stressed, stressed: self.risk_down.calm };
		if grows(&self.takers) || grows(&self.general) || grows(&reversed) {
			return Err(BadParameters::StressFavoursTrading);
		}
		Ok(())
	}
}

impl FeeRule {
	fn is_in_range(&self) -> bool {
		// Under a thousandth the steps of a price would round to nothing.
		let least = FixedU128::from_rational(1, 1_000);
		let open = |share: Perbill| !share.is_zero() && !share.is_one();
		let target = open(self.target) && open(self.max_change);
		// A price of 10^6 times the usual one is far beyond any use and far from overflow.
		let bounds = self.floor >= least && self.ceiling <= FixedU128::from_u32(1_000_000);
		target && bounds && self.floor <= self.ceiling
	}
}
