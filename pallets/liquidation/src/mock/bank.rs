// SPDX-License-Identifier: Apache-2.0
//! The custody of the mock: a ledger, an insurance fund, and a margin of straight lines.

use super::*;

/// Holds the accounts.
pub struct Bank;

/// Weight of the margin work of a call.
#[derive(Default)]
pub struct Work(Weight);

pub fn micros(micros: u64) -> Weight {
	Weight::from_parts(micros * 1_000_000, 1_000)
}

/// What an account has to have on one underlying.
#[derive(Clone, Copy, Default)]
struct Risk {
	gross: i128,
	net: i128,
	units: i128,
	legs: i128,
}

fn risks(account: &Account) -> BTreeMap<UnderlyingId, Risk> {
	let mut all = BTreeMap::<UnderlyingId, Risk>::new();
	for Position { series, lots } in &account.positions {
		let risk = all.entry(series.underlying).or_default();
		risk.gross += i128::from(lots.abs());
		risk.net += if series.kind == OptionKind::Call { 1 } else { -1 } * i128::from(*lots);
		risk.legs += 1;
	}
	for (_, units) in &account.collateral {
		let risk = all.entry(BTC).or_default();
		risk.units += *units as i128;
		risk.legs += 1;
	}
	all
}

fn ceil_div(a: i128, b: i128) -> i128 {
	-(-a).div_euclid(b)
}

pub fn margin_of(account: &Account) -> Margin {
	let lots = i128::from(LOTS);
	let fine: i128 =
		account.positions.iter().map(|it| i128::from(it.lots) * value_of(&it.series)).sum();
	let mut equity = account.cash + fine.div_euclid(lots);
	let (mut asked, mut more) = (0, 0);
	for (underlying, risk) in risks(account) {
		let spot = spot_of(underlying);
		let worth = risk.units * spot / 100_000_000;
		equity += worth;
		let conditions = <Liquidation as RiskWatch<AccountId>>::conditions(underlying);
		let vol = state(|state| state.vols.get(&underlying).copied().unwrap_or(0));
		let extra = i128::from(vol) + i128::from(conditions.delay_move.0);
		// A twentieth of spot per net contract, a tenth of collateral.
		let haircut = 10 + state(|state| state.haircut);
		asked += ceil_div(risk.net.abs() * spot, 20 * lots) + ceil_div(worth * haircut, 100);
		asked += ceil_div(risk.gross * spot * extra, 100 * lots * BILLION);
		more += ceil_div(risk.net.abs() * spot, 20 * lots);
	}
	let maintenance = equity - asked;
	Margin { mark_to_market: equity, equity, maintenance, initial: maintenance - more }
}

fn exposures_of(account: &Account) -> Vec<Exposure> {
	let lots = i128::from(LOTS);
	let of = |(underlying, risk): (UnderlyingId, Risk)| {
		let spot = spot_of(underlying);
		let conditions = <Liquidation as RiskWatch<AccountId>>::conditions(underlying);
		let vol = state(|state| state.vols.get(&underlying).copied().unwrap_or(0));
		let extra = i128::from(vol) + i128::from(conditions.delay_move.0);
		let relative_fall = ceil_div(risk.gross * spot, lots)
			+ ceil_div(risk.gross * spot * extra, 100 * lots * BILLION)
			+ ceil_div(risk.net.abs() * spot, 20 * lots)
			+ ceil_div(risk.units * spot, 100_000_000);
		Exposure {
			underlying,
			spot: Price::from_micro_usd(spot as i64).unwrap(),
			when_falling: relative_fall,
			when_rising: relative_fall,
			// Volatility may change after spot has: it then counts on what spot is by that time.
			drift_fall: ceil_div(risk.gross * spot * 13, 1_000 * lots),
			wide_drift_fall: Some(ceil_div(risk.gross * spot * 14, 1_000 * lots)),
			slack: 4 + risk.legs,
			most_fall: None,
		}
	};
	risks(account).into_iter().map(of).collect()
}

fn fails(error: &'static str) -> DispatchError {
	DispatchError::Other(error)
}

impl Clearing<AccountId> for Bank {
	type Prices = Work;

	fn load(key: &Key) -> Result<Account, DispatchError> {
		let account = Ledger::get(key).ok_or(fails("no account"))?;
		if account.frozen {
			return Err(fails("frozen"));
		}
		Ok(account)
	}

	fn store(key: &Key, account: Account) -> Result<(), DispatchError> {
		<Liquidation as RiskWatch<AccountId>>::changed(key, &account);
		Ledger::insert(key, account);
		Ok(())
	}

	fn fill(_: &Fill, _: &mut Account, _: &mut Account) -> Result<Fees, DispatchError> {
		Err(fails("nobody trades here"))
	}

	fn fee_of(_: &mut Work, _: &SeriesId, _: Lots, _: OptionPrice) -> MicroUsd {
		0
	}

	fn margin(prices: &mut Work, account: &Account) -> Result<Margin, DispatchError> {
		prices.0 = prices.0.saturating_add(micros(20));
		Ok(margin_of(account))
	}

	fn check(prices: &mut Work, before: &Account, after: &Account) -> Result<(), DispatchError> {
		let (old, new) = (Self::margin(prices, before)?, Self::margin(prices, after)?);
		let is_fresh = risks(after).keys().all(|underlying| Fake::is_repriced(*underlying));
		let reduces = new.initial >= old.initial && new.maintenance >= old.maintenance;
		match new.allows_risk() && is_fresh || reduces {
			true => Ok(()),
			false => Err(fails("margin")),
		}
	}

	fn margin_work(prices: &Work) -> Weight {
		prices.0
	}

	fn least_check() -> Weight {
		micros(20)
	}

	fn most_checks(accounts: u32) -> Weight {
		micros(40 * u64::from(accounts))
	}

	fn most_check_of(_prices: &Work, _before: &Account) -> Weight {
		micros(40)
	}
}

impl Custody<AccountId> for Bank {
	fn peek(key: &Key) -> Option<Account> {
		state(|state| state.peeked = Some(*key));
		Ledger::get(key)
	}

	fn safety(prices: &mut Work, account: &Account) -> Result<Safety, DispatchError> {
		prices.0 = prices.0.saturating_add(micros(30));
		let exposures = exposures_of(account);
		let is_fresh = exposures.iter().all(|it| {
			<Fake as Markets>::spot(it.underlying).is_some_and(|spot| spot.age_millis() <= MAX_AGE)
		});
		if let Some(key) = whose(account) {
			if let Some(error) = state(|it| it.failing.get(&(key.owner, key.index)).copied()) {
				return Err(error);
			}
			state(|state| state.looks.push(key));
		}
		Ok(Safety { margin: margin_of(account), is_fresh, exposures })
	}

	fn split(
		account: &mut Account,
		share: Ppb,
		reserved: MicroUsd,
	) -> Result<Account, DispatchError> {
		let of = |amount: i128| amount * i128::from(share.0) / BILLION;
		let mut part = Account::new(account.margin);
		part.cash = ((account.cash - reserved) * i128::from(share.0)).div_euclid(BILLION);
		account.cash -= part.cash;
		for held in account.positions.iter_mut() {
			let lots = of(held.lots.into()) as Lots;
			held.lots -= lots;
			part.positions.try_push(Position { lots, ..*held }).unwrap();
		}
		for (asset, units) in account.collateral.iter_mut() {
			let taken = of(*units as i128) as u128;
			*units -= taken;
			part.collateral.try_push((*asset, taken)).unwrap();
		}
		for side in [account, &mut part] {
			side.positions.retain(|held| held.lots != 0);
			side.collateral.retain(|(_, units)| *units != 0);
		}
		Ok(part)
	}

	fn merge(_: &Key, part: Account, _: &Key, into: &mut Account) -> Result<(), DispatchError> {
		for Position { series, lots } in &part.positions {
			add_lots(into, *series, *lots)?;
		}
		for (asset, units) in &part.collateral {
			match into.collateral.iter_mut().find(|(held, _)| held == asset) {
				Some((_, held)) => *held += units,
				None => into.collateral.try_push((*asset, *units)).map_err(|_| fails("full"))?,
			}
		}
		into.cash += part.cash;
		Ok(())
	}

	fn transfer(
		series: &SeriesId,
		lots: Lots,
		price: Price,
		from: (&Key, &mut Account),
		to: (&Key, &mut Account),
	) -> Result<(), DispatchError> {
		let cost = i128::from(lots) * i128::from(price.pico_usd());
		let (floor, ceil) = (
			cost.div_euclid(i128::from(LOTS) * 1_000_000),
			ceil_div(cost, i128::from(LOTS) * 1_000_000),
		);
		add_lots(from.1, *series, -lots)?;
		add_lots(to.1, *series, lots)?;
		from.1.cash += floor;
		to.1.cash -= ceil;
		Fund::mutate(|fund| *fund += (ceil - floor) as u128);
		Ok(())
	}

	fn pay(
		amount: MicroUsd,
		from: (&Key, &mut Account),
		to: (&Key, &mut Account),
	) -> Result<(), DispatchError> {
		from.1.cash -= amount;
		to.1.cash += amount;
		Ok(())
	}

	fn insurance() -> u128 {
		Fund::get()
	}

	fn draw_insurance(amount: u128, _: &Key, into: &mut Account) -> Result<u128, DispatchError> {
		let paid = amount.min(Fund::get());
		Fund::mutate(|fund| *fund -= paid);
		into.cash += paid as i128;
		Ok(paid)
	}

	fn holders(expiry: ExpiryId, after: Option<&Key>, limit: u32) -> Vec<Key> {
		let holds = |account: &Account| {
			account.positions.iter().any(|held| held.series.expiry_id() == expiry)
		};
		let mut keys: Vec<Key> =
			Ledger::iter().filter(|(_, account)| holds(account)).map(|(key, _)| key).collect();
		keys.sort();
		keys.into_iter()
			.filter(|key| after.is_none_or(|after| key > after))
			.take(limit as usize)
			.collect()
	}

	fn open_own(key: &Key) -> Result<(), DispatchError> {
		if Ledger::contains_key(key) {
			return Err(fails("exists"));
		}
		Self::store(key, Account::new(MarginKind::Standard))
	}

	fn pay_in(
		who: &AccountId,
		amount: u128,
		_: &Key,
		into: &mut Account,
	) -> Result<(), DispatchError> {
		let left = Wallets::get(who).checked_sub(amount).ok_or(fails("poor"))?;
		Wallets::insert(who, left);
		into.cash += amount as i128;
		Ok(())
	}

	fn pay_out(
		who: &AccountId,
		amount: u128,
		_: &Key,
		from: &mut Account,
	) -> Result<(), DispatchError> {
		if state(|state| state.blocked.contains(who)) {
			return Err(fails("blocked"));
		}
		if from.cash < amount as i128 {
			return Err(fails("no cash"));
		}
		from.cash -= amount as i128;
		Wallets::mutate(who, |held| *held += amount);
		Ok(())
	}

	fn safety_weight(_: u32) -> Weight {
		micros(100)
	}

	fn slice_weight(_: u32) -> Weight {
		micros(100)
	}

	fn transfer_weight() -> Weight {
		micros(50)
	}
}

impl OrderCanceller<AccountId> for Bank {
	fn cancel_all(_: &Key, account: &mut Account) -> u32 {
		let orders = account.orders.len() as u32;
		account.orders.clear();
		orders
	}
}

/// Whose account that is: the one read last, or another that holds the same and has not been looked at.
fn whose(account: &Account) -> Option<Key> {
	let holds = |it: &Account| {
		(it.cash, &it.positions, &it.collateral)
			== (account.cash, &account.positions, &account.collateral)
	};
	let peeked = state(|state| state.peeked.take());
	let is_new = |key: &Key| state(|state| !state.looks.contains(key));
	peeked
		.filter(|key| Ledger::get(key).is_some_and(|it| holds(&it)))
		.or_else(|| Ledger::iter().find(|(key, it)| holds(it) && is_new(key)).map(|(key, _)| key))
}

fn add_lots(account: &mut Account, series: SeriesId, lots: Lots) -> Result<(), DispatchError> {
	match account.positions.binary_search_by(|held| held.series.cmp(&series)) {
		Ok(at) => account.positions[at].lots += lots,
		Err(at) => {
			let held = Position { series, lots };
			account.positions.try_insert(at, held).map_err(|_| fails("full"))?;
		},
	}
	account.positions.retain(|held| held.lots != 0);
	Ok(())
}
