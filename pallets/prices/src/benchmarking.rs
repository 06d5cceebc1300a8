// SPDX-License-Identifier: Apache-2.0
//! Benchmarks of the calls and of the steps after the inherents.

use super::*;
use crate::{
	aggregate::Scene,
	average::{Sum, Window},
	report::check_arbitrage,
};
use alloc::vec::Vec;
use ballast_exchange::{
	BenchmarkHelper, ExpiryReport, ListedExpiries, Moment, Ppb, Price, PriceReport, SeriesId,
	SviParameters, UnderlyingId, UnderlyingReport, MAX_REPORTED_EXPIRIES, MAX_REPORTED_UNDERLYINGS,
};
use ballast_pricing::{PreparedSlice, Real, SviSlice};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Get, Time},
	BoundedVec,
};

const SPOT: i64 = 95_000;

fn usd(usd: i64) -> Price {
	Price::from_usd(usd).unwrap_or(Price::MAX)
}

/// A flat slice of an expiry: 60 % a year at `days` days.
fn flat(days: u32) -> Result<SviSlice, BenchmarkError> {
	let make = || -> ballast_pricing::Result<SviSlice> {
		let tau = Real::from_ratio(days.into(), 365)?;
		let variance = Real::from_ppb(360_000_000)?.checked_mul(tau)?;
		let sigma = Real::from_ratio(1, 10)?;
		SviSlice::new(variance, Real::ZERO, Real::ZERO, Real::ZERO, sigma, usd(SPOT), tau)
	};
	make().map_err(|_| BenchmarkError::Stop("a flat slice is valid"))
}

fn prepared(days: u32) -> Result<PreparedSlice, BenchmarkError> {
	flat(days)?.prepare().map_err(|_| BenchmarkError::Stop("a flat slice can be prepared"))
}

/// A report of one underlying with these expiries.
fn underlying_report(
	underlying: UnderlyingId,
	expiries: &[Moment],
) -> Result<UnderlyingReport, BenchmarkError> {
	let mut reports = Vec::new();
	for (days, expiry) in (1..).zip(expiries) {
		let svi = SviParameters::from(&flat(days)?);
		reports.push(ExpiryReport { expiry: *expiry, forward: usd(SPOT), rate: Ppb::ZERO, svi });
	}
	Ok(UnderlyingReport {
		underlying,
		spot: usd(SPOT),
		expiries: BoundedVec::truncate_from(reports),
	})
}

/// Lists a market and returns its underlying with its expiries.
fn market<T: Config>(
	expiries: u32,
	strikes: u32,
) -> Result<(UnderlyingId, Vec<Moment>), BenchmarkError> {
	let series: Vec<SeriesId> = T::BenchmarkHelper::market(expiries, strikes);
	let first = series.first().ok_or(BenchmarkError::Stop("the helper lists series"))?;
	Ok((first.underlying, T::Listed::expiries(first.underlying)))
}

/// Stores reports of `count` authors made now: every underlying there can be, the first of them being
/// `underlying`, with these expiries.
fn store_reports<T: Config>(
	count: u32,
	underlying: UnderlyingId,
	expiries: &[Moment],
) -> Result<(), BenchmarkError> {
	let at = T::Time::now();
	let mut underlyings = Vec::from([underlying_report(underlying, expiries)?]);
	for other in 1..MAX_REPORTED_UNDERLYINGS as UnderlyingId {
		underlyings.push(underlying_report(UnderlyingId::MAX - other, expiries)?);
	}
	let report = StoredReport {
		at,
		quote_price: Some(Ppb::ONE),
		underlyings: BoundedVec::truncate_from(underlyings),
	};
	let mut recent = Vec::new();
	for index in 0..count {
		let author: T::AccountId = account("author", index, 0);
		Reports::<T>::insert(&author, report.clone());
		recent.push((author, at));
	}
	Recent::<T>::put(BoundedVec::truncate_from(recent));
	QuotePrice::<T>::kill();
	Ok(())
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// The report of one underlying, by the number of its expiries. The strikes come with `check_strikes`.
	#[benchmark]
	fn report(e: Linear<0, MAX_REPORTED_EXPIRIES>) -> Result<(), BenchmarkError> {
		let (underlying, expiries) = market::<T>(MAX_REPORTED_EXPIRIES, 1)?;
		let expiries = expiries.get(..e as usize).unwrap_or(&expiries);
		let underlyings =
			BoundedVec::truncate_from(Vec::from([underlying_report(underlying, expiries)?]));
		// The worst author: unknown so far, and the list is full.
		store_reports::<T>(MAX_RECENT_AUTHORS, underlying, expiries)?;
		let author: T::AccountId = account("newcomer", 0, 0);
		let submitted = PriceReport { quote_price: Ppb::ONE, underlyings };

		#[block]
		{
			let block = frame_system::Pallet::<T>::block_number();
			let known = ReportedIn::<T>::get();
			let _ = T::Author::get();
			ReportedIn::<T>::put(known.unwrap_or(block));
			Pallet::<T>::do_report_of(author.clone(), submitted);
		}

		let stored = Reports::<T>::get(&author).ok_or(BenchmarkError::Stop("it is stored"))?;
		assert_eq!(
			stored.underlyings.iter().map(|known| known.expiries.len()).sum::<usize>(),
			e as usize
		);
		Ok(())
	}

	/// One slice against arbitrage on its strikes and those of the expiry before.
	#[benchmark]
	fn check_strikes(s: Linear<1, MAX_STRIKES>) -> Result<(), BenchmarkError> {
		let (earlier, later) = (prepared(30)?, prepared(60)?);
		let strikes: Vec<Price> = (0..s).map(|i| usd(60_000 + 1_000 * i64::from(i))).collect();
		let result;

		#[block]
		{
			result = check_arbitrage(Some((&earlier, &strikes)), &later, &strikes);
		}

		assert!(result.is_ok());
		Ok(())
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin =
			T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let parameters = PriceParameters { quorum: 7, ..Default::default() };

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);

		assert_eq!(Parameters::<T>::get(), parameters);
		Ok(())
	}

	/// The largest reports there can be.
	#[benchmark]
	fn load_reports(n: Linear<0, MAX_RECENT_AUTHORS>) -> Result<(), BenchmarkError> {
		let (underlying, expiries) = market::<T>(MAX_REPORTED_EXPIRIES, 1)?;
		store_reports::<T>(n, underlying, &expiries)?;
		let scene;

		#[block]
		{
			let _ = Recent::<T>::decode_len();
			let _ = T::Listed::underlyings();
			NextUnderlying::<T>::set(NextUnderlying::<T>::get());
			scene = Pallet::<T>::load_reports();
			Pallet::<T>::update_quote_price(&scene);
		}

		assert_eq!(scene.reports.len(), n as usize);
		Ok(())
	}

	/// A round from `n` reports with every expiry, while as many windows as there can be end.
	#[benchmark]
	fn advance(n: Linear<1, MAX_RECENT_AUTHORS>) -> Result<(), BenchmarkError> {
		let (underlying, expiries) = market::<T>(MAX_REPORTED_EXPIRIES, 1)?;
		store_reports::<T>(n, underlying, &expiries)?;
		let now = T::Time::now();
		let mut scene: Scene = Pallet::<T>::load_reports();
		scene.parameters.quorum = 1;
		// Older than the reports, whatever the helper has set.
		Rounds::<T>::remove(underlying);
		let windows: Vec<Window> = (0..u64::from(MAX_WINDOWS))
			.map(|back| now.saturating_sub(back))
			.map(|expiry| Window { expiry, start: expiry, opening: Sum::default() })
			.collect();
		Feeds::<T>::mutate(underlying, |feed| {
			feed.windows = BoundedVec::truncate_from(windows);
		});

		#[block]
		{
			Pallet::<T>::advance(underlying, &scene);
		}

		assert_eq!(Rounds::<T>::get(underlying).map(|round| round.number), Some(1));
		// A listing of minutes may open others.
		assert!(Feeds::<T>::get(underlying).windows.iter().all(|window| window.expiry > now));
		Ok(())
	}

	impl_benchmark_test_suite! {
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	}
}
