// SPDX-License-Identifier: Apache-2.0
//! Books are what was asked for, every time.

use ballast_exchange::{Custody, Moment, Ppb};
use ballast_runtime::{Clearing, Runtime, System};
use ballast_stress::{
	book::{raw_chain_spec, seed, Charge, Config, FloodSeries, Seeded, BTC},
	chain::{sign, Applied, Chain},
	path::{Kind, Path},
};
use pallet_liquidation::{Parameters, ParametersInForce};

const MICRO: f64 = 1e6;
/// A Wednesday.
const NOW: Moment = 1_900_000_000_000 - 1_900_000_000_000 % 604_800_000 + 11 * 3_600_000;

fn small(seed: u64) -> Seeded {
	let mut config = Config::new(seed, 60, NOW);
	config.flooders = 5;
	seed_or_panic(&config)
}

fn seed_or_panic(config: &Config) -> Seeded {
	seed(config, &Path::new(Kind::Crash, 1).unwrap()).unwrap()
}

#[test]
fn state_should_be_the_same_when_the_seed_is() {
	let [one, other, third] = [7, 7, 8].map(|seed| small(seed).storage);
	assert_eq!(Chain::new(one.clone()).root(), Chain::new(other.clone()).root());
	assert_eq!(one.top, other.top);
	assert_ne!(one.top, third.top);
}

#[test]
fn state_should_be_sound_and_begin_with_block_one() {
	let seeded = small(3);
	assert_eq!((seeded.accounts.len(), seeded.keepers.len(), seeded.flooders.len()), (60, 8, 5));
	let mut chain = Chain::new(seeded.storage.clone());
	assert_eq!((chain.number(), chain.now()), (0, seeded.now));
	chain.try_state().unwrap();
	let path = Path::new(Kind::Crash, 1).unwrap();
	let opened = chain.open(&path.replay(Moment::MAX).unwrap()).unwrap();
	assert_eq!(opened.number, 1);
	chain.close();
	chain.try_state().unwrap();
	let spot = chain.execute(|| pallet_prices::Rounds::<Runtime>::get(BTC).unwrap());
	assert_eq!(spot.block, 1);
	assert_eq!(chain.execute(System::block_number), 1);
}

#[test]
fn transaction_should_leave_nothing_behind_when_there_is_no_room_for_it() {
	let seeded = small(6);
	let mut chain = Chain::new(seeded.storage.clone());
	let path = Path::new(Kind::Crash, 1).unwrap();
	chain.open(&path.replay(Moment::MAX).unwrap()).unwrap();
	let genesis = chain.execute(|| System::block_hash(0));
	let sender = &seeded.flooders[0].pair;
	let who = seeded.flooders[0].key.owner.clone();
	for nonce in 0.. {
		let remark = frame_system::Call::remark { remark: vec![0; 10_000] }.into();
		match chain.apply(sign(sender, nonce, genesis, remark)) {
			Applied::Included(result) => assert_eq!(result, Ok(())),
			Applied::Full => {
				assert!(nonce > 0, "there is room for one");
				assert_eq!(chain.execute(|| System::account_nonce(&who)), nonce);
				return;
			},
			Applied::Refused(error) => panic!("{error:?}"),
		}
	}
}

#[test]
fn charges_should_be_gone_when_they_are_waived() {
	let mut seeded = small(4);
	let parameters = |seeded: &Seeded| {
		let mut chain = Chain::new(seeded.storage.clone());
		chain.execute(ParametersInForce::<Runtime>::get)
	};
	let scales = |it: Parameters| (it.delay.z, it.multiplier.slope, it.concentration.charge);
	let before = scales(parameters(&seeded));
	assert!(before.0 > Ppb::ZERO && before.1 > Ppb::ZERO && before.2 > Ppb::ZERO);
	seeded.waive(&[Charge::Multiplier]);
	assert_eq!(scales(parameters(&seeded)), (before.0, Ppb::ZERO, before.2));
	seeded.waive(&[Charge::Delay, Charge::Concentration]);
	let after = parameters(&seeded);
	assert!(after.is_valid());
	assert_eq!(scales(after), (Ppb::ZERO, Ppb::ZERO, Ppb::ZERO));
}

#[test]
fn accounts_should_be_as_near_to_danger_as_they_say() {
	let seeded = small(5);
	let mut chain = Chain::new(seeded.storage.clone());
	let below: Vec<u64> = seeded.accounts.iter().filter_map(|it| it.below).collect();
	let near = below.iter().filter(|below| **below as f64 > 0.7 * seeded.spot * MICRO).count();
	assert!((6..=30).contains(&near), "{near} of 60 within 30 %");
	for holder in &seeded.accounts {
		let safety = chain.execute(|| {
			let account = Clearing::peek(&holder.party.key).unwrap();
			Clearing::safety(&mut Default::default(), &account).unwrap()
		});
		let margin = safety.margin;
		assert!(margin.initial >= 0 && margin.maintenance >= 0, "{margin:?}");
		assert!(!holder.below.is_some_and(|below| below as f64 > seeded.spot * MICRO));
		assert!(!holder.above.is_some_and(|above| (above as f64) < seeded.spot * MICRO));
		assert!((margin.equity as f64 / MICRO - holder.equity).abs() < 0.01, "{margin:?}");
	}
}

#[test]
fn chain_spec_should_hold_the_whole_state_and_the_code() {
	let seeded = small(2);
	let spec = raw_chain_spec(&seeded, b"code");
	let text = spec.to_string();
	let read: serde_json::Value = serde_json::from_str(&text).unwrap();
	assert_eq!(read, spec);
	let top = read["genesis"]["raw"]["top"].as_object().unwrap();
	assert_eq!(top.len(), seeded.storage.top.len() + 1);
	let bytes = |hex: &str| sp_core::bytes::from_hex(hex).unwrap();
	for (key, value) in top {
		let (key, value) = (bytes(key), bytes(value.as_str().unwrap()));
		if key == b":code" {
			assert_eq!(value, b"code");
		} else {
			assert_eq!(seeded.storage.top.get(&key), Some(&value));
		}
	}
}

#[test]
fn flood_should_be_near_the_money_and_on_the_tick() {
	let seeded = small(4);
	assert!(seeded.flood.len() >= 6, "{:?}", seeded.flood);
	for FloodSeries { series, price } in &seeded.flood {
		let strike = series.strike as f64 / MICRO;
		assert!((strike / seeded.spot - 1.0).abs() < 0.1, "{series:?}");
		assert!(*price > 0 && price % 1_000_000 == 0);
	}
	let first = seeded.expiries.first().unwrap();
	assert!(*first >= seeded.now + 86_000_000, "{first}");
}
