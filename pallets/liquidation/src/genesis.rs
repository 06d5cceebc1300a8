// SPDX-License-Identifier: Apache-2.0
//! The first block's state, and how a chain spec writes parameters that the margin crate declares: it knows no serde.

use crate::{pallet::*, Parameters};
use alloc::vec::Vec;
use ballast_exchange::Ppb;
use ballast_risk::{
	AuctionParameters, ConcentrationParameters, DelayParameters, MultiplierParameters,
};
use serde::{Deserialize, Serialize};

impl<T: Config> Pallet<T> {
	/// Puts the parameters in force and takes the first deposits into the vault.
	pub(crate) fn begin(parameters: Parameters, vault: &Vec<(T::AccountId, u128)>) {
		assert!(parameters.is_valid(), "genesis: parameters of liquidation are out of range");
		ParametersInForce::<T>::put(parameters);
		for (who, amount) in vault {
			let paid = Self::do_vault_deposit(who.clone(), *amount);
			assert!(paid.is_ok(), "genesis: {who:?} cannot pay {amount} into the vault: {paid:?}");
		}
	}
}

/// Parts per billion, as a number.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Ppb")]
pub(crate) struct PpbText(pub i64);

#[derive(Serialize, Deserialize)]
#[serde(remote = "AuctionParameters", deny_unknown_fields)]
pub(crate) struct AuctionText {
	#[serde(with = "PpbText")]
	discount_start: Ppb,
	#[serde(with = "PpbText")]
	discount_fast_end: Ppb,
	fast_millis: u32,
	slow_millis: u32,
	insolvent_millis: u32,
	#[serde(with = "PpbText")]
	buffer: Ppb,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DelayParameters", deny_unknown_fields)]
pub(crate) struct DelayText {
	#[serde(with = "PpbText")]
	z: Ppb,
	#[serde(with = "PpbText")]
	vol_floor: Ppb,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ConcentrationParameters", deny_unknown_fields)]
pub(crate) struct ConcentrationText {
	#[serde(with = "PpbText")]
	threshold: Ppb,
	#[serde(with = "PpbText")]
	charge: Ppb,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MultiplierParameters", deny_unknown_fields)]
pub(crate) struct MultiplierText {
	#[serde(with = "PpbText")]
	slope: Ppb,
	#[serde(with = "PpbText")]
	highest: Ppb,
	#[serde(with = "PpbText")]
	rise_per_block: Ppb,
	#[serde(with = "PpbText")]
	fall_per_block: Ppb,
}
