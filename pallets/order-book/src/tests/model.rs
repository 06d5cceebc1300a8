// SPDX-License-Identifier: Apache-2.0
//! The book against a list of orders that is searched from end to end, and against what its events tell.

use crate::{mock::*, types::*, Event};
use ballast_exchange::{AccountKey, Lots, Moment, OpenOrder, OrderId, Side};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What a model's order matches by.
#[derive(Clone, Debug)]
struct Resting {
	owner: AccountId,
	id: OrderId,
	turn: u64,
	order: NewOrder,
}

/// Maker, its order, price, lots.
type ModelFill = (AccountId, OrderId, u64, Lots);

#[derive(Clone, Default)]
struct Model {
	resting: Vec<Resting>,
	positions: BTreeMap<AccountId, Lots>,
	next: BTreeMap<AccountId, OrderId>,
	turn: u64,
	now: Moment,
}

impl Model {
	fn held(&self, owner: AccountId, side: Side) -> Lots {
		let held = self.positions.get(&owner).copied().unwrap_or_default();
		if side == Side::Sell {
			held.max(0)
		} else {
			(-held).max(0)
		}
	}

	/// Whose turn it is against an order.
	fn best(&self, order: &NewOrder) -> Option<usize> {
		let crosses = |other: &Resting| match order.side {
			Side::Buy => other.order.price <= order.price,
			Side::Sell => other.order.price >= order.price,
		};
		let rank = |other: &Resting| match order.side {
			Side::Buy => (other.order.price, other.turn),
			Side::Sell => (u64::MAX - other.order.price, other.turn),
		};
		(0..self.resting.len())
			.filter(|at| self.resting[*at].order.side != order.side && crosses(&self.resting[*at]))
			.min_by_key(|at| rank(&self.resting[*at]))
	}

	fn place(&mut self, owner: AccountId, order: NewOrder) -> Option<Vec<ModelFill>> {
		if order.good_till.is_some_and(|till| till <= self.now) {
			return None;
		}
		let id = *self.next.entry(owner).or_insert(1);
		self.next.insert(owner, id + 1);
		self.execute(owner, id, order)
	}

	fn execute(
		&mut self,
		owner: AccountId,
		id: OrderId,
		mut order: NewOrder,
	) -> Option<Vec<ModelFill>> {
		if order.reduce_only {
			order.lots = order.lots.min(self.held(owner, order.side));
			if order.lots == 0 {
				return None;
			}
		}
		let mut fills = vec![];
		let mut stopped = false;
		let mut steps = 0;
		while order.lots > 0 && !stopped {
			let Some(at) = self.best(&order) else { break };
			steps += 1;
			stopped = steps > 16;
			if !stopped {
				let met = self.meet(owner, &order, at)?;
				stopped = met.is_none();
				if let Some(fill) = met.filter(|fill| fill.3 > 0) {
					order.lots -= fill.3;
					fills.push(fill);
				}
			}
		}
		match order.kind {
			_ if order.lots == 0 => {},
			OrderKind::FillOrKill => return None,
			OrderKind::Limit | OrderKind::PostOnly if !stopped => {
				if self.resting.iter().filter(|other| other.owner == owner).count() == 64 {
					return None;
				}
				self.turn += 1;
				self.resting.push(Resting { owner, id, turn: self.turn, order });
			},
			_ => {},
		}
		Some(fills)
	}

	/// `None`: refused. `Some(None)`: stop. A fill of no lots: the other is gone.
	fn meet(&mut self, owner: AccountId, order: &NewOrder, at: usize) -> Option<Option<ModelFill>> {
		let other = self.resting[at].clone();
		let most = if other.order.reduce_only {
			self.held(other.owner, other.order.side).min(other.order.lots)
		} else {
			other.order.lots
		};
		let is_over = other.order.good_till.is_some_and(|till| till <= self.now);
		let is_own = other.owner == owner;
		if is_own && !is_over && order.self_trade == SelfTrade::CancelIncoming {
			return Some(None);
		}
		if is_over || is_own || most == 0 {
			self.resting.remove(at);
			return Some(Some((other.owner, other.id, 0, 0)));
		}
		if order.kind == OrderKind::PostOnly {
			return None;
		}
		let lots = most.min(order.lots);
		let signed = order.side.signed(lots);
		*self.positions.entry(owner).or_default() += signed;
		*self.positions.entry(other.owner).or_default() -= signed;
		self.resting[at].order.lots = most - lots;
		self.resting.retain(|other| other.order.lots > 0);
		Some(Some((other.owner, other.id, other.order.price / TICK, lots)))
	}

	fn cancel(&mut self, owner: AccountId, id: OrderId) -> Option<Vec<ModelFill>> {
		let at = self.find(owner, id)?;
		self.resting.remove(at);
		Some(vec![])
	}

	fn find(&self, owner: AccountId, id: OrderId) -> Option<usize> {
		self.resting.iter().position(|other| other.owner == owner && other.id == id)
	}

	fn replace(
		&mut self,
		owner: AccountId,
		id: OrderId,
		ticks: u64,
		lots: Lots,
	) -> Option<Vec<ModelFill>> {
		let at = self.find(owner, id)?;
		let price = ticks * TICK;
		let old = self.resting[at].order;
		if price == old.price && lots <= old.lots {
			self.resting[at].order.lots = lots;
			return Some(vec![]);
		}
		if old.good_till.is_some_and(|till| till <= self.now) {
			return None;
		}
		self.resting.remove(at);
		let self_trade = SelfTrade::CancelResting;
		self.execute(owner, id, NewOrder { price, lots, kind: OrderKind::Limit, self_trade, ..old })
	}

	/// Price in ticks, lots and orders of each level of a side, best first.
	fn depth(&self, side: Side) -> Vec<(u64, Lots, u32)> {
		let mut levels = BTreeMap::<u64, (Lots, u32)>::new();
		for other in self.resting.iter().filter(|other| other.order.side == side) {
			let level = levels.entry(other.order.price / TICK).or_default();
			*level = (level.0 + other.order.lots, level.1 + 1);
		}
		let levels = levels.into_iter().map(|(ticks, (lots, count))| (ticks, lots, count));
		match side {
			Side::Buy => levels.rev().collect(),
			Side::Sell => levels.collect(),
		}
	}
}

/// A book that an indexer has built from events alone.
#[derive(Default)]
struct Indexer(BTreeMap<(AccountKey<AccountId>, OrderId), OpenOrder>);

impl Indexer {
	fn read(&mut self, event: &Event<Test>) {
		match event.clone() {
			Event::OrderPlaced { account, order } => {
				assert!(self.0.insert((account, order.id), order).is_none(), "placed twice");
			},
			Event::Filled { maker, maker_order, maker_left, lots, .. } => {
				let before = self.0[&(maker, maker_order)].lots;
				assert_eq!(before, maker_left + lots, "lots of a fill");
				self.set((maker, maker_order), maker_left);
			},
			Event::OrderCancelled { account, order, .. } => self.set((account, order), 0),
			Event::OrderReduced { account, order, lots, .. } => self.set((account, order), lots),
			Event::OrderReplaced { account, order, lots, keeps_place, .. } => {
				self.set((account, order), if keeps_place { lots } else { 0 });
			},
			Event::BatchItemFailed { .. } | Event::ComboFilled { .. } => {},
		}
	}

	fn set(&mut self, order: (AccountKey<AccountId>, OrderId), lots: Lots) {
		if lots == 0 {
			self.0.remove(&order);
		} else if let Some(held) = self.0.get_mut(&order) {
			held.lots = lots;
		}
	}

	fn check(&self) {
		let of_accounts: BTreeMap<_, _> = ledger::Accounts::<Test>::iter()
			.flat_map(|(key, account)| {
				account.orders.into_iter().map(move |order| ((key, order.id), order))
			})
			.collect();
		assert_eq!(self.0, of_accounts, "the book that events tell");
	}
}

#[derive(Clone, Debug)]
enum Action {
	Place(AccountId, NewOrder),
	Cancel(AccountId, usize),
	Replace(AccountId, usize, u64, Lots),
	Wait(u64),
}

fn orders() -> impl Strategy<Value = NewOrder> {
	let sides = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
	let ticks = prop_oneof![
		9 => 1..12u64,
		1 => 250..260u64,
		1 => 65_530..65_540u64,
	];
	let kinds = prop_oneof![
		6 => Just(OrderKind::Limit),
		1 => Just(OrderKind::PostOnly),
		1 => Just(OrderKind::ImmediateOrCancel),
		1 => Just(OrderKind::FillOrKill),
	];
	let till = prop_oneof![4 => Just(None), 1 => (1_000_000..1_000_050u64).prop_map(Some)];
	(sides, ticks, 5..60i64, kinds, prop::bool::weighted(0.15), till, prop::bool::weighted(0.2))
		.prop_map(|(side, ticks, lots, kind, reduce_only, good_till, is_polite)| {
			let order = NewOrder { kind, reduce_only, good_till, ..limit(side, ticks, lots) };
			if is_polite {
				order.polite()
			} else {
				order
			}
		})
}

fn actions() -> impl Strategy<Value = Action> {
	let owners = 1..6u64;
	prop_oneof![
		12 => (owners.clone(), orders()).prop_map(|(owner, order)| Action::Place(owner, order)),
		2 => (owners.clone(), any::<usize>()).prop_map(|(owner, at)| Action::Cancel(owner, at)),
		3 => (owners, any::<usize>(), 1..12u64, 5..60i64)
			.prop_map(|(owner, at, ticks, lots)| Action::Replace(owner, at, ticks, lots)),
		1 => (1..10u64).prop_map(Action::Wait),
	]
}

/// The number of one of the owner's orders, or of none.
fn some_order(owner: AccountId, at: usize) -> OrderId {
	let orders = account(owner).orders;
	orders.get(at % orders.len().max(1)).map_or(999, |order| order.id)
}

/// Does an action on the chain and on the model: whether each took it, and the model's fills.
fn act(model: &mut Model, action: Action) -> (bool, Option<Vec<ModelFill>>) {
	let mut changed = model.clone();
	let (is_ok, fills) = match action {
		Action::Place(owner, order) => {
			(OrderBook::place(origin(owner), 0, order).is_ok(), changed.place(owner, order))
		},
		Action::Cancel(owner, at) => {
			let id = some_order(owner, at);
			(OrderBook::cancel(origin(owner), 0, id).is_ok(), changed.cancel(owner, id))
		},
		Action::Replace(owner, at, ticks, lots) => {
			let id = some_order(owner, at);
			let call = OrderBook::replace(origin(owner), 0, id, ticks * TICK, lots);
			(call.is_ok(), changed.replace(owner, id, ticks, lots))
		},
		Action::Wait(millis) => {
			Now::mutate(|now| *now += millis);
			changed.now += millis;
			(true, Some(vec![]))
		},
	};
	if fills.is_some() {
		*model = changed;
	}
	(is_ok, fills)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn the_book_should_fill_as_the_model_does(actions in prop::collection::vec(actions(), 1..80)) {
		new_test_ext().execute_with(|| {
			let mut model = Model { now: Now::get(), ..Default::default() };
			let mut indexer = Indexer::default();
			for action in actions {
				let (is_ok, expected) = act(&mut model, action.clone());
				assert_eq!(is_ok, expected.is_some(), "{action:?}");
				let events = events();
				events.iter().for_each(|event| indexer.read(event));
				let fills: Vec<ModelFill> = events
					.into_iter()
					.filter_map(|event| match event {
						Event::Filled { maker, maker_order, price, lots, .. } => {
							Some((maker.owner, maker_order, price / TICK, lots))
						},
						_ => None,
					})
					.collect();
				assert_eq!(fills, expected.unwrap_or_default(), "{action:?}");
				assert_eq!(depth(), (model.depth(Side::Buy), model.depth(Side::Sell)));
			}
			indexer.check();
			check_invariants();
			for (owner, lots) in model.positions {
				assert_eq!(account(owner).position(&series()), lots);
			}
		});
	}
}
