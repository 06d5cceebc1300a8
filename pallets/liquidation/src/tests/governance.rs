// SPDX-License-Identifier: Apache-2.0
//! Parameters: set, proposed, judged in shadow.

use super::*;
use crate::ParametersInForce;
use ballast_risk::DelayParameters;
use frame_support::traits::BuildGenesisConfig;
use sp_runtime::BuildStorage;

fn harsher(z: i64) -> Parameters {
	let delay = DelayParameters { z: Ppb(z), vol_floor: Ppb::percent(100) };
	let house =
		HouseParameters { shadow_blocks: 3, shadow_share: Ppb::percent(5), ..Default::default() };
	Parameters { delay, house, ..Default::default() }
}

fn start() -> Parameters {
	Parameters { delay: DelayParameters::DEFAULT, ..harsher(0) }
}

fn propose(parameters: Parameters) -> frame_support::dispatch::DispatchResult {
	Liquidation::propose_parameters(root(), parameters)
}

fn ending() -> Option<(bool, u32, u32)> {
	events().into_iter().find_map(|event| match event {
		Event::ProposalEnded { enacted, judged, fallen, .. } => Some((enacted, judged, fallen)),
		_ => None,
	})
}

/// Blocks in which all 41 accounts are judged, 32 in each.
fn judged() {
	block();
	block();
}

/// Forty accounts with ten to four hundred dollars more than they need.
fn traders() {
	for n in 0..40u64 {
		short(100 + n, 5_010 + 10 * i128::from(n), 100);
	}
	block();
	block();
}

#[test]
fn only_governance_should_set_and_propose() {
	ExtBuilder::default().build_and_execute(|| {
		let parameters = Parameters::default();
		let bad = DispatchError::BadOrigin;
		assert_noop!(Liquidation::set_parameters(signed(ALICE), parameters), bad);
		assert_noop!(Liquidation::propose_parameters(signed(ALICE), parameters), bad);
		assert_noop!(Liquidation::cancel_proposal(signed(ALICE)), bad);
	});
}

#[test]
fn parameters_should_be_set_at_once_when_they_lower_nobodys_margin() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Liquidation::set_parameters(root(), quick()));
		assert_eq!(ParametersInForce::<Test>::get(), quick());
		assert!(events().contains(&Event::ParametersSet { parameters: quick() }));
	});
}

#[test]
fn parameters_should_be_refused_when_one_is_out_of_range() {
	ExtBuilder::default().build_and_execute(|| {
		let mut wrong: Vec<Parameters> = vec![Parameters::default(); 9];
		wrong[0].auction.discount_fast_end = Ppb::ONE;
		wrong[1].delay.z = Ppb(-1);
		wrong[2].concentration.threshold = Ppb(-1);
		wrong[3].multiplier.fall_per_block = Ppb(2_000_000_000);
		wrong[4].house.margin_call = Ppb(-1);
		wrong[5].house.vault_delay_millis = 59_999;
		wrong[6].house.move_rise = Ppb(999_999);
		wrong[7].house.highest_move = Ppb(500_000_001);
		wrong[8].house.shadow_blocks = 0;
		for parameters in wrong {
			let error = Error::<Test>::ParametersOutOfRange;
			assert_noop!(Liquidation::set_parameters(root(), parameters), error);
			assert_noop!(propose(parameters), Error::<Test>::ParametersOutOfRange);
		}
	});
}

#[test]
fn harsher_parameters_should_need_a_shadow() {
	ExtBuilder::default().build_and_execute(|| {
		let mut all = vec![Parameters::default(); 8];
		all[0].delay.z = Ppb(1);
		all[1].delay.vol_floor = Ppb(1);
		all[2].house.highest_move = Ppb::percent(11);
		all[3].house.move_step = Ppb(1_000_001);
		all[4].house.move_rise = Ppb(10_000_001);
		// Else what has to be proposed could be set in two steps.
		all[5].house.shadow_blocks = 7_199;
		all[6].house.shadow_share = Ppb(1_000_001);
		// Moves are rounded up to whole steps.
		all[7].house.move_step = Ppb(999_999);
		for parameters in all {
			let set = Liquidation::set_parameters(root(), parameters);
			assert_noop!(set, Error::<Test>::NeedsShadow);
		}
	});
}

#[test]
fn proposal_should_take_effect_when_few_would_fall() {
	ExtBuilder::default().parameters(start()).build_and_execute(|| {
		traders();
		// A move of 0.001 costs each a dollar.
		assert_ok!(propose(harsher(3_000_000_000)));
		assert_noop!(propose(harsher(1)), Error::<Test>::ProposalRuns);
		// From the third on everybody is judged once more.
		for _ in 0..3 {
			block();
			assert_eq!(ending(), None);
			assert_eq!(ParametersInForce::<Test>::get(), start());
		}
		judged();
		assert_eq!(ending(), Some((true, 41, 0)));
		assert_eq!(ParametersInForce::<Test>::get(), harsher(3_000_000_000));
		assert!(Proposed::<Test>::get().is_none());
	});
}

#[test]
fn proposal_should_be_dropped_when_it_would_bring_many_under_maintenance() {
	ExtBuilder::default().parameters(start()).build_and_execute(|| {
		traders();
		// With blocks of half a minute the buffer would be 0.0098: 10 dollars each... and 0.0976 at the bound of z.
		let mut parameters = harsher(10_000_000_000);
		parameters.delay.vol_floor = Ppb(5_000_000_000);
		assert_ok!(propose(parameters));
		for _ in 0..5 {
			block_after(20_000);
		}
		let (enacted, judged, fallen) = ending().unwrap();
		assert!(!enacted && judged == 41 && fallen >= 3, "{judged} {fallen}");
		assert_eq!(ParametersInForce::<Test>::get(), start());
		assert_eq!(Auctions::<Test>::count(), 0, "a shadow harms nobody");
	});
}

#[test]
fn proposal_should_wait_when_it_has_not_been_judged_on_everybody() {
	ExtBuilder::default().parameters(start()).build_and_execute(|| {
		traders();
		assert_ok!(propose(harsher(3_000_000_000)));
		for _ in 0..6 {
			small_block(2);
			assert_eq!(ending(), None);
		}
		block();
		block();
		judged();
		assert_eq!(ending().map(|it| (it.0, it.1)), Some((true, 41)));
	});
}

#[test]
fn proposal_should_wait_when_prices_are_old() {
	ExtBuilder::default().parameters(start()).build_and_execute(|| {
		traders();
		assert_ok!(propose(harsher(3_000_000_000)));
		block();
		let early = Proposed::<Test>::get().unwrap();
		assert_eq!((early.judged, early.fallen), (32, 0));
		// No price of the underlying is fresh any more.
		state(|state| state.behind.insert(BTC));
		for _ in 0..9 {
			block();
		}
		assert_eq!((ending(), Proposed::<Test>::get()), (None, Some(early)));
		state(|state| state.behind.clear());
		block();
		judged();
		assert_eq!(ending(), Some((true, 41, 0)));
	});
}

#[test]
fn proposal_should_be_judged_by_what_is_so_when_its_time_has_come() {
	ExtBuilder::default().parameters(start()).build_and_execute(|| {
		traders();
		let mut parameters = harsher(10_000_000_000);
		parameters.delay.vol_floor = Ppb(5_000_000_000);
		assert_ok!(propose(parameters));
		block();
		block();
		let early = Proposed::<Test>::get().unwrap();
		assert_eq!((early.judged, early.fallen, early.is_judged), (41, 0, true));
		// Nobody has changed and no price has moved: blocks are slower, so that the shadow's move is larger.
		for _ in 0..3 {
			block_after(20_000);
		}
		let (enacted, judged, fallen) = ending().unwrap();
		assert!(!enacted && judged == 41 && fallen >= 3, "{judged} {fallen}");
	});
}

#[test]
fn proposal_should_be_gone_when_it_is_cancelled() {
	ExtBuilder::default().parameters(start()).build_and_execute(|| {
		assert_noop!(Liquidation::cancel_proposal(root()), Error::<Test>::NoProposal);
		assert_ok!(propose(harsher(3_000_000_000)));
		assert_ok!(Liquidation::cancel_proposal(root()));
		for _ in 0..5 {
			block();
		}
		assert_eq!(ParametersInForce::<Test>::get(), start());
	});
}

#[test]
fn account_should_count_once_when_it_is_judged_again() {
	ExtBuilder::default().parameters(start()).build_and_execute(|| {
		traders();
		assert_ok!(propose(harsher(3_000_000_000)));
		block();
		for n in 0..40 {
			top_up(&key(100 + n), 1);
		}
		block();
		block();
		judged();
		assert_eq!(ending().map(|it| it.1), Some(41));
	});
}

fn genesis(parameters: Parameters, vault: Vec<(AccountId, u128)>) -> crate::GenesisConfig<Test> {
	crate::GenesisConfig { parameters, vault, ..Default::default() }
}

#[test]
fn genesis_should_put_its_parameters_in_force_when_they_are_read_from_json() {
	let json = serde_json::to_value(genesis(harsher(4_000_000_000), vec![])).unwrap();
	assert_eq!(json["parameters"]["delay"]["z"], 4_000_000_000i64);
	let read: crate::GenesisConfig<Test> = serde_json::from_value(json).unwrap();
	let mut ext: sp_io::TestExternalities = read.build_storage().unwrap().into();
	ext.execute_with(|| assert_eq!(ParametersInForce::<Test>::get(), harsher(4_000_000_000)));
}

#[test]
fn genesis_should_charge_for_nothing_by_default() {
	let genesis = crate::GenesisConfig::<Test>::default();
	assert_eq!(genesis.parameters, Parameters::default());
	let Parameters { delay, concentration, multiplier, .. } = genesis.parameters;
	let charges = [delay.z, concentration.charge, multiplier.slope];
	assert_eq!(charges, [Ppb(0); 3]);
}

#[test]
fn genesis_should_refuse_a_parameter_it_does_not_know() {
	let mut json = serde_json::to_value(genesis(quick(), vec![])).unwrap();
	json["parameters"]["delay"]["zeta"] = 1.into();
	let read = serde_json::from_value::<crate::GenesisConfig<Test>>(json);
	assert!(read.err().unwrap().to_string().contains("zeta"));
}

#[test]
#[should_panic(expected = "genesis: parameters of liquidation")]
fn genesis_should_refuse_parameters_out_of_range() {
	let wrong =
		Parameters { house: HouseParameters { shadow_blocks: 0, ..Default::default() }, ..quick() };
	genesis(wrong, vec![]).build_storage().unwrap();
}

#[test]
fn genesis_should_give_shares_for_the_vaults_first_deposits() {
	ExtBuilder::default().build_and_execute(|| {
		wallet(ALICE, 300);
		wallet(BOB, 100);
		genesis(quick(), vec![(ALICE, 300_000_000), (BOB, 100_000_000)]).build();
		assert_eq!(Shares::<Test>::get(ALICE), 3 * Shares::<Test>::get(BOB));
		assert_eq!(account(&Liquidation::vault_key()).cash, 400 * USD);
		assert_eq!((wallet_of(ALICE), wallet_of(BOB)), (0, 0));
	});
}

#[test]
#[should_panic(expected = "cannot pay 300000000 into the vault")]
fn genesis_should_refuse_a_deposit_that_its_payer_has_not() {
	ExtBuilder::default().build_and_execute(|| {
		genesis(quick(), vec![(ALICE, 300_000_000)]).build();
	});
}
