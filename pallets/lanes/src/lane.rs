// SPDX-License-Identifier: Apache-2.0
//! What a lane is, and what the pallet asks the runtime: which call belongs where, and how hard pressed the exchange is.

use crate::Refusal;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::weights::Weight;
use scale_info::TypeInfo;
use sp_runtime::FixedU128;

/// A share of the block's weight, in order of precedence: the first goes first.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Lane {
	/// Bids in auctions, collateral top-ups. Dispatch class `Operational`; the others are `Normal`.
	Solvency,
	/// Cancels, reduce-only orders.
	RiskDown,
	/// Post-only orders.
	Makers,
	/// Orders that may take.
	Takers,
	/// Everything that is not the exchange, and every call that wraps another.
	General,
}

impl Lane {
	/// Every lane, best first.
	pub const ALL: [Lane; 5] =
		[Lane::Solvency, Lane::RiskDown, Lane::Makers, Lane::Takers, Lane::General];

	/// The lanes of the normal class, which share what solvency leaves, best first.
	pub const SHARED: [Lane; 4] = [Lane::RiskDown, Lane::Makers, Lane::Takers, Lane::General];

	/// The higher the rank, the earlier in the block. `General` has rank 0.
	pub fn rank(self) -> u64 {
		match self {
			Lane::Solvency => 4,
			Lane::RiskDown => 3,
			Lane::Makers => 2,
			Lane::Takers => 1,
			Lane::General => 0,
		}
	}

	/// Whether work in it that fails is paid for whatever the call says. What succeeds is free if the call says so.
	pub fn is_free(self) -> bool {
		matches!(self, Lane::Solvency | Lane::RiskDown)
	}

	/// Whether an account may put only so much weight per block into it.
	pub fn is_limited(self) -> bool {
		matches!(self, Lane::Makers | Lane::Takers)
	}

	/// Whether what is guaranteed to this lane and not used is out of reach of `other`.
	///
	/// The guarantee of `RiskDown` is never lent. Otherwise a lane lends to those behind it, whose transactions come
	/// later in the block, and never to those before it.
	pub fn keeps_from(self, other: Lane) -> bool {
		self != other && (self == Lane::RiskDown || self.rank() < other.rank())
	}
}

/// One value for each lane.
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
	serde::Serialize,
	serde::Deserialize,
)]
pub struct PerLane<V> {
	/// Of [`Lane::Solvency`].
	pub solvency: V,
	/// Of [`Lane::RiskDown`].
	pub risk_down: V,
	/// Of [`Lane::Makers`].
	pub makers: V,
	/// Of [`Lane::Takers`].
	pub takers: V,
	/// Of [`Lane::General`].
	pub general: V,
}

impl<V> PerLane<V> {
	/// The value of each lane is what `make` says.
	pub fn from_fn(mut make: impl FnMut(Lane) -> V) -> Self {
		Self {
			solvency: make(Lane::Solvency),
			risk_down: make(Lane::RiskDown),
			makers: make(Lane::Makers),
			takers: make(Lane::Takers),
			general: make(Lane::General),
		}
	}

	/// The value of a lane.
	pub fn get(&self, lane: Lane) -> &V {
		match lane {
			Lane::Solvency => &self.solvency,
			Lane::RiskDown => &self.risk_down,
			Lane::Makers => &self.makers,
			Lane::Takers => &self.takers,
			Lane::General => &self.general,
		}
	}

	/// The value of a lane, to change it.
	pub fn get_mut(&mut self, lane: Lane) -> &mut V {
		match lane {
			Lane::Solvency => &mut self.solvency,
			Lane::RiskDown => &mut self.risk_down,
			Lane::Makers => &mut self.makers,
			Lane::Takers => &mut self.takers,
			Lane::General => &mut self.general,
		}
	}
}

/// The runtime's word on calls.
///
/// A call that wraps another (a batch, a proxy's, a multisig's, a scheduled one, sudo) is [`Lane::General`]: the
/// classifier does not look inside. So nothing can be carried into a better lane by wrapping it. What a wrapper
/// dispatches consumes no lane of its own; its weight is in the wrapper's. The reverse is allowed: who wraps a bid gives its
/// precedence away.
///
/// A call of a free lane returns `Pays::No` if it did something. If it did nothing it fails or says `Pays::Yes`, or it
/// would be free to send for ever; and an amount that it moves should have a minimum.
pub trait Classify<Call, AccountId> {
	/// The lane of a call, by its variant and its arguments alone.
	///
	/// [`Lane::Solvency`] is only granted to calls declared `Operational`; others are then [`Lane::General`].
	fn lane(call: &Call) -> Lane;

	/// Whether this call of this signer may enter the pool, or the block, now. Reads little, writes nothing.
	fn admit(who: &AccountId, call: &Call) -> Result<(), Refusal>;

	/// The most that [`Self::admit`] weighs.
	fn admit_weight(call: &Call) -> Weight;
}

/// How hard pressed the exchange is.
pub trait Pressure {
	/// Accounts known to be liquidatable and not yet dealt with.
	fn backlog() -> u32;
	/// How many of them a block can deal with.
	fn capacity() -> u32;
	/// Realised volatility now over what is usual: 1 in a calm market.
	fn realised_vol_ratio() -> FixedU128;
}

/// Always calm.
impl Pressure for () {
	fn backlog() -> u32 {
		0
	}

	fn capacity() -> u32 {
		1
	}

	fn realised_vol_ratio() -> FixedU128 {
		FixedU128::from_u32(1)
	}
}
