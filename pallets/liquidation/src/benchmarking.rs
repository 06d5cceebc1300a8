// SPDX-License-Identifier: Apache-2.0
//! Benchmarks of the calls and of every metered step, with books of one position: what the custody does for larger
//! ones weighs by its own figures.

use super::*;
use crate::{
	look::Eyes,
	pages::{entries, Before, Holdings, Listed, Written},
	tiers::{Held, Standing},
	types::{Class, Conditions, Place, Places, Rank, Registration, Side},
	List, PageId, MAX_COPIED_POSITIONS, PAGE_ACCOUNTS,
};
use alloc::vec::Vec;
use ballast_exchange::{
	Account, AccountKey, BenchmarkHelper as _, Clearing, Custody, Exposure, Lots, MarginKind,
	Markets, MicroUsd, Position, Ppb, Safety, SeriesId, UnderlyingId,
};
use ballast_risk::Margin;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Get},
	weights::WeightMeter,
	BoundedVec,
};
use frame_system::RawOrigin;

type Helper<T> = <T as Config>::BenchmarkHelper;

/// What everybody has: a thousand million dollars.
const FUNDS: u128 = 1_000_000_000_000_000;
const LOTS: Lots = 100;

fn key_of<T: Config>(name: &'static str) -> KeyOf<T> {
	AccountKey { owner: account(name, 0, 0), index: 0 }
}

fn with_cash<T: Config>(key: &KeyOf<T>, cash: MicroUsd) -> Result<Account, BenchmarkError> {
	let account = Account { cash, ..Account::new(MarginKind::Standard) };
	T::Custody::store(key, account.clone())?;
	Ok(account)
}

fn margin_of<T: Config>(account: &Account) -> Result<Margin, BenchmarkError> {
	Ok(T::Custody::margin(&mut Default::default(), account)?)
}

/// An account short of the first call, and a holder that is long of it.
fn short_and_long<T: Config>() -> Result<(KeyOf<T>, KeyOf<T>, SeriesId), BenchmarkError> {
	let series = Helper::<T>::market(1, 1);
	let series = series.first().copied().ok_or("the market lists series")?;
	let price = T::Markets::priced(series.underlying, series.expiry)
		.map(|priced| priced.regardless_of_age())
		.and_then(|priced| priced.mark_of(&series))
		.ok_or("the series is priced")?;
	let (owner, holder) = (key_of::<T>("owner"), key_of::<T>("holder"));
	let mut short = with_cash::<T>(&owner, FUNDS as MicroUsd)?;
	let mut long = with_cash::<T>(&holder, FUNDS as MicroUsd)?;
	T::Custody::transfer(&series, LOTS, price, (&owner, &mut short), (&holder, &mut long))?;
	T::Custody::store(&holder, long)?;
	T::Custody::store(&owner, short)?;
	Ok((owner, holder, series))
}

/// Gives the short account the cash with which it has that share of the distance from maintenance margin to equity:
/// between zero and a hundred it is liquidatable and solvent, below that insolvent.
fn set_equity<T: Config>(key: &KeyOf<T>, percent: MicroUsd) -> Result<(), BenchmarkError> {
	let mut account = T::Custody::peek(key).ok_or("the account is open")?;
	let Margin { equity, maintenance, .. } = margin_of::<T>(&account)?;
	account.cash += (equity - maintenance) * percent / 100 - equity;
	T::Custody::store(key, account)?;
	Ok(())
}

/// The same with its auction open.
fn on_auction<T: Config>(
	percent: MicroUsd,
) -> Result<(KeyOf<T>, KeyOf<T>, SeriesId), BenchmarkError> {
	let (owner, holder, series) = short_and_long::<T>()?;
	set_equity::<T>(&owner, percent)?;
	let account = T::Custody::peek(&owner).ok_or("the account is open")?;
	let margin = margin_of::<T>(&account)?;
	Pallet::<T>::open_auction(&Eyes::new(), &owner, account, &margin)?;
	Ok((owner, holder, series))
}

fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin()
		.map_err(|_| BenchmarkError::Override(BenchmarkResult::from_weight(Default::default())))
}

/// That many places, four on each underlying.
fn places(count: u32, rank: u64) -> Places {
	let sides = [Side::Falling, Side::Rising, Side::Drift, Side::Delay];
	let mut places = Places::new();
	for (n, side) in (0..count).zip(sides.into_iter().cycle()) {
		let _ = places.try_push(Place {
			underlying: (n / 4) as UnderlyingId,
			side,
			rank: Rank::new(rank),
		});
	}
	places
}

/// The list of benchmarks.
const LIST: List = List { class: Class::Near, underlying: 0, band: 0 };

/// The account with as many positions as a page copies.
fn with_positions(account: &Account, series: &SeriesId) -> Account {
	let position = |n: u64| Position { series: SeriesId { strike: n, ..*series }, lots: LOTS };
	let positions = (0..MAX_COPIED_POSITIONS.into()).map(position).collect();
	Account { positions: BoundedVec::truncate_from(positions), ..account.clone() }
}

/// An account with four triggers at one rank, none of which has been reached.
fn listed_at<T: Config>(key: &KeyOf<T>, account: &Account, rank: u64) -> Listed<KeyOf<T>> {
	let rank = u64::MAX - rank;
	Listed {
		key: key.clone(),
		holdings: Holdings::of(account),
		places: places(4, rank),
		called: None,
	}
}

/// A page of so many accounts, each with four triggers; the first of them has a record.
fn fill_page<T: Config>(key: &KeyOf<T>, account: &Account, accounts: u32) {
	let standing = (Standing::Placed(Class::Near, places(4, u64::MAX - 1)), Some((0, 0)), None);
	let none = Registration::default;
	Pallet::<T>::register(key, standing, none(), none(), Held::AsBefore(account));
	for index in 1..accounts {
		let key = KeyOf::<T> { index: index as u16, ..key.clone() };
		Pallet::<T>::enlist(LIST, &mut core::iter::once(listed_at::<T>(&key, account, 1)));
	}
}

/// A page of sixteen such accounts with so many entries: positions and triggers by turns, none of which has been reached.
fn put_page<T: Config>(key: &KeyOf<T>, account: &Account, entries: u32) {
	let (positions, triggers) = (entries.div_ceil(2), entries / 2);
	// Of so many, so many are those of one account.
	let part = |all: u32, n: u32| (all + n) / PAGE_ACCOUNTS;
	let listed = |n: u32| {
		let key = KeyOf::<T> { index: n as u16, ..key.clone() };
		let mut listed = listed_at::<T>(&key, account, 1);
		listed.places = places(part(triggers, n), u64::MAX - 1);
		if let Some(holdings) = &mut listed.holdings {
			holdings.positions.truncate(part(positions, n) as usize);
		}
		listed
	};
	Pages::<T>::insert(
		LIST,
		0,
		BoundedVec::truncate_from((0..PAGE_ACCOUNTS).map(listed).collect()),
	);
}

/// An account of one underlying that is far from danger.
fn safe<T: Config>(eyes: &mut Eyes<T>, series: &SeriesId) -> Result<Safety, BenchmarkError> {
	let equity = MicroUsd::try_from(FUNDS).unwrap_or(MicroUsd::MAX);
	let margin = Margin { mark_to_market: 0, equity, maintenance: equity / 6, initial: equity / 7 };
	eyes.here(series.underlying).ok_or("its prices are fresh")?;
	let spot = T::Markets::spot(series.underlying).ok_or("it has a spot")?;
	let exposure = Exposure {
		underlying: series.underlying,
		spot: spot.regardless_of_age().price,
		when_falling: equity,
		when_rising: equity,
		drift_fall: equity,
		wide_drift_fall: Some(equity),
		slack: 0,
		most_fall: None,
	};
	Ok(Safety { margin, is_fresh: true, exposures: alloc::vec![exposure] })
}

/// What all looks of a block share: it is read once and not by each.
fn share_reads<T: Config>() {
	for key in [Known::<T>::hashed_key(), Proposed::<T>::hashed_key(), Sweep::<T>::hashed_key()] {
		frame_benchmarking::benchmarking::add_to_whitelist(key.to_vec().into());
	}
}

/// Somebody with shares of a vault.
fn depositor<T: Config>() -> Result<T::AccountId, BenchmarkError> {
	let who: T::AccountId = account("depositor", 0, 0);
	let (asset, _) = Helper::<T>::assets();
	Helper::<T>::fund(&who, asset, FUNDS);
	let amount = T::MinVaultDeposit::get().saturating_mul(10);
	Pallet::<T>::do_vault_deposit(who.clone(), amount)?;
	Ok(who)
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn bid() -> Result<(), BenchmarkError> {
		let (owner, _, _) = on_auction::<T>(50)?;
		let bidder = key_of::<T>("bidder");
		with_cash::<T>(&bidder, FUNDS as MicroUsd)?;
		let origin = RawOrigin::Signed(bidder.owner.clone());

		#[extrinsic_call]
		_(origin, owner.owner.clone(), owner.index, Ppb::ONE, MicroUsd::MAX, bidder.index);

		let taken = T::Custody::peek(&bidder).ok_or("the account is open")?;
		assert!(!taken.positions.is_empty());
		Ok(())
	}

	#[benchmark]
	fn slice() -> Result<(), BenchmarkError> {
		let (owner, _, _) = on_auction::<T>(50)?;
		let bidder = key_of::<T>("bidder");
		with_cash::<T>(&bidder, FUNDS as MicroUsd)?;
		let mut eyes = Eyes::<T>::new();
		let sale = Pallet::<T>::on_sale(&mut eyes, &owner)?;
		let phase = sale.phase(&eyes).map_err(|_| "the auction runs")?;
		let taken;

		#[block]
		{
			let accept = |_: &crate::slice::Offer| Ok(());
			taken = Pallet::<T>::take_slice(&mut eyes, &sale, &phase, &bidder, Ppb::ONE, &accept);
		}

		assert!(taken.is_ok());
		Ok(())
	}

	#[benchmark]
	fn look() -> Result<(), BenchmarkError> {
		let (key, _, series) = short_and_long::<T>()?;
		Due::<T>::remove(&key);
		let account = T::Custody::peek(&key).ok_or("the account is open")?;
		fill_page::<T>(&key, &with_positions(&account, &series), PAGE_ACCOUNTS);
		let mut eyes = Eyes::<T>::new();
		eyes.here(0);
		share_reads::<T>();
		let written;

		#[block]
		{
			let account = T::Custody::peek(&key);
			let old = Registrations::<T>::get(&key).unwrap_or_default();
			let listed = Pallet::<T>::listing(&key, &old);
			let places = listed.map(|listed| listed.places).unwrap_or_default();
			eyes.note(&key);
			let new = Registration { has_failed: account.is_none(), ..old.clone() };
			let standing = (Standing::Placed(Class::Near, places), Some((0, 0)), None);
			written = Pallet::<T>::register(&key, standing, old, new, Held::Unknown);
		}

		assert_eq!(written, Written::default());
		Ok(())
	}

	#[benchmark]
	fn next_page() -> Result<(), BenchmarkError> {
		let (key, _, _) = short_and_long::<T>()?;
		let account = T::Custody::peek(&key).ok_or("the account is open")?;
		fill_page::<T>(&key, &account, 1);
		let tier = ((0 as UnderlyingId, Class::Near, Side::Falling),);
		let mut found = None;

		#[block]
		{
			for (_, page) in Tiers::<T>::iter_key_prefix(tier).take(1) {
				found = Some(page);
			}
		}

		assert_eq!(found, Some(PageId { list: LIST, number: 0 }));
		Ok(())
	}

	#[benchmark]
	fn read_page(
		e: Linear<0, { 2 * PAGE_ACCOUNTS * MAX_COPIED_POSITIONS }>,
	) -> Result<(), BenchmarkError> {
		let (key, _, series) = short_and_long::<T>()?;
		let account = T::Custody::peek(&key).ok_or("the account is open")?;
		put_page::<T>(&key, &with_positions(&account, &series), e);
		let mut eyes = Eyes::<T>::new();
		// Where the underlyings of its triggers are is read once and not for each page.
		for underlying in 0..MAX_COPIED_POSITIONS.div_ceil(4) {
			eyes.here(underlying as UnderlyingId);
		}
		let mut due = 0;
		let before;

		#[block]
		{
			let page = Pages::<T>::get(LIST, 0);
			for listed in &page {
				let is_due = listed.is_due(|underlying| eyes.here(underlying));
				due += u32::from(is_due && !eyes.has_seen(&listed.key));
			}
			before = (Before::of(&page), entries(&page));
		}

		assert_eq!(due, 0);
		assert_eq!(before.1, e);
		Ok(())
	}

	#[benchmark]
	fn look_in_page() -> Result<(), BenchmarkError> {
		let (key, _, series) = short_and_long::<T>()?;
		let account = T::Custody::peek(&key).ok_or("the account is open")?;
		let listed = listed_at::<T>(&key, &with_positions(&account, &series), 1);
		let mut eyes = Eyes::<T>::new();
		share_reads::<T>();
		// Evaluations and what they load have weights of their own.
		let safety = safe::<T>(&mut eyes, &series)?;
		let (holds, stays, is_placed, is_there);

		#[block]
		{
			let held = listed.holdings.as_ref().map(|holdings| holdings.to_account());
			holds = held.is_some();
			stays = Pallet::<T>::stays_as_it_is(&eyes, &safety.margin, Class::Near, None);
			let was = (Class::Near, &listed.places, true);
			let standing = Pallet::<T>::standing(&mut eyes, &safety, was, true);
			is_placed = matches!(standing, Standing::Placed(..));
			let places = listed.places.clone();
			is_there = (places, listed.called) == (listed.places.clone(), None);
			eyes.note(&listed.key);
		}

		assert!(holds && stays && is_placed && is_there && eyes.has_seen(&key));
		Ok(())
	}

	#[benchmark]
	fn rehouse() -> Result<(), BenchmarkError> {
		let (key, _, series) = short_and_long::<T>()?;
		let account = T::Custody::peek(&key).ok_or("the account is open")?;
		fill_page::<T>(&key, &with_positions(&account, &series), 1);
		let page = PageId { list: LIST, number: 7 };

		#[block]
		{
			Pallet::<T>::rehouse(&key, page);
		}

		assert_eq!(Registrations::<T>::get(&key).and_then(|record| record.page), Some(page));
		Ok(())
	}

	#[benchmark]
	fn save_page(p: Linear<0, MAX_PLACES>) -> Result<(), BenchmarkError> {
		let (key, _, series) = short_and_long::<T>()?;
		let account = T::Custody::peek(&key).ok_or("the account is open")?;
		fill_page::<T>(&key, &with_positions(&account, &series), PAGE_ACCOUNTS - 1);
		let mut listed = listed_at::<T>(&key, &with_positions(&account, &series), 1);
		listed.key.index = u16::MAX;
		listed.places = places(p, 0);
		let page = PageId { list: LIST, number: 0 };
		Pallet::<T>::relist(page, &key, |first| first.places = places(p.max(4), u64::MAX - 1));
		let written;

		#[block]
		{
			// The heaviest that is done with one page: it becomes full.
			(_, written) = Pallet::<T>::enlist(LIST, &mut core::iter::once(listed));
		}

		assert_eq!((written.pages, written.places), (1, p));
		Ok(())
	}

	#[benchmark]
	fn resave_page(p: Linear<0, MAX_PLACES>) -> Result<(), BenchmarkError> {
		let (key, _, series) = short_and_long::<T>()?;
		let account = T::Custody::peek(&key).ok_or("the account is open")?;
		fill_page::<T>(&key, &with_positions(&account, &series), PAGE_ACCOUNTS);
		let id = PageId { list: LIST, number: 0 };
		Pallet::<T>::relist(id, &key, |first| first.places = places(p.max(4), u64::MAX - 1));
		let mut page = Pages::<T>::get(LIST, 0);
		let before = Before::of(&page);
		for listed in page.iter_mut().filter(|listed| listed.key == key) {
			listed.places.iter_mut().take(p as usize).for_each(|it| it.rank = Rank::new(0));
		}
		let written;

		#[block]
		{
			written = Pallet::<T>::save_page(id, &before, page);
		}

		assert_eq!((written.pages, written.places), (1, p));
		Ok(())
	}

	#[benchmark]
	fn open_auction() -> Result<(), BenchmarkError> {
		let (owner, _, _) = short_and_long::<T>()?;
		set_equity::<T>(&owner, 50)?;
		let account = T::Custody::peek(&owner).ok_or("the account is open")?;
		let margin = margin_of::<T>(&account)?;
		let eyes = Eyes::<T>::new();
		let opened;

		#[block]
		{
			Pallet::<T>::unregister(&owner);
			opened = Pallet::<T>::call_and_open(&eyes, &owner, account, &margin, None);
		}

		assert!(opened.is_ok() && Auctions::<T>::contains_key(&owner));
		assert!(Pallet::<T>::short_of_call(&eyes, &margin).is_some());
		Ok(())
	}

	#[benchmark]
	fn vault_deposit() -> Result<(), BenchmarkError> {
		let who = depositor::<T>()?;
		let amount = T::MinVaultDeposit::get();
		let before = Shares::<T>::get(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), amount);

		assert!(Shares::<T>::get(&who) > before);
		Ok(())
	}

	#[benchmark]
	fn top_up() -> Result<(), BenchmarkError> {
		let who = depositor::<T>()?;
		let key = AccountKey { owner: who.clone(), index: 9 };
		with_cash::<T>(&key, 1)?;
		BadDebts::<T>::insert(&key, 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), 9, T::MinVaultDeposit::get());

		BadDebts::<T>::remove(&key);
		assert!(T::Custody::peek(&key).is_some_and(|account| account.cash > 1));
		Ok(())
	}

	#[benchmark]
	fn vault_request_withdraw() -> Result<(), BenchmarkError> {
		let who = depositor::<T>()?;
		Pallet::<T>::do_vault_request_withdraw(who.clone(), 1)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), 1);

		assert_eq!(Leavers::<T>::get(&who).map(|leaving| leaving.shares), Some(2));
		Ok(())
	}

	#[benchmark]
	fn pay_leaver() -> Result<(), BenchmarkError> {
		let who = depositor::<T>()?;
		let shares = Shares::<T>::get(&who);
		Pallet::<T>::do_vault_request_withdraw(who.clone(), shares)?;
		Leavers::<T>::mutate(&who, |leaving| {
			if let Some(leaving) = leaving {
				leaving.ready_at = 0;
			}
		});
		let mut eyes = Eyes::<T>::new();

		#[block]
		{
			Pallet::<T>::pay_leavers(&mut eyes, &mut WeightMeter::new());
		}

		assert!(Leavers::<T>::get(&who).is_none());
		Ok(())
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let mut parameters = Parameters::default();
		parameters.house.margin_call = Ppb::percent(7);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);

		assert_eq!(ParametersInForce::<T>::get(), parameters);
		Ok(())
	}

	#[benchmark]
	fn propose_parameters() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, Parameters::default());

		assert!(Proposed::<T>::exists());
		Ok(())
	}

	#[benchmark]
	fn cancel_proposal() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		Pallet::<T>::do_propose_parameters(Parameters::default())?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin);

		assert!(!Proposed::<T>::exists());
		Ok(())
	}

	#[benchmark]
	fn begin_block(u: Linear<0, { MAX_UNDERLYINGS }>) -> Result<(), BenchmarkError> {
		let listed = Helper::<T>::market(1, 1);
		let listed = listed.first().ok_or("the market lists series")?.underlying;
		// The listed one and its neighbours, each with a record of its own.
		let known: Vec<UnderlyingId> = (0..u).map(|n| listed.wrapping_add(n as u16)).collect();
		for id in &known {
			Measured::<T>::insert(id, Conditions::default());
			SweptRounds::<T>::insert(id, Swept::default());
		}
		let mut sorted = known;
		sorted.sort_unstable();
		let sorted: frame_support::BoundedVec<_, _> =
			sorted.try_into().map_err(|_| "as many as there can be")?;
		Known::<T>::put(sorted);
		Pallet::<T>::do_propose_parameters(Parameters::default())?;

		#[block]
		{
			Pallet::<T>::after_inherents(&mut WeightMeter::new());
		}

		assert!(Sweep::<T>::exists());
		Ok(())
	}

	#[benchmark]
	fn visit_auction() -> Result<(), BenchmarkError> {
		let (owner, _, _) = on_auction::<T>(50)?;
		let mut eyes = Eyes::<T>::new();

		#[block]
		{
			Pallet::<T>::look_after_auctions(&mut eyes, &mut WeightMeter::new());
		}

		assert_eq!(AuctionCursor::<T>::get(), Some(owner));
		Ok(())
	}

	#[benchmark]
	fn deleverage() -> Result<(), BenchmarkError> {
		let (owner, holder, series) = on_auction::<T>(-10)?;
		let mut eyes = Eyes::<T>::new();
		let visit = |eyes: &mut Eyes<T>| {
			let sale = Pallet::<T>::on_sale(eyes, &owner)?;
			Pallet::<T>::deleverage_if_due(eyes, sale, &mut WeightMeter::new())
		};
		// As if the auction had run out.
		Auctions::<T>::mutate(&owner, |auction| {
			if let Some(auction) = auction {
				auction.stage = Stage::Deleveraging;
				auction.insolvent_millis = u64::MAX / 2;
				auction.elapsed_millis = u64::MAX / 2;
			}
		});
		visit(&mut eyes)?;

		#[block]
		{
			visit(&mut eyes)?;
		}

		let held = T::Custody::peek(&holder).map(|account| account.position(&series));
		assert!(held < Some(LOTS));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
