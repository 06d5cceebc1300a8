// SPDX-License-Identifier: Apache-2.0
//! Benchmarks of the calls, of one margin evaluation and of the steps of settlement, with worst-case accounts.

use super::*;
use alloc::vec::Vec;
use ballast_exchange::{
	Account, AccountKey, AssetId, BenchmarkHelper as _, Clearing as _, Custody as _, Lots,
	MarginKind, Markets, OpenOrder, Position, Ppb, Price, RiskWatch as _, SeriesId, Side,
	MAX_POSITIONS, MAX_RESTING_ORDERS,
};
use frame_benchmarking::v2::*;
use frame_support::traits::EnsureOrigin;
use frame_system::RawOrigin;

type Helper<T> = <T as Config>::BenchmarkHelper;

/// What every account is funded with: a thousand million dollars.
const FUNDS: u128 = 1_000_000_000_000_000;
const DEPOSIT: u128 = 500_000_000_000_000;
/// A position of one lot asks for little, whatever the market of the runtime.
const LOT: Lots = 1;

/// An owner with the settlement asset and the collateral asset.
fn funded<T: Config>(index: u32) -> T::AccountId {
	let owner: T::AccountId = account("owner", index, 0);
	let (cash, collateral) = Helper::<T>::assets();
	Helper::<T>::fund(&owner, cash, FUNDS);
	Helper::<T>::fund(&owner, collateral, 1_000_000_000);
	owner
}

fn accept_collateral<T: Config>(series: &[SeriesId]) -> AssetId {
	let (_, collateral) = Helper::<T>::assets();
	let underlying = series.first().expect("the market lists series").underlying;
	let terms = CollateralTerms {
		units_per_token: 100_000_000,
		underlying,
		haircut_initial_ppb: 0,
		haircut_maintenance_ppb: 0,
		cap: u128::MAX,
	};
	Collaterals::<T>::insert(collateral, terms);
	collateral
}

/// `p` series for positions and `o` for orders, each part spread over the expiries round and round.
fn choose(series: &[SeriesId], p: u32, o: u32) -> (Vec<SeriesId>, Vec<SeriesId>) {
	let mut moments: Vec<u64> = series.iter().map(|id| id.expiry).collect();
	moments.dedup();
	let per_expiry = series.len() / moments.len();
	let at = |n: usize| series[n % moments.len() * per_expiry + n / moments.len() % per_expiry];
	let mut positions: Vec<SeriesId> = (0..p as usize).map(at).collect();
	positions.sort();
	let orders = (0..o as usize).map(|n| at(p as usize + n)).collect();
	(positions, orders)
}

/// Account 0 of a funded owner with collateral, `p` long positions and `o` resting orders.
fn with_book<T: Config>(
	owner: u32,
	margin: fn(&SeriesId) -> MarginKind,
	series: &[SeriesId],
	p: u32,
	o: u32,
) -> Result<KeyOf<T>, BenchmarkError> {
	let collateral = accept_collateral::<T>(series);
	let (cash, _) = Helper::<T>::assets();
	let owner = funded::<T>(owner);
	let origin = || RawOrigin::Signed(owner.clone()).into();
	Pallet::<T>::open_account(origin(), 0, margin(&series[0]))?;
	Pallet::<T>::deposit(origin(), 0, cash, DEPOSIT).map_err(|it| it.error)?;
	Pallet::<T>::deposit(origin(), 0, collateral, 100_000_000).map_err(|it| it.error)?;
	let key = AccountKey { owner, index: 0 };
	let mut account = Accounts::<T>::get(&key).ok_or("the account is open")?;
	add_book::<T>(&mut account, series, p, o);
	Pallet::<T>::do_store(&key, account)?;
	Ok(key)
}

fn add_book<T: Config>(account: &mut Account, series: &[SeriesId], p: u32, o: u32) {
	let (positions, orders) = choose(series, p, o);
	for series in positions {
		OpenInterest::<T>::insert(series, LOT);
		let position = Position { series, lots: LOT };
		account.positions.try_push(position).expect("at most 128 positions");
	}
	for series in orders {
		let order = OpenOrder {
			id: account.next_order,
			client_id: Some(account.next_order),
			series,
			side: if account.next_order.is_multiple_of(2) { Side::Buy } else { Side::Sell },
			price: 1_000_000,
			lots: LOT,
			reduce_only: false,
			good_till: None,
		};
		account.next_order += 1;
		account.orders.try_push(order).expect("at most 64 orders");
	}
}

/// An account with `p` positions and `o` orders, and its prices loaded.
fn evaluable<T: Config>(
	margin: fn(&SeriesId) -> MarginKind,
	series: &[SeriesId],
	p: u32,
	o: u32,
) -> Result<(Account, PriceCache), BenchmarkError> {
	let key = with_book::<T>(0, margin, series, p, o)?;
	let account = Accounts::<T>::get(&key).ok_or("the account is open")?;
	let mut cache = PriceCache::default();
	Pallet::<T>::evaluate(&mut cache, &account).map_err(|_| "prices are there")?;
	Ok((account, cache))
}

/// Makes every position of an account that many lots.
fn set_lots<T: Config>(key: &KeyOf<T>, lots: Lots) -> Result<(), BenchmarkError> {
	let mut account = Accounts::<T>::get(key).ok_or("the account is open")?;
	for position in account.positions.iter_mut() {
		position.lots = lots;
		OpenInterest::<T>::insert(position.series, lots.abs());
	}
	Ok(Pallet::<T>::do_store(key, account)?)
}

/// Two accounts on the two sides of `p` series, three lots each, with `o` orders each.
fn two_sides<T: Config>(p: u32, o: u32) -> Result<(KeyOf<T>, KeyOf<T>), BenchmarkError> {
	let series = Helper::<T>::market(12, 64);
	let long = with_book::<T>(0, portfolio, &series, p, o)?;
	let short = with_book::<T>(1, portfolio, &series, p, o)?;
	set_lots::<T>(&short, -3)?;
	set_lots::<T>(&long, 3)?;
	Ok((long, short))
}

/// Takes a third of an account out and adds it to another, with a payment of the insurance fund.
fn hand_slice<T: Config>(
	from: (&KeyOf<T>, Account),
	to: (&KeyOf<T>, Account),
) -> Result<(), BenchmarkError> {
	let ((from, mut giver), (to, mut taker)) = (from, to);
	let part = Pallet::<T>::split(&mut giver, Ppb(400_000_000), 0)?;
	Pallet::<T>::merge(from, part, to, &mut taker)?;
	Pallet::<T>::draw_insurance(1, to, &mut taker)?;
	Pallet::<T>::store(from, giver)?;
	Ok(Pallet::<T>::store(to, taker)?)
}

fn portfolio(series: &SeriesId) -> MarginKind {
	MarginKind::Portfolio(series.underlying)
}

fn standard(_: &SeriesId) -> MarginKind {
	MarginKind::Standard
}

fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn open_account() -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(1, 1);
		let owner = funded::<T>(0);
		let margin = portfolio(&series[0]);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), 7, margin);

		assert!(Accounts::<T>::contains_key(AccountKey { owner, index: 7 }));
		Ok(())
	}

	#[benchmark]
	fn close_account() -> Result<(), BenchmarkError> {
		let owner = funded::<T>(0);
		Pallet::<T>::open_account(
			RawOrigin::Signed(owner.clone()).into(),
			0,
			MarginKind::Standard,
		)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), 0);

		assert!(!Accounts::<T>::contains_key(AccountKey { owner, index: 0 }));
		Ok(())
	}

	#[benchmark]
	fn set_margin(p: Linear<0, 128>, o: Linear<0, 64>) -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(12, 64);
		let key = with_book::<T>(0, standard, &series, p, o)?;
		let margin = portfolio(&series[0]);

		#[extrinsic_call]
		_(RawOrigin::Signed(key.owner.clone()), 0, margin);

		assert_eq!(Accounts::<T>::get(&key).map(|account| account.margin), Some(margin));
		Ok(())
	}

	#[benchmark]
	fn deposit(p: Linear<0, 128>, o: Linear<0, 64>) -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(12, 64);
		let key = with_book::<T>(0, portfolio, &series, p, o)?;
		let (_, collateral) = Helper::<T>::assets();

		#[extrinsic_call]
		_(RawOrigin::Signed(key.owner.clone()), 0, collateral, 5);

		let held = Accounts::<T>::get(&key).map(|account| account.collateral[0]);
		assert_eq!(held, Some((collateral, 100_000_005)));
		Ok(())
	}

	#[benchmark]
	fn withdraw(p: Linear<1, 128>, o: Linear<0, 64>) -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(12, 64);
		let key = with_book::<T>(0, portfolio, &series, p, o)?;
		let (_, collateral) = Helper::<T>::assets();

		#[extrinsic_call]
		_(RawOrigin::Signed(key.owner.clone()), 0, collateral, 100_000_000);

		assert!(Accounts::<T>::get(&key).is_some_and(|account| account.collateral.is_empty()));
		Ok(())
	}

	#[benchmark]
	fn move_assets(p: Linear<1, 128>, o: Linear<0, 64>) -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(12, 64);
		let key = with_book::<T>(0, portfolio, &series, p, o)?;
		let to = AccountKey { owner: key.owner.clone(), index: 1 };
		let origin = RawOrigin::Signed(key.owner.clone());
		Pallet::<T>::open_account(origin.clone().into(), 1, portfolio(&series[0]))?;
		let mut account = Accounts::<T>::get(&to).ok_or("the account is open")?;
		add_book::<T>(&mut account, &series, p, o);
		Pallet::<T>::do_store(&to, account)?;
		let (_, collateral) = Helper::<T>::assets();

		#[extrinsic_call]
		_(origin, 0, 1, collateral, 100_000_000);

		assert!(Accounts::<T>::get(&to).is_some_and(|account| !account.collateral.is_empty()));
		Ok(())
	}

	#[benchmark]
	fn fund_insurance() -> Result<(), BenchmarkError> {
		let owner = funded::<T>(0);
		let before = Insurance::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), 1_000_000);

		assert_eq!(Insurance::<T>::get(), before + 1_000_000);
		Ok(())
	}

	#[benchmark]
	fn set_collateral() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let series = Helper::<T>::market(1, 1);
		let asset = accept_collateral::<T>(&series);
		Helper::<T>::fund(&account("owner", 0, 0), asset, 1_000_000);
		// Other units while nobody holds it, and a higher haircut, which the watch learns of.
		let terms = Collaterals::<T>::get(asset).map(|terms| CollateralTerms {
			units_per_token: 1_000_000,
			haircut_maintenance_ppb: 1,
			..terms
		});

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, asset, terms);

		assert_eq!(Collaterals::<T>::get(asset), terms);
		Ok(())
	}

	#[benchmark]
	fn set_debt_cap() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, 77);

		assert_eq!(DebtCap::<T>::get(), 77);
		Ok(())
	}

	#[benchmark]
	fn collect_fees() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let (cash, _) = Helper::<T>::assets();
		Helper::<T>::fund(&Pallet::<T>::account_id(), cash, FUNDS);
		Held::<T>::insert(cash, FUNDS);
		FeesCollected::<T>::put(FUNDS);
		let to: T::AccountId = account("treasury", 0, 0);
		Helper::<T>::fund(&to, cash, 1_000_000);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, to, 1_000_000);

		assert_eq!(FeesCollected::<T>::get(), FUNDS - 1_000_000);
		Ok(())
	}

	#[benchmark]
	fn retry_settlement(p: Linear<0, 128>, o: Linear<0, 64>) -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let series = Helper::<T>::market(1, 64);
		let SeriesId { underlying, expiry, .. } = series[0];
		let key = with_book::<T>(0, portfolio, &series, p, o)?;
		Holders::<T>::remove((underlying, expiry), &key);
		Helper::<T>::expire((underlying, expiry));
		let settling = T::Markets::next_settling().ok_or("the expiry has its price")?;
		Unsettled::<T>::insert((underlying, expiry), &key, settling.price);
		let suspense = i128::pow(10, 18);
		let mut progress = SettlementProgress { skipped: 1, suspense, ..Default::default() };
		// The other side was settled before.
		for held in Accounts::<T>::get(&key).ok_or("the account is open")?.positions {
			progress.count(&held.series, -held.lots);
		}
		Settlements::<T>::insert((underlying, expiry), progress);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, key.owner.clone(), key.index, underlying, expiry);

		assert!(!Unsettled::<T>::contains_key((underlying, expiry), &key));
		Ok(())
	}

	#[benchmark]
	fn load_market() -> Result<(), BenchmarkError> {
		let underlying = Helper::<T>::market(1, 1)[0].underlying;
		let mut cache = PriceCache::default();

		#[block]
		{
			cache.load_quote::<T::Markets>();
			cache.load_spot::<T::Markets>(underlying);
			cache.load_terms::<T::Markets>(underlying);
			// Portfolio margin has the larger rules.
			cache.load_portfolio::<T::Markets>(underlying);
			cache.load_watched(underlying, || cache::Watched {
				conditions: T::Watch::conditions(underlying),
				swept: T::Watch::is_swept(underlying),
			});
		}

		assert_eq!((cache.loaded().markets, cache.portfolio.len()), (1, 1));
		Ok(())
	}

	#[benchmark]
	fn load_expiry(s: Linear<1, 64>) -> Result<(), BenchmarkError> {
		let SeriesId { underlying, expiry, .. } = Helper::<T>::market(1, s)[0];
		let mut cache = PriceCache::default();

		#[block]
		{
			cache.load_expiry::<T::Markets>((underlying, expiry));
		}

		assert_eq!(cache.loaded().strikes, s);
		Ok(())
	}

	#[benchmark]
	fn load_open_interest(s: Linear<0, 256>) -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(12, 64);
		series.iter().for_each(|series| OpenInterest::<T>::insert(series, LOT));
		let mut cache = PriceCache::default();

		#[block]
		{
			for series in series.iter().take(s as usize) {
				cache.load_open_interest(*series, || OpenInterest::<T>::get(series));
			}
		}

		assert_eq!(cache.loaded().interests, s);
		Ok(())
	}

	#[benchmark]
	fn margin_portfolio(p: Linear<0, 128>, o: Linear<0, 64>) -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(12, 64);
		let (account, mut cache) = evaluable::<T>(portfolio, &series, p, o)?;
		let evaluated;

		#[block]
		{
			evaluated = Pallet::<T>::evaluate(&mut cache, &account);
		}

		assert!(evaluated.is_ok());
		Ok(())
	}

	#[benchmark]
	fn margin_standard(p: Linear<0, 128>, o: Linear<0, 64>) -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(1, 64);
		let (account, mut cache) = evaluable::<T>(standard, &series, p, o)?;
		let evaluated;

		#[block]
		{
			evaluated = Pallet::<T>::evaluate(&mut cache, &account);
		}

		assert!(evaluated.is_ok());
		Ok(())
	}

	#[benchmark]
	fn safety_portfolio(e: Linear<1, 12>, p: Linear<0, 128>) -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(e, 64);
		let (account, mut cache) = evaluable::<T>(portfolio, &series, p, 0)?;
		let safety;

		#[block]
		{
			safety = Pallet::<T>::do_safety(&mut cache, &account);
		}

		assert!(safety.is_ok_and(|safety| !safety.exposures.is_empty()));
		Ok(())
	}

	#[benchmark]
	fn safety_standard(p: Linear<0, 128>) -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(1, 64);
		let (account, mut cache) = evaluable::<T>(standard, &series, p, 0)?;
		let safety;

		#[block]
		{
			safety = Pallet::<T>::do_safety(&mut cache, &account);
		}

		assert!(safety.is_ok_and(|safety| !safety.exposures.is_empty()));
		Ok(())
	}

	#[benchmark]
	fn slice(p: Linear<0, 128>) -> Result<(), BenchmarkError> {
		let (from, to) = two_sides::<T>(p, 0)?;
		let giver = Accounts::<T>::get(&from).ok_or("the account is open")?;
		let taker = Accounts::<T>::get(&to).ok_or("the account is open")?;
		Insurance::<T>::put(DEPOSIT);

		#[block]
		{
			hand_slice::<T>((&from, giver), (&to, taker))?;
		}

		let lots =
			|key| Accounts::<T>::get(key).map(|it| it.positions.iter().map(|it| it.lots).sum());
		let left = 2 * Lots::from(p);
		assert_eq!((lots(&from), lots(&to)), (Some(left), Some(-left)));
		Ok(())
	}

	#[benchmark]
	fn transfer() -> Result<(), BenchmarkError> {
		let (from, to) = two_sides::<T>(MAX_POSITIONS, MAX_RESTING_ORDERS)?;
		let series = Accounts::<T>::get(&from).ok_or("the account is open")?.positions[64].series;
		let price = Price::from_pico_usd(1).map_err(|_| "a small price")?;

		#[block]
		{
			let mut giver = Pallet::<T>::peek(&from).ok_or("the account is open")?;
			let mut taker = Pallet::<T>::peek(&to).ok_or("the account is open")?;
			Pallet::<T>::transfer(&series, 1, price, (&from, &mut giver), (&to, &mut taker))?;
			Pallet::<T>::store(&from, giver)?;
			Pallet::<T>::store(&to, taker)?;
		}

		assert_eq!(OpenInterest::<T>::get(series), 2);
		Ok(())
	}

	#[benchmark]
	fn next_settling() -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(1, 1);
		Helper::<T>::expire((series[0].underlying, series[0].expiry));
		let next;

		#[block]
		{
			next = T::Markets::next_settling();
		}

		assert!(next.is_some());
		Ok(())
	}

	#[benchmark]
	fn settle_account(p: Linear<0, 128>, o: Linear<0, 64>) -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(1, 64);
		let expiry = (series[0].underlying, series[0].expiry);
		let key = with_book::<T>(0, portfolio, &series, p, o)?;
		// Without positions and orders the account is not in the index by itself.
		Holders::<T>::insert(expiry, &key, ());
		Helper::<T>::expire(expiry);
		let settling = T::Markets::next_settling().ok_or("the expiry has its price")?;

		#[block]
		{
			if let Some(next) = Holders::<T>::iter_key_prefix(expiry).next() {
				Pallet::<T>::settle_or_skip(&settling, &next);
			}
		}

		let progress = Settlements::<T>::get(expiry).ok_or("the settlement has begun")?;
		assert_eq!((progress.accounts, progress.skipped), (1, 0));
		Ok(())
	}

	#[benchmark]
	fn finish_settlement() -> Result<(), BenchmarkError> {
		let series = Helper::<T>::market(1, 64);
		let expiry = (series[0].underlying, series[0].expiry);
		Helper::<T>::expire(expiry);
		let progress = SettlementProgress { accounts: 1, suspense: 1, ..Default::default() };
		Settlements::<T>::insert(expiry, progress);

		#[block]
		{
			Pallet::<T>::finish(expiry);
		}

		assert!(!Settlements::<T>::contains_key(expiry));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
