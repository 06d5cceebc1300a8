// SPDX-License-Identifier: Apache-2.0

use crate::{
	configs::{ProxyType, RuntimeBlockWeights},
	constants::{assets::USDC, block, currency::BAL},
	genesis,
	signing::{self, Terms},
	test_chain::{new_chain, order},
	AccountId, Assets, Balances, BlockNumber, Hash, Runtime, RuntimeCall, Session, SignedPayload,
	System, SystemCall, Validators, WASM_BINARY,
};
use codec::Encode;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::{fungible::Inspect, InstanceFilter},
	weights::constants::RocksDbWeight,
};
use pallet_order_book::types::{BatchMode, NewOrder, Operation, OrderKind};
use sp_keyring::Sr25519Keyring;
use sp_runtime::generic::Era;

#[test]
fn presets_should_have_their_validators_and_endow_the_well_known_accounts() {
	for (preset, validators) in
		[(genesis::DEV_RUNTIME_PRESET, 1), (genesis::LOCAL_TESTNET_RUNTIME_PRESET, 4)]
	{
		new_chain(preset).execute_with(|| {
			assert_eq!(Session::validators().len(), validators);
			assert_eq!(pallet_aura::Authorities::<Runtime>::get().len(), validators);
			assert_eq!(crate::Grandpa::grandpa_authorities().len(), validators);
			let bob: AccountId = Sr25519Keyring::Bob.to_account_id();
			assert_eq!(Balances::balance(&bob), 1_000_000 * BAL);
			assert_eq!(Assets::balance(USDC, &bob), 10_000_000_000_000);
			assert_eq!(
				pallet_sudo::Key::<Runtime>::get(),
				Some(Sr25519Keyring::Alice.to_account_id())
			);
		});
	}
}

#[test]
fn every_named_preset_should_exist() {
	for name in genesis::preset_names() {
		assert!(genesis::preset(&name).is_some(), "{name:?}");
	}
	assert!(genesis::preset(&"mainnet".into()).is_none());
}

#[test]
fn a_block_should_have_200_ms_and_operational_transactions_a_reserve() {
	let weights = RuntimeBlockWeights::get();
	assert_eq!(weights.max_block.ref_time(), 200_000_000_000);
	let normal = weights.get(DispatchClass::Normal);
	assert_eq!(normal.max_total.unwrap().ref_time(), 150_000_000_000);
	let operational = weights.get(DispatchClass::Operational);
	assert_eq!(operational.reserved.unwrap().ref_time(), 50_000_000_000);
	assert_eq!(block::COMPUTATION, weights.max_block);
}

#[test]
fn database_weights_should_be_measured_on_paritydb() {
	let db = <Runtime as frame_system::Config>::DbWeight::get();
	assert_ne!(db, RocksDbWeight::get());
	assert!(db.read > 0 && db.write > 0);
}

#[test]
fn every_call_should_fit_into_a_block_and_have_a_weight() {
	let transfer = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
		dest: Sr25519Keyring::Bob.to_account_id().into(),
		value: BAL,
	});
	let weight = transfer.get_dispatch_info().call_weight;
	assert!(weight.ref_time() > 0);
	assert!(weight.all_lt(block::COMPUTATION));
}

#[test]
fn a_non_transfer_proxy_should_not_move_money() {
	let bob = Sr25519Keyring::Bob.to_account_id();
	let transfer = RuntimeCall::Balances(pallet_balances::Call::transfer_all {
		dest: bob.clone().into(),
		keep_alive: false,
	});
	let asset_transfer = RuntimeCall::Assets(pallet_assets::Call::transfer {
		id: codec::Compact(USDC),
		target: bob.into(),
		amount: 1,
	});
	let remark = RuntimeCall::System(frame_system::Call::remark { remark: vec![] });
	for call in [&transfer, &asset_transfer] {
		assert!(ProxyType::Any.filter(call));
		assert!(!ProxyType::NonTransfer.filter(call));
		assert!(!ProxyType::CancelProxy.filter(call));
	}
	assert!(ProxyType::NonTransfer.filter(&remark));
	assert!(!ProxyType::NonTransfer.is_superset(&ProxyType::Any));
}

#[test]
fn sessions_of_the_presets_should_be_short() {
	new_chain(genesis::DEV_RUNTIME_PRESET).execute_with(|| {
		use frame_support::traits::EstimateNextSessionRotation;
		let length: BlockNumber =
			<Validators as EstimateNextSessionRotation<BlockNumber>>::average_session_length();
		assert_eq!(length, 20);
		assert_eq!(System::block_number(), 0);
	});
}

#[test]
fn the_wasm_should_be_embedded_unless_its_build_is_skipped() {
	let skipped = option_env!("SKIP_WASM_BUILD").is_some();
	assert_eq!(WASM_BINARY.is_none(), skipped);
}

#[test]
fn repricing_five_hundred_series_should_take_less_than_a_quarter_of_a_block() {
	let (expiries, strikes) = (12, 21);
	assert!(expiries * strikes * 2 >= 500);
	let scenarios = new_chain(genesis::DEV_RUNTIME_PRESET).execute_with(|| {
		let model = pallet_options::PortfolioModels::<Runtime>::get(1).unwrap();
		model.scenarios.len()
	});
	let one = crate::Options::reprice_weight(strikes, scenarios);
	let all = one.saturating_mul(expiries as u64);
	let share = all.ref_time() as f64 / block::COMPUTATION.ref_time() as f64;
	println!(
		"500 series x {scenarios} scenarios: {:.2} ms, {:.1} % of the block's budget",
		all.ref_time() as f64 / 1e9,
		share * 100.0
	);
	assert!(share < 0.25);
}

#[test]
fn the_largest_unit_of_the_protocols_part_should_fit_into_its_budget() {
	let budget = crate::configs::ProtocolBudget::get();
	let largest_expiry = crate::Options::reprice_weight(64, 64);
	assert!(largest_expiry.all_lt(budget));
	use pallet_clearing::WeightInfo as _;
	let account = crate::weights::pallet_clearing::WeightInfo::<Runtime>::settle_account(128, 64);
	assert!(account.all_lt(budget));
	// A search that does not end keeps room for an auction only if that leaves it half.
	let auction = crate::Liquidation::most_visit();
	println!("looking after an auction: at most {:.1} ms", auction.ref_time() as f64 / 1e9);
	let searched = budget.saturating_sub(account).saturating_sub(largest_expiry);
	assert!(auction.saturating_mul(2).all_lt(searched));
}

#[test]
fn protocol_part_should_be_done_once_when_author_and_transactions_both_ask_for_it() {
	use ballast_runtime_api::runtime_decl_for_authoring_api::AuthoringApiV1;
	use sp_runtime::{traits::Header as _, StateVersion};
	new_chain(genesis::DEV_RUNTIME_PRESET).execute_with(|| {
		let hash = crate::Hash::default();
		let header = crate::Header::new(1, hash, hash, System::parent_hash(), Default::default());
		crate::Executive::initialize_block(&header);
		let now = || (System::block_weight().total(), sp_io::storage::root(StateVersion::V1));
		let before = now();
		Runtime::apply_protocol_part();
		let after = now();
		assert!(before.0.ref_time() < after.0.ref_time(), "it weighs something");
		Runtime::apply_protocol_part();
		assert_eq!(now(), after);
	});
}

#[test]
fn the_largest_order_should_leave_most_of_a_block_to_others() {
	let order = order(OrderKind::Limit, false);
	let call = RuntimeCall::OrderBook(pallet_order_book::Call::place { index: 0, order });
	let weight = call.get_dispatch_info().call_weight;
	let normal = RuntimeBlockWeights::get().get(DispatchClass::Normal).max_total.unwrap();
	println!("a place weighs at most {:.2} ms", weight.ref_time() as f64 / 1e9);
	assert!(weight.ref_time() * 8 < normal.ref_time());
}

#[test]
fn calls_should_be_in_the_lane_of_what_they_ask_for() {
	use pallet_lanes::{Classify, Lane};
	use pallet_liquidation::Call as Danger;
	use pallet_order_book::Call as Book;
	let (limit, post) = (order(OrderKind::Limit, false), order(OrderKind::PostOnly, false));
	let reduction = order(OrderKind::ImmediateOrCancel, true);
	let place = |order: &NewOrder| Book::<Runtime>::place { index: 0, order: *order };
	let batch = |orders: &[&NewOrder]| Book::<Runtime>::batch {
		index: 0,
		operations: orders
			.iter()
			.map(|order| Operation::Place(**order))
			.chain([Operation::CancelAll])
			.collect(),
		mode: BatchMode::AllOrNothing,
	};
	let owner: AccountId = Sr25519Keyring::Bob.to_account_id();
	let look: RuntimeCall = Danger::look { owner, index: 0 }.into();
	let cases: [(RuntimeCall, Lane); 10] = [
		(look.clone(), Lane::Solvency),
		(Danger::top_up { index: 0, amount: 1 }.into(), Lane::Solvency),
		(Book::cancel { index: 0, order: 1 }.into(), Lane::RiskDown),
		(place(&reduction).into(), Lane::RiskDown),
		(batch(&[&reduction]).into(), Lane::RiskDown),
		(place(&post).into(), Lane::Makers),
		// As much precedence as the least of what it does.
		(batch(&[&post, &reduction]).into(), Lane::Makers),
		(batch(&[&post, &limit]).into(), Lane::Takers),
		(place(&limit).into(), Lane::Takers),
		(pallet_utility::Call::<Runtime>::batch { calls: vec![look] }.into(), Lane::General),
	];
	for (call, lane) in cases {
		assert_eq!(crate::configs::lanes::Classifier::lane(&call), lane, "{call:?}");
	}
}

#[test]
fn weight_should_cost_something_after_the_first_block_as_before() {
	use frame_support::traits::OnFinalize;
	new_chain(genesis::DEV_RUNTIME_PRESET).execute_with(|| {
		let order = RuntimeCall::OrderBook(pallet_order_book::Call::cancel_all { index: 0 });
		let fee = || crate::TransactionPayment::compute_fee(100, &order.get_dispatch_info(), 0);
		let before = fee();
		crate::TransactionPayment::on_finalize(1);
		assert_eq!(fee(), before);
		let length_alone = crate::TransactionPayment::compute_fee(
			100,
			&frame_support::dispatch::DispatchInfo::default(),
			0,
		);
		assert!(before > length_alone);
	});
}

#[test]
fn inherents_should_be_executed_when_everything_is_paused() {
	new_chain(genesis::DEV_RUNTIME_PRESET).execute_with(|| {
		use crate::{RuntimeOrigin, SafeMode, TxPause};
		use sp_runtime::traits::Dispatchable;
		let name = |text: &[u8]| text.to_vec().try_into().expect("it is short");
		let full_name = (name(b"Prices"), name(b"report"));
		TxPause::pause(RuntimeOrigin::root(), full_name).expect_err("no block without it");
		SafeMode::force_enter(RuntimeOrigin::root()).expect("root can");
		let remark = RuntimeCall::System(frame_system::Call::remark { remark: vec![] });
		let open = RuntimeCall::Clearing(pallet_clearing::Call::open_account {
			index: 7,
			margin: ballast_exchange::MarginKind::Standard,
		});
		let report = pallet_prices::Call::report { report: Default::default() };
		// Within the slot that the chain is in, which Aura asks for.
		let timestamp = pallet_timestamp::Call::set { now: 1 };
		let signed = RuntimeOrigin::signed(Sr25519Keyring::Bob.to_account_id());
		remark.dispatch(signed.clone()).expect("it is no part of the exchange");
		let refused = open.dispatch(signed).expect_err("the exchange is paused").error;
		assert_eq!(refused, frame_system::Error::<Runtime>::CallFiltered.into());
		for inherent in [RuntimeCall::from(timestamp), report.into()] {
			inherent.clone().dispatch(RuntimeOrigin::none()).expect("a block needs it");
		}
	});
}

#[test]
fn underlyings_should_freeze_when_any_records_contradict_each_other() {
	use frame_support::traits::Contains;
	type Corruption = <Runtime as pallet_liquidation::Config>::Corruption;
	let is_corruption = |error| Corruption::contains(&error);
	assert!(is_corruption(pallet_clearing::Error::<Runtime>::CorruptLedger.into()));
	assert!(is_corruption(pallet_order_book::Error::<Runtime>::CorruptBook.into()));
	assert!(is_corruption(pallet_liquidation::Error::<Runtime>::CorruptRecords.into()));
	assert!(!is_corruption(pallet_clearing::Error::<Runtime>::InsufficientMargin.into()));
}

#[test]
fn risk_should_be_lowered_when_everything_is_paused() {
	use crate::{RuntimeOrigin, SafeMode};
	use frame_support::traits::Contains;
	use pallet_clearing::Call as Ledger;
	use pallet_liquidation::Call as Danger;
	use pallet_order_book::Call as Book;
	type Filter = <Runtime as frame_system::Config>::BaseCallFilter;
	new_chain(genesis::DEV_RUNTIME_PRESET).execute_with(|| {
		SafeMode::force_enter(RuntimeOrigin::root()).expect("root can");
		let owner: AccountId = Sr25519Keyring::Bob.to_account_id();
		let batch = |operations| Book::batch { index: 0, operations, mode: BatchMode::BestEffort };
		let (max_share, limit) = (Default::default(), 1);
		let order = || order(OrderKind::Limit, false);
		let allowed: [RuntimeCall; 10] = [
			Danger::top_up { index: 0, amount: 1 }.into(),
			Danger::bid { owner: owner.clone(), index: 0, max_share, limit, bidder_index: 0 }
				.into(),
			Danger::look { owner: owner.clone(), index: 0 }.into(),
			Ledger::deposit { index: 0, asset: 1, amount: 1 }.into(),
			Book::cancel { index: 0, order: 1 }.into(),
			Book::cancel_by_client_id { index: 0, client_id: 1 }.into(),
			Book::cancel_all { index: 0 }.into(),
			Book::cancel_series { index: 0, series: order().series }.into(),
			Book::remove_expired { owner, index: 0, order: 1 }.into(),
			batch(vec![Operation::Cancel(1), Operation::CancelAll]).into(),
		];
		for call in allowed {
			assert!(Filter::contains(&call), "{call:?}");
		}
		let refused: [RuntimeCall; 3] = [
			Ledger::withdraw { index: 0, asset: 1, amount: 1 }.into(),
			Book::place { index: 0, order: order() }.into(),
			batch(vec![Operation::CancelAll, Operation::Place(order())]).into(),
		];
		for call in refused {
			assert!(!Filter::contains(&call), "{call:?}");
		}
	});
}

#[test]
fn signed_payload_should_be_what_the_chain_checks_when_made_outside_of_it() {
	let (genesis, born_at) = (Hash::repeat_byte(7), Hash::repeat_byte(8));
	let immortal = Terms::immortal(genesis, 3);
	let mortal = Terms { era: Era::mortal(16, 5), born_at, tip: 2, ..immortal };
	new_chain(genesis::DEV_RUNTIME_PRESET).execute_with(|| {
		System::set_block_number(9);
		frame_system::BlockHash::<Runtime>::insert(0, genesis);
		frame_system::BlockHash::<Runtime>::insert(5, born_at);
		for terms in [immortal, mortal] {
			let call = || RuntimeCall::from(SystemCall::remark { remark: vec![1, 2] });
			let extension = signing::extension(terms.era, terms.nonce, terms.tip);
			let chains = SignedPayload::new(call(), extension).expect("the chain knows its blocks");
			assert_eq!(terms.payload(call()).encode(), chains.encode(), "{terms:?}");
		}
	});
}
