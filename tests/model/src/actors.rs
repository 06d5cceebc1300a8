// SPDX-License-Identifier: Apache-2.0
//! Who does what: a few accounts of different temper, and the weights by which they choose.

use crate::{
	account::Key,
	action::Action,
	ledger::{Ledger, USDC},
	market::Market,
	orders::Drawing,
};
use ballast_exchange::{MarginKind, Moment, SeriesId, UnderlyingId};
use ballast_rng::Rng;
use ballast_runtime::AccountId;
use pallet_order_book::types::BatchMode;
use sp_keyring::Sr25519Keyring;

/// What an actor is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temper {
	/// Quotes around the mark in batches.
	Maker,
	/// Takes what is there.
	Taker,
	/// Trades several legs at once.
	Combos,
	/// Moves money.
	Withdrawer,
	/// Sends nonsense.
	Hostile,
	/// Sells as much as its margin permits.
	Naked,
}

/// An actor.
#[derive(Clone, Debug)]
pub struct Actor {
	/// Its account.
	pub key: Key,
	/// What it is like.
	pub temper: Temper,
	/// The rules it opens its account under.
	pub margin: MarginKind,
}

/// Names of what an actor may do, in the order of the weights.
const OPEN: usize = 0;
const CLOSE: usize = 1;
const MARGIN: usize = 2;
const DEPOSIT: usize = 3;
const WITHDRAW: usize = 4;
const MOVE: usize = 5;
const PLACE: usize = 6;
const CANCEL: usize = 7;
const REPLACE: usize = 8;
const BATCH: usize = 9;
const COMBO: usize = 10;
const OTHER: usize = 11;

impl Temper {
	const fn weights(self) -> [u64; 12] {
		match self {
			Self::Maker => [0, 0, 1, 4, 4, 2, 20, 10, 10, 40, 0, 3],
			Self::Taker => [0, 1, 2, 6, 6, 2, 70, 5, 4, 4, 4, 2],
			Self::Combos => [0, 1, 2, 6, 6, 2, 20, 4, 2, 2, 60, 2],
			Self::Withdrawer => [1, 6, 6, 25, 35, 15, 20, 4, 4, 1, 2, 5],
			Self::Hostile => [3, 3, 5, 8, 12, 8, 30, 8, 8, 12, 10, 12],
			Self::Naked => [0, 0, 0, 3, 0, 0, 90, 4, 3, 0, 0, 0],
		}
	}
}

/// The actors. Some owners have two accounts each, so that their orders meet themselves.
pub fn cast() -> Vec<Actor> {
	use Sr25519Keyring::{
		AliceStash, Bob, BobStash, Charlie, CharlieStash, Dave, DaveStash, Eve, EveStash, Ferdie,
		FerdieStash,
	};
	let actor = |who: Sr25519Keyring, index, temper, margin| Actor {
		key: Key { owner: who.to_account_id(), index },
		temper,
		margin,
	};
	vec![
		actor(Bob, 0, Temper::Maker, MarginKind::Portfolio(1)),
		actor(Charlie, 0, Temper::Maker, MarginKind::Portfolio(2)),
		actor(DaveStash, 0, Temper::Maker, MarginKind::Portfolio(3)),
		actor(Ferdie, 7, Temper::Maker, MarginKind::Standard),
		actor(EveStash, 0, Temper::Taker, MarginKind::Portfolio(1)),
		actor(CharlieStash, 0, Temper::Taker, MarginKind::Portfolio(2)),
		actor(Ferdie, 0, Temper::Taker, MarginKind::Portfolio(3)),
		actor(Dave, 0, Temper::Taker, MarginKind::Standard),
		actor(Eve, 0, Temper::Combos, MarginKind::Portfolio(1)),
		actor(Charlie, 3, Temper::Combos, MarginKind::Standard),
		actor(Bob, 1, Temper::Withdrawer, MarginKind::Standard),
		actor(FerdieStash, 1, Temper::Withdrawer, MarginKind::Portfolio(1)),
		actor(Dave, 1, Temper::Hostile, MarginKind::Standard),
		actor(AliceStash, 0, Temper::Naked, MarginKind::Portfolio(1)),
		actor(BobStash, 0, Temper::Naked, MarginKind::Portfolio(3)),
		actor(BobStash, 1, Temper::Naked, MarginKind::Standard),
	]
}

/// Everybody who holds assets.
pub fn owners() -> Vec<AccountId> {
	let mut owners: Vec<AccountId> = cast().into_iter().map(|actor| actor.key.owner).collect();
	owners.push(governance());
	owners.sort();
	owners.dedup();
	owners
}

fn governance() -> AccountId {
	Sr25519Keyring::Alice.to_account_id()
}

/// What an actor sees when it chooses.
pub struct Chooser<'a> {
	/// Random numbers.
	pub rng: &'a mut Rng,
	/// What everybody holds.
	pub ledger: &'a Ledger,
	/// Prices.
	pub market: &'a mut Market,
	/// The cast.
	pub actors: &'a [Actor],
	/// Of a hundred calls while there is an auction, those that are about it.
	pub rescuers: u64,
}

impl Chooser<'_> {
	/// What happens next.
	pub fn choose(&mut self) -> Action {
		if self.rng.below(400) == 0 {
			return self.govern();
		}
		let mut actors: Vec<&Actor> = self.actors.iter().collect();
		if self.rng.percent(15) {
			actors.retain(|actor| actor.temper == Temper::Naked);
		}
		let index = self.rng.below(actors.len() as u64) as usize;
		let actor = actors[index].clone();
		let on_auction = self.ledger.accounts.values().any(|account| account.frozen);
		if self.rng.percent(if on_auction { self.rescuers } else { 2 }) {
			return self.rescue(&actor);
		}
		let Some(account) = self.ledger.accounts.get(&actor.key) else {
			if self.rng.percent(5) {
				return self.act(&actor, PLACE);
			}
			return Action::Open(actor.key, actor.margin);
		};
		if account.is_empty() && self.rng.percent(10) {
			return Action::Close(actor.key);
		}
		if account.cash <= 0 && account.positions.is_empty() && self.rng.percent(80) {
			return self.deposit(&actor);
		}
		let mut weights = actor.temper.weights();
		if self.market.spot(1).is_none() {
			weights[PLACE] = 1;
		}
		let chosen = self.rng.weighted(&weights);
		self.act(&actor, chosen)
	}

	/// Something about accounts in danger, or the vault behind them.
	fn rescue(&mut self, actor: &Actor) -> Action {
		let owner = actor.key.owner.clone();
		match self.rng.below(10) {
			0 => Action::VaultDeposit(owner, self.rng.below(50_000_000_000).into()),
			1 => Action::VaultLeave(owner, self.rng.below(50_000_000_000).into()),
			2..=3 => Action::TopUp(actor.key.clone(), self.amount(USDC)),
			_ => {
				let frozen = self.ledger.accounts.iter().filter(|(_, account)| account.frozen);
				let mut keys: Vec<Key> = frozen.map(|(key, _)| key.clone()).collect();
				if self.rng.percent(5) {
					keys = self.actors.iter().map(|it| it.key.clone()).collect();
				}
				let key = self.rng.pick(&keys).cloned().unwrap_or_else(|| actor.key.clone());
				let shares = [0, 1, 50_000_000, 300_000_000, 1_000_000_000, 1_000_000_001];
				let share = shares[self.rng.weighted(&[1, 1, 10, 20, 40, 1])];
				Action::Bid(actor.key.clone(), key, share)
			},
		}
	}

	fn govern(&mut self) -> Action {
		let underlying = self.rng.within(1, 3) as UnderlyingId;
		if self.market.underlying(underlying).paused || self.rng.percent(20) {
			return Action::SetPaused(underlying, !self.market.underlying(underlying).paused);
		}
		let most = if self.rng.percent(20) { self.ledger.fees + 1 } else { self.ledger.fees };
		let amount = self.rng.below(u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1));
		Action::CollectFees(governance(), amount.into())
	}

	fn act(&mut self, actor: &Actor, what: usize) -> Action {
		let key = actor.key.clone();
		match what {
			OPEN => Action::Open(key, self.margin_kind(actor)),
			CLOSE => Action::Close(self.some_key(actor)),
			MARGIN => Action::SetMargin(key, self.margin_kind(actor)),
			DEPOSIT => self.deposit(actor),
			WITHDRAW => self.withdraw(actor),
			MOVE => self.move_assets(actor),
			CANCEL => self.cancel(actor),
			REPLACE => {
				let id = self.order_id(&key);
				let (price, lots) = self.drawing(actor).replacement(&key, id);
				Action::Replace(key, id, price, lots)
			},
			BATCH => {
				let operations = self.drawing(actor).batch(&key);
				let all = self.rng.percent(50);
				let mode = if all { BatchMode::AllOrNothing } else { BatchMode::BestEffort };
				Action::Batch(key, operations, mode)
			},
			COMBO => {
				let (legs, max_cost) = self.drawing(actor).combo(&key);
				Action::Combo(key, legs, max_cost)
			},
			OTHER => self.other(actor),
			_ => {
				let order = self.drawing(actor).order(&key);
				Action::Place(key, order)
			},
		}
	}

	fn drawing(&mut self, actor: &Actor) -> Drawing<'_> {
		Drawing {
			rng: self.rng,
			ledger: self.ledger,
			market: self.market,
			margin: self.ledger.accounts.get(&actor.key).map_or(actor.margin, |it| it.margin),
			temper: actor.temper,
		}
	}

	fn margin_kind(&mut self, actor: &Actor) -> MarginKind {
		match self.rng.below(5) {
			0 => MarginKind::Standard,
			1 => MarginKind::Portfolio(self.rng.within(1, 4) as UnderlyingId),
			_ => actor.margin,
		}
	}

	/// The actor's account, or one that it has not.
	fn some_key(&mut self, actor: &Actor) -> Key {
		if self.rng.percent(10) {
			return Key { index: 999, ..actor.key.clone() };
		}
		actor.key.clone()
	}

	fn asset(&mut self, margin: MarginKind) -> u32 {
		match (margin, self.rng.below(10)) {
			(MarginKind::Portfolio(underlying), 0..=1) => u32::from(underlying) + 1,
			(_, 2..=3) => self.rng.within(2, 5) as u32,
			_ => USDC,
		}
	}

	fn amount(&mut self, asset: u32) -> u128 {
		let dollars = [50, 2_000, 20_000, 150_000][self.rng.weighted(&[5, 25, 50, 20])];
		let micro = u128::from(self.rng.below(dollars * 1_000_000));
		match asset {
			2 => micro / 1_000,
			3 => micro * 300_000_000,
			4 => micro * 1_000,
			_ => micro,
		}
	}

	fn deposit(&mut self, actor: &Actor) -> Action {
		let key = self.some_key(actor);
		let asset = self.asset(actor.margin);
		let amount = match self.rng.below(100) {
			0 => 0,
			1 => u128::MAX,
			2 => i128::MAX.unsigned_abs(),
			3 => 20_000_000_000_000,
			_ => self.amount(asset),
		};
		Action::Deposit(key, asset, amount)
	}

	fn held(&self, key: &Key, asset: u32) -> u128 {
		self.ledger.accounts.get(key).map_or(0, |account| match asset {
			USDC => account.cash.max(0).unsigned_abs(),
			_ => account.collateral.get(&asset).copied().unwrap_or(0),
		})
	}

	fn withdraw(&mut self, actor: &Actor) -> Action {
		let key = self.some_key(actor);
		let asset = self.asset(actor.margin);
		let held = self.held(&key, asset);
		let amount = match self.rng.below(20) {
			0 => 0,
			1 => held + 1,
			2 => u128::MAX,
			3..=8 => held,
			9..=14 => held / 2,
			_ => self.amount(asset),
		};
		Action::Withdraw(key, asset, amount)
	}

	fn move_assets(&mut self, actor: &Actor) -> Action {
		let asset = self.asset(actor.margin);
		let others: Vec<u16> = self
			.actors
			.iter()
			.filter(|other| other.key.owner == actor.key.owner)
			.map(|other| other.key.index)
			.chain([actor.key.index, 500])
			.collect();
		let to = self.rng.pick(&others).copied().unwrap_or(0);
		let amount =
			if self.rng.percent(50) { self.held(&actor.key, asset) } else { self.amount(asset) };
		Action::Move(actor.key.clone(), to, asset, amount)
	}

	/// A resting order of the account, or a number that is none.
	fn order_id(&mut self, key: &Key) -> u64 {
		if self.rng.percent(10) {
			return [0, 1, u64::MAX, 77][self.rng.below(4) as usize];
		}
		let orders: Vec<u64> =
			self.ledger.accounts.get(key).map_or(vec![], |it| it.orders.keys().copied().collect());
		self.rng.pick(&orders).copied().unwrap_or(3)
	}

	fn cancel(&mut self, actor: &Actor) -> Action {
		let key = actor.key.clone();
		match self.rng.below(10) {
			0 => Action::CancelAll(key),
			1..=2 => {
				let series = self.drawing(actor).series();
				Action::CancelSeries(key, series)
			},
			3..=4 => {
				let orders = self.ledger.accounts.get(&key).map(|account| account.orders.values());
				let known: Vec<u64> =
					orders.into_iter().flatten().filter_map(|it| it.client_id).collect();
				let any = self.rng.below(60);
				let known = self.rng.pick(&known).copied().unwrap_or(any);
				Action::CancelByClientId(key, if self.rng.percent(80) { known } else { any })
			},
			_ => {
				let id = self.order_id(&key);
				Action::Cancel(key, id)
			},
		}
	}

	fn other(&mut self, actor: &Actor) -> Action {
		match self.rng.below(4) {
			0 => self.list_strike(actor),
			1 => {
				let amount = if self.rng.percent(10) { 0 } else { self.rng.below(1_000_000_000) };
				Action::FundInsurance(actor.key.owner.clone(), amount.into())
			},
			_ => {
				let others = self.actors;
				let key = self.rng.pick(others).map_or(actor.key.clone(), |it| it.key.clone());
				let now = self.market.now;
				let over = self.ledger.accounts.get(&key).and_then(|account| {
					let is_over = |till: Moment| till <= now;
					account.orders.values().find(|order| order.good_till.is_some_and(is_over))
				});
				let over = over.map(|order| order.id);
				let id = over.unwrap_or_else(|| self.order_id(&key));
				Action::RemoveExpired(actor.key.owner.clone(), key, id)
			},
		}
	}

	fn list_strike(&mut self, actor: &Actor) -> Action {
		let SeriesId { underlying, expiry, strike, .. } = self.drawing(actor).series();
		let near = self.market.spot(underlying).unwrap_or(0) / 1_000_000;
		let step = [100, 10_000, 1_000_000, 100_000_000, 1_000_000_000][self.rng.below(5) as usize];
		let moved = (near as f64 * self.rng.real(0.8, 1.25)) as u64 / step * step;
		let strike = if self.rng.percent(10) { strike } else { moved };
		Action::ListStrike(actor.key.owner.clone(), underlying, expiry, strike)
	}
}
