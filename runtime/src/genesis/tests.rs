// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::{
	configs::RuntimeBlockWeights, constants::time::SLOT_MILLIS, Assets, Liquidation, Runtime,
};
use ballast_exchange::{MarginConditions, Ppb, RiskWatch};
use frame_support::weights::Weight;
use pallet_liquidation::{DelayMeasure, Parameters, ParametersInForce};
use sp_runtime::BuildStorage;

fn on_each_preset(test: impl Fn()) {
	for name in preset_names() {
		let patch = preset(&name).expect("the preset exists");
		let mut json = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
		merge(&mut json, serde_json::from_slice(&patch).unwrap());
		let genesis: RuntimeGenesisConfig = serde_json::from_value(json).unwrap();
		let mut ext: sp_io::TestExternalities = genesis.build_storage().unwrap().into();
		ext.execute_with(&test);
	}
}

fn merge(base: &mut Value, patch: Value) {
	match (base, patch) {
		(Value::Object(base), Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(Value::Null), value);
			}
		},
		(base, patch) => *base = patch,
	}
}

fn parameters() -> Parameters {
	ParametersInForce::<Runtime>::get()
}

#[test]
fn insurance_of_the_presets_should_be_backed_by_the_settlement_asset() {
	on_each_preset(|| {
		let insurance = pallet_clearing::Insurance::<Runtime>::get();
		assert_eq!(insurance, 1_000_000_000_000);
		assert_eq!(pallet_clearing::Held::<Runtime>::get(USDC), insurance);
		assert_eq!(Assets::balance(USDC, Clearing::account_id()), insurance);
		assert_eq!(Clearing::do_try_state(), Ok(()));
		assert_eq!(Liquidation::do_try_state(), Ok(()));
	});
}

#[test]
fn presets_should_charge_for_delay_concentration_and_volatility() {
	on_each_preset(|| {
		let Parameters { delay, concentration, multiplier, .. } = parameters();
		assert!(delay.z > Ppb::ZERO && concentration.charge > Ppb::ZERO);
		assert!(multiplier.slope > Ppb::ZERO && multiplier.highest > Ppb::ONE);
	});
}

#[test]
fn presets_should_charge_nobody_before_anything_is_measured() {
	on_each_preset(|| {
		let concentration = parameters().concentration;
		let expected = MarginConditions { concentration, ..Default::default() };
		assert_eq!(<Liquidation as RiskWatch<AccountId>>::conditions(1), expected);
	});
}

#[test]
fn delay_move_of_the_presets_should_be_one_step_when_the_chain_is_fast() {
	on_each_preset(|| {
		let Parameters { delay, house, .. } = parameters();
		let move_at = |millis, vol| {
			let measure = DelayMeasure {
				auction_notice_millis: millis,
				realised_vol: Ppb(vol),
				..Default::default()
			};
			delay.unescapable_move(&measure).unwrap()
		};
		let slot = u32::try_from(SLOT_MILLIS).unwrap();
		assert!(move_at(slot, 0) < house.move_step);
		// Prices as old as they may be.
		let oldest = slot
			+ u32::try_from(pallet_prices::Parameters::<Runtime>::get().max_age_millis).unwrap();
		assert!(move_at(oldest, 0) <= Ppb(house.move_step.0 * 2));
		// A minute of backlog at five times the floor.
		let crowded = move_at(60_000, 3_000_000_000);
		assert!(crowded > Ppb::percent(1) && crowded < house.highest_move, "{crowded:?}");
	});
}

#[test]
fn reserve_of_the_presets_should_hold_what_liquidation_counts_on_for_bids() {
	on_each_preset(|| {
		let least = pallet_lanes::Parameters::<Runtime>::get().reserve.floor;
		let block = RuntimeBlockWeights::get().max_block;
		let kept = Weight::from_parts(
			least.mul_floor(block.ref_time()),
			least.mul_floor(block.proof_size()),
		);
		let counted_on = <Runtime as pallet_liquidation::Config>::BidBudget::get();
		assert!(counted_on.all_gt(Weight::zero()));
		assert!(counted_on.all_lte(kept), "{counted_on:?} of {kept:?}");
		assert!(Liquidation::capacity_per_block() > 0);
	});
}
