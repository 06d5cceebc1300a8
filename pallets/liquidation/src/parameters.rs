// SPDX-License-Identifier: Apache-2.0
//! Parameters of liquidation, and those that are proposed.

use crate::genesis::{AuctionText, ConcentrationText, DelayText, MultiplierText, PpbText};
use ballast_exchange::{AccountKey, Ppb};
use ballast_risk::{
	AuctionParameters, ConcentrationParameters, DelayParameters, MultiplierParameters,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Parameters that are this pallet's own.
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
	Serialize,
	Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct HouseParameters {
	/// Share of the distance from equity to maintenance margin below which an owner is called: 0 to 1.
	#[serde(with = "PpbText")]
	pub margin_call: Ppb,
	/// Discount at which the vault takes slices: 0 to 1.
	#[serde(with = "PpbText")]
	pub vault_discount: Ppb,
	/// How long leaving the vault takes at least, milliseconds: at least a minute, at most 90 days.
	pub vault_delay_millis: u64,
	/// Largest move that the delay buffer assumes: 0 to 0.5.
	#[serde(with = "PpbText")]
	pub highest_move: Ppb,
	/// Step of that move, so that noise brings no looks: 0.00001 to 0.1.
	#[serde(with = "PpbText")]
	pub move_step: Ppb,
	/// Largest rise of that move in a block, to which it comes by a step first, then twice the last rise and a step: at least one step.
	#[serde(with = "PpbText")]
	pub move_rise: Ppb,
	/// How long a proposal runs in shadow, blocks: at least 1.
	pub shadow_blocks: u32,
	/// Share of the accounts that a proposal may bring under maintenance margin: 0 to 0.1.
	#[serde(with = "PpbText")]
	pub shadow_share: Ppb,
}

impl Default for HouseParameters {
	fn default() -> Self {
		Self {
			margin_call: Ppb::percent(10),
			vault_discount: Ppb::percent(80),
			vault_delay_millis: 86_400_000,
			highest_move: Ppb::percent(10),
			move_step: Ppb(1_000_000),
			move_rise: Ppb::percent(1),
			shadow_blocks: 7_200,
			shadow_share: Ppb(1_000_000),
		}
	}
}

impl HouseParameters {
	/// Whether every parameter is in its range.
	pub fn is_valid(&self) -> bool {
		let ranges = [
			(self.margin_call, 0, 1_000_000_000),
			(self.vault_discount, 0, 1_000_000_000),
			(self.highest_move, 0, 500_000_000),
			(self.move_step, 10_000, 100_000_000),
			(self.move_rise, self.move_step.0, 1_000_000_000),
			(self.shadow_share, 0, 100_000_000),
		];
		ranges.iter().all(|(value, low, high)| (*low..=*high).contains(&value.0))
			&& (60_000..=90 * 86_400_000).contains(&self.vault_delay_millis)
			&& self.shadow_blocks > 0
	}
}

/// Every parameter of liquidation.
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
	Serialize,
	Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
	/// The auction.
	#[serde(with = "AuctionText")]
	pub auction: AuctionParameters,
	/// The delay buffer.
	#[serde(with = "DelayText")]
	pub delay: DelayParameters,
	/// The concentration charge on initial margin.
	#[serde(with = "ConcentrationText")]
	pub concentration: ConcentrationParameters,
	/// The multiplier of initial margin.
	#[serde(with = "MultiplierText")]
	pub multiplier: MultiplierParameters,
	/// Everything else.
	pub house: HouseParameters,
}

impl Parameters {
	/// Whether every parameter is in its range and none contradicts another.
	pub fn is_valid(&self) -> bool {
		self.auction.validate().is_ok()
			&& self.delay.validate().is_ok()
			&& self.concentration.validate().is_ok()
			&& self.multiplier.validate().is_ok()
			&& self.house.is_valid()
	}

	/// Whether it can lower the maintenance margin of anyone compared with `other`, lower it faster, or lets a later
	/// proposal do so after a shorter shadow or to more accounts.
	pub fn is_harsher(&self, other: &Self) -> bool {
		self.delay.z > other.delay.z
			|| self.delay.vol_floor > other.delay.vol_floor
			|| self.house.highest_move > other.house.highest_move
			// Moves are rounded up to steps: a smaller one can give a larger move.
			|| self.house.move_step != other.house.move_step
			|| self.house.move_rise > other.house.move_rise
			|| self.house.shadow_blocks < other.house.shadow_blocks
			|| self.house.shadow_share > other.house.shadow_share
	}
}

/// Parameters that run in shadow.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Proposal<AccountId, BlockNumber> {
	/// Its number.
	pub id: u32,
	/// What is proposed.
	pub parameters: Parameters,
	/// The block from which on it can take effect.
	pub ends: BlockNumber,
	/// Which judgement goes on, or has ended last.
	pub round: Round,
	/// Account up to which all accounts have been judged in it.
	pub after: Option<AccountKey<AccountId>>,
	/// Whether every account has been judged in it.
	pub is_judged: bool,
	/// Accounts judged in it so far: those that prices decide about and that are not liquidated already.
	pub judged: u32,
	/// Those of them that it would bring under maintenance margin, or whose margin cannot be computed.
	pub fallen: u32,
}

impl<AccountId, BlockNumber> Proposal<AccountId, BlockNumber> {
	/// Of which nobody has been judged.
	pub fn new(id: u32, parameters: Parameters, ends: BlockNumber) -> Self {
		let round = Round::First;
		Self { id, parameters, ends, round, after: None, is_judged: false, judged: 0, fallen: 0 }
	}

	/// The same at the beginning of the judgement that decides: what was found long ago does not count.
	pub fn judged_anew(self) -> Self {
		Self { round: Round::Last, ..Self::new(self.id, self.parameters, self.ends) }
	}
}

/// A judgement of all accounts under a proposal.
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
pub enum Round {
	/// When it is made: tells early what it would do.
	First,
	/// When its time has come: decides.
	Last,
}
