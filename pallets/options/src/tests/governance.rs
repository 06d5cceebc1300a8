// SPDX-License-Identifier: Apache-2.0

//! What governance sets.

use crate::{mock::*, Error, Event, Minutes, Schedule};
use ballast_exchange::{MarketTerms, Markets, PortfolioModel, Ppb, Scenarios, SeriesStatus};
use ballast_risk::{
	PortfolioParameters, Scenario, StandardParameters, VolShock, DEFAULT_SCENARIOS,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{BuildStorage, DispatchError};

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

fn eth_terms() -> MarketTerms {
	MarketTerms { base_asset: 3, ..terms() }
}

#[test]
fn create_underlying_should_store_it_under_the_default_models() {
	TestExt::new().execute_with(|| {
		assert_ok!(Options::create_underlying(root(), 2, symbol("ETH"), eth_terms(), schedule()));
		assert_eq!(<Options as Markets>::terms(2), Some(eth_terms()));
		assert_eq!(<Options as Markets>::underlying_of(3), Some(2));
		assert_eq!(<Options as Markets>::standard_parameters(2), Some(StandardParameters::DEFAULT));
		let model = <Options as Markets>::portfolio_model(2).unwrap();
		assert_eq!(model.parameters, PortfolioParameters::DEFAULT);
		assert_eq!(model.scenarios.to_vec(), DEFAULT_SCENARIOS);
		let created = Event::UnderlyingCreated {
			underlying: 2,
			symbol: symbol("ETH"),
			terms: eth_terms(),
			schedule: schedule(),
		};
		assert_eq!(events(), [created]);
		block(500);
		assert_eq!(<Options as Markets>::expiries(2).len(), 2);
	});
}

#[test]
fn create_underlying_should_refuse_what_is_taken() {
	TestExt::new().execute_with(|| {
		let create = |id, name: &str, base_asset| {
			let terms = MarketTerms { base_asset, ..terms() };
			Options::create_underlying(root(), id, symbol(name), terms, schedule())
		};
		assert_noop!(create(BTC, "ETH", 3), Error::<Test>::UnderlyingExists);
		assert_noop!(create(2, "BTC", 3), Error::<Test>::SymbolTaken);
		assert_noop!(create(2, "ETH", 2), Error::<Test>::BaseAssetTaken);
		for name in ["", "btc", "B-C", "B C"] {
			assert_noop!(create(2, name, 3), Error::<Test>::SymbolInvalid);
		}
		for id in 2..=16 {
			assert_ok!(create(id, &format!("A{id}"), u32::from(id) + 100));
		}
		assert_noop!(create(17, "A17", 117), Error::<Test>::TooManyUnderlyings);
	});
}

#[test]
fn every_setter_should_need_governance_and_an_underlying() {
	TestExt::new().execute_with(|| {
		let model = || crate::default_portfolio_model();
		let standard = StandardParameters::DEFAULT;
		let signed = || RuntimeOrigin::signed(1);
		let bad = DispatchError::BadOrigin;
		let created =
			Options::create_underlying(signed(), 2, symbol("ETH"), eth_terms(), schedule());
		assert_noop!(created, bad);
		assert_noop!(Options::set_terms(signed(), BTC, terms()), bad);
		assert_noop!(Options::set_schedule(signed(), BTC, schedule()), bad);
		assert_noop!(Options::set_portfolio_model(signed(), BTC, model()), bad);
		assert_noop!(Options::set_standard_parameters(signed(), BTC, standard), bad);
		assert_noop!(Options::set_paused(signed(), BTC, true), bad);
		let unknown = DispatchError::from(Error::<Test>::UnknownUnderlying);
		assert_noop!(Options::set_terms(root(), 9, terms()), unknown);
		assert_noop!(Options::set_schedule(root(), 9, schedule()), unknown);
		assert_noop!(Options::set_portfolio_model(root(), 9, model()), unknown);
		assert_noop!(Options::set_standard_parameters(root(), 9, standard), unknown);
		assert_noop!(Options::set_paused(root(), 9, true), unknown);
	});
}

#[test]
fn hostile_terms_should_be_refused_with_their_own_error() {
	TestExt::new().execute_with(|| {
		type E = Error<Test>;
		let with = |change: fn(&mut MarketTerms)| {
			let mut terms = terms();
			change(&mut terms);
			terms
		};
		let cases: [(MarketTerms, E); 18] = [
			(with(|t| t.lots_per_contract = 0), E::LotsPerContractOutOfRange),
			(with(|t| t.lots_per_contract = 1_000_001), E::LotsPerContractOutOfRange),
			(with(|t| t.tick = 0), E::TickNotMultiple),
			(with(|t| t.tick = 150), E::TickNotMultiple),
			(with(|t| t.tick = 1_000_000_000_100), E::TickTooLarge),
			(with(|t| t.min_order_lots = 0), E::OrderSizeOutOfRange),
			(with(|t| t.min_order_lots = i64::MIN), E::OrderSizeOutOfRange),
			(with(|t| t.min_order_lots = 100_001), E::OrderSizeOutOfRange),
			(with(|t| t.max_order_lots = i64::MAX), E::OrderSizeOutOfRange),
			(with(|t| t.max_open_interest = 99_999), E::OpenInterestOutOfRange),
			(with(|t| t.max_open_interest = i64::MAX), E::OpenInterestOutOfRange),
			(with(|t| t.maker_fee_ppb = -1), E::FeeOutOfRange),
			(with(|t| t.maker_fee_ppb = 100_000_001), E::FeeOutOfRange),
			(with(|t| t.taker_fee_ppb = i64::MIN), E::FeeOutOfRange),
			(with(|t| t.taker_fee_ppb = i64::MAX), E::FeeOutOfRange),
			(with(|t| t.fee_cap_ppb = -1), E::FeeCapOutOfRange),
			(with(|t| t.fee_cap_ppb = 1_000_000_001), E::FeeCapOutOfRange),
			(with(|t| t.tick = u64::MAX / 100 * 100), E::TickTooLarge),
		];
		for (terms, error) in cases {
			assert_noop!(Options::set_terms(root(), BTC, terms), error);
		}
		let changed = with(|t| (t.maker_fee_ppb, t.taker_fee_ppb) = (0, 100_000_000));
		assert_ok!(Options::set_terms(root(), BTC, changed));
		assert_eq!(events(), [Event::TermsChanged { underlying: BTC, terms: changed }]);
		assert_eq!(<Options as Markets>::terms(BTC), Some(changed));
	});
}

#[test]
fn units_should_stay_while_anything_is_listed() {
	TestExt::new().execute_with(|| {
		let units = [
			MarketTerms { lots_per_contract: 10, ..terms() },
			MarketTerms { tick: 20_000, ..terms() },
			MarketTerms { base_asset: 7, ..terms() },
		];
		// Nothing is listed before the first block.
		for terms in units {
			assert_ok!(Options::set_terms(root(), BTC, terms));
			assert_eq!(<Options as Markets>::underlying_of(terms.base_asset), Some(BTC));
		}
		assert_eq!(<Options as Markets>::underlying_of(2), None);
		assert_ok!(Options::set_terms(root(), BTC, terms()));
		block(500);
		for terms in units {
			assert_noop!(Options::set_terms(root(), BTC, terms), Error::<Test>::UnitsInUse);
		}
		let other = MarketTerms { max_order_lots: 5, ..terms() };
		assert_ok!(Options::set_terms(root(), BTC, other));
	});
}

#[test]
fn set_terms_should_refuse_a_base_asset_of_another_underlying() {
	TestExt::new().underlying(2, "ETH").execute_with(|| {
		let terms = MarketTerms { base_asset: 102, ..terms() };
		assert_noop!(Options::set_terms(root(), BTC, terms), Error::<Test>::BaseAssetTaken);
	});
}

#[test]
fn hostile_schedules_should_be_refused_with_their_own_error() {
	TestExt::new().execute_with(|| {
		type E = Error<Test>;
		let minutes = |period_minutes| Some(Minutes { period_minutes, count: 1 });
		for (schedule, error) in [
			(Schedule { minutes: minutes(0), ..schedule() }, E::PeriodInvalid),
			(Schedule { minutes: minutes(7), ..schedule() }, E::PeriodInvalid),
			(Schedule { dailies: 13, ..schedule() }, E::TooManyExpiries),
			(Schedule { quarterlies: 255, ..schedule() }, E::TooManyExpiries),
			(Schedule { strikes_each_side: 0, ..schedule() }, E::StrikesEachSideOutOfRange),
			(Schedule { strikes_each_side: 21, ..schedule() }, E::StrikesEachSideOutOfRange),
			(Schedule { strike_step_ppb: 0, ..schedule() }, E::StrikeStepOutOfRange),
			(Schedule { strike_step_ppb: u32::MAX, ..schedule() }, E::StrikeStepOutOfRange),
		] {
			let error = DispatchError::from(error);
			assert_noop!(Options::set_schedule(root(), BTC, schedule), error);
			let created = Options::create_underlying(root(), 2, symbol("X"), eth_terms(), schedule);
			assert_eq!(created, Err(error));
		}
	});
}

#[test]
fn hostile_models_should_be_refused_with_their_own_error() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		type E = Error<Test>;
		let set = |model| Options::set_portfolio_model(root(), BTC, model);
		let model = crate::default_portfolio_model;
		assert_noop!(
			set(PortfolioModel { scenarios: Scenarios::new(), ..model() }),
			E::NoScenarios
		);
		let bad = Scenario { spot: Ppb(-1), vol: VolShock::None, weight: Ppb::ONE };
		let mut scenarios = model().scenarios;
		scenarios.try_push(bad).unwrap();
		assert_noop!(set(PortfolioModel { scenarios, ..model() }), E::ScenarioOutOfRange(33));
		let parameters =
			PortfolioParameters { basis_down: Ppb(i64::MAX), ..PortfolioParameters::DEFAULT };
		let parameter = E::PortfolioParameterOutOfRange(1);
		assert_noop!(set(PortfolioModel { parameters, ..model() }), parameter);

		let set = |parameters| Options::set_standard_parameters(root(), BTC, parameters);
		let default = StandardParameters::DEFAULT;
		let parameters = StandardParameters { spot_max: Ppb(-1), ..default };
		assert_noop!(set(parameters), E::StandardParameterOutOfRange(6));
		let parameters = StandardParameters { spot_min: Ppb(200_000_000), ..default };
		assert_noop!(set(parameters), E::StandardParametersInconsistent);
		let parameters = StandardParameters { spot_max: Ppb(200_000_000), ..default };
		assert_ok!(set(parameters));
		assert_eq!(<Options as Markets>::standard_parameters(BTC), Some(parameters));
		assert_eq!(events(), [Event::StandardParametersChanged { underlying: BTC, parameters }]);
	});
}

#[test]
fn set_portfolio_model_should_reprice_on_another_width() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		assert_eq!(priced(expiry).width, 36);
		let scenarios = Scenarios::truncate_from(DEFAULT_SCENARIOS[..10].to_vec());
		let model = PortfolioModel { scenarios, ..crate::default_portfolio_model() };
		assert_ok!(Options::set_portfolio_model(root(), BTC, model.clone()));
		// The old arrays stay whole until the next block.
		assert_eq!(priced(expiry).width, 36);
		let PortfolioModel { parameters, scenarios } = model;
		assert_eq!(
			events(),
			[Event::PortfolioModelChanged { underlying: BTC, parameters, scenarios }]
		);
		block(500);
		for expiry in expiries() {
			assert_eq!(priced(expiry).width, 13);
			assert_eq!(priced(expiry).entries.len(), 13 * 2 * strikes(expiry).len());
		}
	});
}

#[test]
fn pause_should_reduce_only_and_list_nothing_new() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let expiry = expiries()[1];
		let series = Options::series(b"BTC".to_vec(), expiry, strikes(expiry)[0], kind()).unwrap();
		assert_eq!(<Options as Markets>::status(&series), SeriesStatus::Trading);
		assert_ok!(Options::set_paused(root(), BTC, true));
		assert_eq!(<Options as Markets>::status(&series), SeriesStatus::ReduceOnly);
		let before = strikes(expiry);
		publish(BTC, usd(120_000));
		block(2 * crate::calendar::DAY);
		publish(BTC, usd(120_000));
		block(500);
		assert_eq!(strikes(expiry), before);
		assert_eq!(priced(expiry).spot.price, usd(120_000));
		assert_eq!(expiries().len(), 2);
		let listed = Options::list_strike(RuntimeOrigin::signed(1), BTC, expiry, 100_000 * USD);
		assert_noop!(listed, Error::<Test>::UnderlyingPaused);

		assert_ok!(Options::set_paused(root(), BTC, false));
		assert!(events().contains(&Event::PausedChanged { underlying: BTC, paused: false }));
		block(500);
		assert_eq!(<Options as Markets>::status(&series), SeriesStatus::Trading);
		assert_eq!(expiries().len(), 3);
		assert!(strikes(expiry).len() > before.len());
	});
}

fn kind() -> ballast_exchange::OptionKind {
	ballast_exchange::OptionKind::Call
}

#[test]
#[should_panic(expected = "genesis: underlying BTC")]
fn genesis_should_refuse_a_symbol_taken() {
	let _ = TestExt::new().underlying(2, "BTC").build();
}

#[test]
fn genesis_should_be_read_from_json() {
	let json = r#"{"underlyings":[{"id":1,"symbol":"BTC","terms":{"lots_per_contract":100,"tick":10000,
		"min_order_lots":1,"max_order_lots":100000,"max_open_interest":10000000,"base_asset":2,
		"maker_fee_ppb":100000,"taker_fee_ppb":300000,"fee_cap_ppb":125000000},
		"schedule":{"minutes":{"period_minutes":5,"count":2},"dailies":2,"weeklies":1,"monthlies":1,
		"quarterlies":1,"strikes_each_side":5,"strike_step_ppb":50000000}}]}"#;
	let genesis: crate::GenesisConfig<Test> = serde_json::from_str(json).unwrap();
	assert_eq!(genesis.underlyings[0].terms, terms());
	let mut ext: sp_io::TestExternalities = genesis.build_storage().unwrap().into();
	let checked = ext.execute_with(Options::do_try_state);
	assert_eq!(checked, Ok(()));
}
