// SPDX-License-Identifier: Apache-2.0
//! What governance may and may not decide.

use super::*;
use crate::{CollateralTerms, Collaterals, Error as E};
use frame_support::assert_noop;
use sp_runtime::BuildStorage;

fn terms() -> CollateralTerms {
	CollateralTerms {
		units_per_token: 1_000_000,
		underlying: ETH,
		haircut_initial_ppb: 400_000_000,
		haircut_maintenance_ppb: 600_000_000,
		cap: 10,
	}
}

#[test]
fn set_collateral_should_accept_change_and_drop_an_asset() {
	run(|| {
		assert_ok!(Clearing::set_collateral(root(), OTHER, Some(terms())));
		assert_eq!(Collaterals::<Test>::get(OTHER), Some(terms()));
		let set = Event::CollateralSet { asset: OTHER, terms: Some(terms()) };
		assert_eq!(events(), vec![set]);
		open(ALICE, MarginKind::Standard);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, OTHER, 10));
		// Haircuts and cap may change while it is held.
		let other = CollateralTerms { cap: 0, haircut_initial_ppb: 0, ..terms() };
		assert_ok!(Clearing::set_collateral(root(), OTHER, Some(other)));
		assert_noop!(
			Clearing::deposit(signed(ALICE), 0, OTHER, 1),
			E::<Test>::CollateralCapReached
		);
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, OTHER, 10));
		assert_ok!(Clearing::set_collateral(root(), OTHER, None));
		assert_noop!(Clearing::deposit(signed(ALICE), 0, OTHER, 1), E::<Test>::AssetNotAccepted);
	});
}

#[test]
fn set_collateral_should_fail_when_it_would_redefine_what_accounts_hold() {
	run(|| {
		open(ALICE, MarginKind::Standard);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, WBTC, 10));
		let known = Collaterals::<Test>::get(WBTC).unwrap();
		for terms in [
			None,
			Some(CollateralTerms { underlying: ETH, ..known }),
			Some(CollateralTerms { units_per_token: 1, ..known }),
		] {
			assert_noop!(Clearing::set_collateral(root(), WBTC, terms), E::<Test>::CollateralInUse);
		}
	});
}

#[test]
fn set_collateral_should_have_accounts_looked_at_when_maintenance_counts_less_of_it() {
	run(|| {
		let known = Collaterals::<Test>::get(WETH).unwrap();
		let set = |haircut_maintenance_ppb, haircut_initial_ppb| {
			state(|state| state.rules_changed.clear());
			let terms =
				CollateralTerms { haircut_maintenance_ppb, haircut_initial_ppb, cap: 0, ..known };
			assert_ok!(Clearing::set_collateral(root(), WETH, Some(terms)));
			state(|state| state.rules_changed.clone())
		};
		let haircut = known.haircut_maintenance_ppb;
		assert!(set(haircut, 0).is_empty());
		assert_eq!(set(haircut + 1, 0), [ETH]);
		assert!(set(haircut, 1).is_empty());
	});
}

#[test]
fn set_collateral_should_refuse_terms_out_of_range() {
	run(|| {
		let one = 1_000_000_000;
		let set = |asset, terms| Clearing::set_collateral(root(), asset, Some(terms));
		for units in [0, 1_000_000_000_001, 1_500_000_000_000] {
			let terms = CollateralTerms { units_per_token: units, ..terms() };
			assert_noop!(set(OTHER, terms), E::<Test>::UnitsOutOfRange);
		}
		for (initial, maintenance) in [(-1, 0), (0, -1), (1, one), (i64::MAX, i64::MAX)] {
			let terms = CollateralTerms {
				haircut_initial_ppb: initial,
				haircut_maintenance_ppb: maintenance,
				..terms()
			};
			assert_noop!(set(OTHER, terms), E::<Test>::HaircutOutOfRange);
		}
		let unknown = CollateralTerms { underlying: 9, ..terms() };
		assert_noop!(set(OTHER, unknown), E::<Test>::UnknownUnderlying);
		assert_noop!(set(99, terms()), E::<Test>::AssetNotAccepted);
		assert_noop!(set(USDC, terms()), E::<Test>::IsSettlementAsset);
		assert_noop!(Clearing::set_collateral(root(), OTHER, None), E::<Test>::AssetNotAccepted);
	});
}

#[test]
fn governance_calls_should_fail_when_anyone_else_makes_them() {
	run(|| {
		let bad = DispatchError::BadOrigin;
		assert_noop!(Clearing::set_collateral(signed(ALICE), OTHER, Some(terms())), bad);
		assert_noop!(Clearing::set_debt_cap(signed(ALICE), 1), DispatchError::BadOrigin);
	});
}

#[test]
#[should_panic(expected = "genesis: collateral 1")]
fn genesis_should_refuse_the_settlement_asset_as_collateral() {
	let genesis =
		crate::GenesisConfig::<Test> { collaterals: vec![(USDC, terms())], ..Default::default() };
	genesis.build_storage().unwrap();
}

#[test]
#[should_panic(expected = "genesis: terms of collateral 4")]
fn genesis_should_refuse_terms_out_of_range() {
	let wrong = CollateralTerms { units_per_token: 0, ..terms() };
	let genesis =
		crate::GenesisConfig::<Test> { collaterals: vec![(OTHER, wrong)], ..Default::default() };
	genesis.build_storage().unwrap();
}

fn insured(amount: u128, backing: u128) -> sp_io::TestExternalities {
	let pool = Clearing::account_id();
	let genesis = crate::mock::RuntimeGenesisConfig {
		assets: pallet_assets::GenesisConfig {
			assets: vec![(USDC, 99, true, 1)],
			accounts: vec![(USDC, pool, backing)],
			..Default::default()
		},
		clearing: crate::GenesisConfig { insurance: amount, ..Default::default() },
		..Default::default()
	};
	genesis.build_storage().unwrap().into()
}

#[test]
fn genesis_should_fund_the_insurance_when_assets_back_it() {
	insured(1_000, 1_500).execute_with(|| {
		assert_eq!(crate::Insurance::<Test>::get(), 1_000);
		// What is beyond was given to the account, and is nobody's claim.
		assert_eq!(crate::Held::<Test>::get(USDC), 1_000);
		Clearing::do_try_state().unwrap();
	});
}

#[test]
#[should_panic(expected = "genesis: 999 of the settlement asset insure 1000")]
fn genesis_should_refuse_an_insurance_that_nothing_backs() {
	insured(1_000, 999);
}
