// SPDX-License-Identifier: Apache-2.0

//! Benchmarks of the calls and of each unit of work of the hooks, at their bounds.

use super::*;
use alloc::vec::Vec;
use ballast_exchange::{
	ExpiryPrice, MarketTerms, Moment, PortfolioModel, Ppb, Price, PriceSource, Scenarios,
	SpotPrice, SviParameters, UnderlyingId,
};
use ballast_risk::{StandardParameters, DEFAULT_SCENARIOS, MAX_SCENARIOS};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Unbalanced},
		tokens::Precision,
		EnsureOrigin, Get, Time,
	},
	weights::WeightMeter,
};
use frame_system::RawOrigin;
use sp_runtime::traits::Saturating;

const ID: UnderlyingId = 1;
const USD: u64 = 1_000_000;
const DOLLARS: i64 = 95_000;

type Origin<T> = <T as frame_system::Config>::RuntimeOrigin;

fn governance<T: Config>() -> Result<Origin<T>, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

fn terms(id: UnderlyingId) -> MarketTerms {
	MarketTerms {
		lots_per_contract: 100,
		tick: 10_000,
		min_order_lots: 1,
		max_order_lots: 100_000,
		max_open_interest: 10_000_000,
		base_asset: u32::from(id) + 1_000_000,
		maker_fee_ppb: 100_000,
		taker_fee_ppb: 300_000,
		fee_cap_ppb: 125_000_000,
	}
}

fn symbol(id: UnderlyingId) -> Symbol {
	Symbol::truncate_from(alloc::format!("B{id}").into_bytes())
}

/// Every rule at once, as many as fit.
fn schedule(strikes_each_side: u8) -> Schedule {
	Schedule {
		minutes: Some(Minutes { period_minutes: 60, count: 3 }),
		dailies: 2,
		weeklies: 3,
		monthlies: 2,
		quarterlies: 2,
		strikes_each_side,
		strike_step_ppb: 50_000_000,
	}
}

/// A chain with underlyings 1 to `count` and none of the genesis.
fn only<T: Config>(count: u16, schedule: Schedule) -> Result<(), BenchmarkError> {
	Agenda::<T>::kill();
	PendingRepricing::<T>::kill();
	let _ = Underlyings::<T>::clear(u32::MAX, None);
	let _ = BaseAssets::<T>::clear(u32::MAX, None);
	let _ = Expiries::<T>::clear(u32::MAX, None);
	let _ = Drifts::<T>::clear(u32::MAX, None);
	for id in 1..=count {
		Pallet::<T>::do_create_underlying(id, symbol(id), terms(id), schedule)?;
	}
	Ok(())
}

/// Twelve live expiries without strikes, the first at `first`.
fn twelve<T: Config>(id: UnderlyingId, first: Moment) {
	for index in 0..u64::from(MAX_LIVE_EXPIRIES) {
		Pallet::<T>::set_up_expiry(id, first + index * calendar::DAY, Vec::new());
	}
}

fn forward() -> Price {
	Price::from_usd(DOLLARS).unwrap_or_default()
}

/// A round with a slice for one expiry, of a volatility of one a year.
fn publish<T: Config>(id: UnderlyingId, expiry: Moment) -> Result<(), BenchmarkError> {
	publish_variance::<T>(id, expiry, 1)
}

fn publish_variance<T: Config>(
	id: UnderlyingId,
	expiry: Moment,
	variance: i64,
) -> Result<(), BenchmarkError> {
	let slice = ballast_pricing::Real::from_int(variance)
		.and_then(|variance| terms::flat_slice(forward(), variance))
		.map_err(|_| BenchmarkError::Stop("the slice is valid"))?;
	let price = ExpiryPrice {
		forward: forward(),
		forward_confidence: Ppb::ONE,
		rate: Ppb(40_000_000),
		rate_confidence: Ppb::ONE,
		svi: SviParameters::from(&slice),
		vol_confidence: Ppb::ONE,
	};
	let spot = SpotPrice { price: forward(), confidence: Ppb::ONE };
	T::Prices::set_round(id, spot, alloc::vec![(expiry, price)]);
	Ok(())
}

/// `count` strikes: those the schedule wants around the forward, then far ones.
fn strikes_of(life: Moment, share_ppb: u32, count: u32) -> Vec<u64> {
	let step = strikes::step(forward(), share_ppb, life);
	let far = (1..).map(|index| 1_000_000 * USD + index * step);
	strikes::around(forward(), step, 20).chain(far).take(count as usize).collect()
}

fn funded<T: Config>(index: u32) -> Result<T::AccountId, BenchmarkError> {
	let who: T::AccountId = account("lister", index, 0);
	let amount = T::StrikeDeposit::get()
		.saturating_add(T::Currency::minimum_balance())
		.saturating_mul(10u32.into());
	T::Currency::increase_balance(&who, amount, Precision::Exact)?;
	Ok(who)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn create_underlying() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		only::<T>(15, schedule(10))?;

		#[extrinsic_call]
		_(origin, 16, symbol(16), terms(16), schedule(10));

		assert!(Underlyings::<T>::contains_key(16));
		Ok(())
	}

	#[benchmark]
	fn set_terms() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		only::<T>(1, schedule(10))?;
		let changed = MarketTerms { base_asset: 7_654_321, ..terms(ID) };

		#[extrinsic_call]
		_(origin, ID, changed);

		assert_eq!(BaseAssets::<T>::get(7_654_321), Some(ID));
		Ok(())
	}

	#[benchmark]
	fn set_schedule() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		only::<T>(1, schedule(10))?;
		twelve::<T>(ID, T::Time::now() + calendar::DAY);
		PendingRepricing::<T>::kill();

		#[extrinsic_call]
		_(origin, ID, schedule(20));

		assert_eq!(PendingRepricing::<T>::get().len(), 12);
		Ok(())
	}

	#[benchmark]
	fn set_portfolio_model() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		only::<T>(1, schedule(10))?;
		twelve::<T>(ID, T::Time::now() + calendar::DAY);
		PendingRepricing::<T>::kill();
		for entry in Expiries::<T>::get(ID) {
			let total_vols = alloc::vec![0; MAX_STRIKES as usize];
			let total_vols = frame_support::BoundedVec::truncate_from(total_vols);
			let reference = Reference { terms: Default::default(), total_vols };
			References::<T>::insert(ID, entry.expiry, reference);
		}
		let scenarios = DEFAULT_SCENARIOS.iter().cycle().take(MAX_SCENARIOS).copied().collect();
		let scenarios = Scenarios::truncate_from(scenarios);
		let model = PortfolioModel { scenarios, ..default_portfolio_model() };

		#[extrinsic_call]
		_(origin, ID, model.clone());

		assert_eq!(PortfolioModels::<T>::get(ID), Some(model));
		Ok(())
	}

	#[benchmark]
	fn set_standard_parameters() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		only::<T>(1, schedule(10))?;
		let parameters =
			StandardParameters { spot_max: Ppb(200_000_000), ..StandardParameters::DEFAULT };

		#[extrinsic_call]
		_(origin, ID, parameters);

		assert_eq!(StandardModels::<T>::get(ID), Some(parameters));
		Ok(())
	}

	#[benchmark]
	fn set_paused() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		only::<T>(1, schedule(10))?;
		twelve::<T>(ID, T::Time::now() + calendar::DAY);
		PendingRepricing::<T>::kill();
		Underlyings::<T>::mutate(ID, |record| {
			if let Some(record) = record {
				record.paused = true;
			}
		});

		#[extrinsic_call]
		_(origin, ID, false);

		assert_eq!(PendingRepricing::<T>::get().len(), 12);
		Ok(())
	}

	#[benchmark]
	fn list_strike() -> Result<(), BenchmarkError> {
		only::<T>(1, schedule(10))?;
		let expiry = T::Time::now() + 30 * calendar::DAY;
		let far = strikes_of(30 * calendar::DAY, 50_000_000, MAX_STRIKES - 1);
		Pallet::<T>::set_up_expiry(ID, expiry, far);
		PendingRepricing::<T>::kill();
		publish::<T>(ID, expiry)?;
		let who = funded::<T>(0)?;
		let deposit =
			StrikeDeposit { strike: 1, who: who.clone(), amount: T::StrikeDeposit::get() };
		let most = MAX_REQUESTED_STRIKES as usize - 1;
		let deposits = StrikeDeposits::truncate_from(alloc::vec![deposit; most]);
		Deposits::<T>::insert(ID, expiry, deposits);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), ID, expiry, 95_500 * USD);

		assert_eq!(Deposits::<T>::get(ID, expiry).len(), most + 1);
		Ok(())
	}

	#[benchmark]
	fn check_agenda(u: Linear<0, MAX_UNDERLYINGS>) -> Result<(), BenchmarkError> {
		let count = u16::try_from(u).unwrap_or(u16::MAX);
		only::<T>(count, schedule(10))?;
		for id in 1..=count {
			twelve::<T>(id, T::Time::now() + calendar::DAY);
		}
		PendingRepricing::<T>::kill();
		QuoteReference::<T>::put(Ppb(900_000_000));

		#[block]
		{
			Pallet::<T>::measure_quote_price();
			let (mut agenda, mut queue) = (Agenda::<T>::get(), PendingRepricing::<T>::get());
			let _ = AwaitingPrice::<T>::get();
			for entry in agenda.iter_mut() {
				Pallet::<T>::note_round(entry, &mut queue);
			}
			Agenda::<T>::put(agenda);
			PendingRepricing::<T>::put(queue);
		}

		assert_eq!(PendingRepricing::<T>::get().len(), 12 * u as usize);
		Ok(())
	}

	#[benchmark]
	fn check_schedule() -> Result<(), BenchmarkError> {
		only::<T>(1, schedule(10))?;
		let now = T::Time::now();
		let mut entry = AgendaEntry { underlying: ID, round: None, due: 0 };
		let (mut queue, mut meter) = (ExpiryQueue::new(), WeightMeter::new());
		Pallet::<T>::tend(&mut entry, now, &mut queue, &mut meter);
		let listed = queue.len();

		#[block]
		{
			Pallet::<T>::tend(&mut entry, now, &mut queue, &mut meter);
		}

		assert!(entry.due > now && queue.len() == listed);
		Ok(())
	}

	#[benchmark]
	fn expire_expiry() -> Result<(), BenchmarkError> {
		only::<T>(1, schedule(10))?;
		let now = T::Time::now();
		twelve::<T>(ID, now);
		let (mut queue, mut meter) = (PendingRepricing::<T>::get(), WeightMeter::new());

		#[block]
		{
			let mut list = Expiries::<T>::get(ID);
			Pallet::<T>::expire_due(ID, &mut list, now, &mut queue, &mut meter);
			Expiries::<T>::insert(ID, list);
		}

		assert!(AwaitingPrice::<T>::get().contains(&(ID, now)));
		Ok(())
	}

	#[benchmark]
	fn list_expiry() -> Result<(), BenchmarkError> {
		only::<T>(1, schedule(10))?;
		let now = T::Time::now();
		twelve::<T>(ID, now + calendar::DAY);

		#[block]
		{
			let mut list = Expiries::<T>::get(ID);
			Pallet::<T>::list_expiry(ID, now + 1, &mut list, now);
			Expiries::<T>::insert(ID, list);
		}

		assert!(Listings::<T>::contains_key(ID, now + 1));
		Ok(())
	}

	#[benchmark]
	fn take_settlement_price() -> Result<(), BenchmarkError> {
		only::<T>(1, schedule(10))?;
		let now = T::Time::now();
		twelve::<T>(ID, now);
		let (mut queue, mut meter) = (ExpiryQueue::new(), WeightMeter::new());
		let mut list = Expiries::<T>::get(ID);
		Pallet::<T>::expire_due(ID, &mut list, now, &mut queue, &mut meter);
		Expiries::<T>::insert(ID, list);

		#[block]
		{
			let _ = T::Prices::settlement(ID, now);
			Pallet::<T>::begin_settling((ID, now), forward(), &mut queue);
		}

		assert!(SettlingQueue::<T>::get().contains(&(ID, now)));
		Ok(())
	}

	#[benchmark]
	fn reprice_expiry(n: Linear<0, MAX_STRIKES>) -> Result<(), BenchmarkError> {
		// As many as are listed, so that none is missing.
		let each_side = u8::try_from(n / 2).unwrap_or(u8::MAX).clamp(1, 20);
		only::<T>(1, schedule(each_side))?;
		let now = T::Time::now();
		let expiry = now + 30 * calendar::DAY;
		let strikes = strikes_of(30 * calendar::DAY, 50_000_000, n);
		// Listed and priced, so that the odometer advances and a reference is replaced.
		Pallet::<T>::set_up_expiry(ID, expiry, strikes.clone());
		publish_variance::<T>(ID, expiry, 4)?;
		Pallet::<T>::set_up_expiry(ID, expiry, strikes);
		let travelled = Drifts::<T>::get(ID);
		publish::<T>(ID, expiry)?;
		let (mut queue, mut meter) = (ExpiryQueue::new(), WeightMeter::new());
		enqueue(&mut queue, (ID, expiry));

		#[block]
		{
			Pallet::<T>::reprice_pending(&mut queue, now, &mut meter);
		}

		let priced = Priced::<T>::get(ID, expiry).map(|priced| priced.strikes.len());
		assert!(priced >= Some(n as usize));
		assert!(n == 0 || Drifts::<T>::get(ID) > travelled);
		Ok(())
	}

	#[benchmark]
	fn remove_expiry(d: Linear<0, MAX_REQUESTED_STRIKES>) -> Result<(), BenchmarkError> {
		only::<T>(1, schedule(10))?;
		let now = T::Time::now();
		let expiry = now + 30 * calendar::DAY;
		publish::<T>(ID, expiry)?;
		Pallet::<T>::set_up_expiry(ID, expiry, strikes_of(30 * calendar::DAY, 50_000_000, 48));
		for index in 0..d {
			let strike = (95_500 + 500 * u64::from(index) * 10) * USD;
			Pallet::<T>::do_list_strike(funded::<T>(index)?, ID, expiry, strike)?;
		}
		let mut meter = WeightMeter::new();
		RemovalQueue::<T>::mutate(|removal| enqueue(removal, (ID, expiry)));

		#[block]
		{
			Pallet::<T>::remove_pruned(&mut meter);
		}

		assert!(!Listings::<T>::contains_key(ID, expiry));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::TestExt::new().build(), crate::mock::Test);
}
