// SPDX-License-Identifier: Apache-2.0

//! Auctions, accounts and a runtime of which the test says what it answers.

use crate::{
	keeper::{Exchange, Trouble},
	types::{Auction, Key, Rules, Standing},
};
use ballast_exchange::{
	Account, Margin, MarginKind, MicroUsd, OptionKind, Position, Ppb, SeriesId,
};
use ballast_runtime::AccountId;
use pallet_clearing::HypotheticalTrade;
use pallet_liquidation::Auction as Record;
use sp_runtime::DispatchError;
use std::{
	cell::{Cell, RefCell},
	collections::BTreeMap,
};

pub const WHOLE: Ppb = Ppb::ONE;
pub const HALF: Ppb = Ppb(500_000_000);

pub const fn usd(dollars: i128) -> MicroUsd {
	dollars * 1_000_000
}

/// An owner by a letter.
pub fn owner(name: u8) -> AccountId {
	AccountId::new([name; 32])
}

pub fn me() -> AccountId {
	owner(b'm')
}

pub fn key(name: u8) -> Key {
	Key { owner: owner(name), index: 0 }
}

pub fn rules() -> Rules {
	Rules {
		max_share: WHOLE,
		max_equity: usd(1_000_000),
		min_edge: Ppb::percent(4),
		min_gain: usd(1),
		keep_free: 0,
		bids_per_block: 4,
	}
}

pub fn series(strike: u64) -> SeriesId {
	SeriesId { underlying: 1, expiry: 1_800_000_000_000, strike, kind: OptionKind::Call }
}

pub fn holding(lots: &[i64]) -> Account {
	let mut account = Account::new(MarginKind::Standard);
	for (at, lots) in lots.iter().enumerate() {
		let position = Position { series: series(90_000_000_000 + at as u64), lots: *lots };
		account.positions.try_push(position).expect("few positions");
	}
	account
}

/// 10 contracts long, 5 contracts short, and 8,000 USD of cash.
pub fn book() -> Account {
	Account { cash: usd(8_000), frozen: true, ..holding(&[1_000, -500]) }
}

pub fn with_collateral(units: u128) -> Account {
	let mut account = book();
	account.collateral.try_push((2, units)).expect("room for one");
	account
}

/// An account worth 10,000 USD, of which half is for sale at 90 %: 4,500 USD.
pub fn auction() -> Auction {
	Auction {
		account: key(b't'),
		auction: Record::default(),
		book: book(),
		equity: usd(10_000),
		maintenance: usd(-5_000),
		target: usd(-7_250),
		discount: Ppb::percent(90),
		max_share: HALF,
		price: usd(4_500),
		is_open: true,
	}
}

/// The same of another owner.
pub fn of(name: u8) -> Auction {
	Auction { account: key(name), ..auction() }
}

/// A book that is 1,000 USD short, for which the insurance fund pays 1,100 USD.
pub fn insolvent() -> Auction {
	Auction {
		equity: usd(-1_000),
		discount: Ppb::ZERO,
		max_share: WHOLE,
		price: usd(-1_100),
		..auction()
	}
}

pub fn reserving(reserved: MicroUsd, of: Auction) -> Auction {
	Auction { auction: Record { reserved, ..of.auction }, ..of }
}

pub fn standing() -> Standing {
	let worth = usd(100_000);
	Standing {
		margin: Margin { mark_to_market: worth, equity: worth, maintenance: worth, initial: worth },
		is_fresh: true,
		is_frozen: false,
		cash: worth,
	}
}

/// A runtime of which the test says what it answers.
pub struct FakeExchange {
	pub listed: Vec<Auction>,
	pub account: Option<Standing>,
	pub owner: Result<AccountId, Trouble>,
	/// Initial margin that a lot asks for, dollars.
	pub usd_per_lot: i128,
	pub is_fresh: bool,
	pub simulation_error: Option<DispatchError>,
	/// Pages of auctions until the time to read is up.
	pub pages: Cell<u32>,
	/// Simulations until time is up.
	pub patience: Cell<u32>,
	/// Lots of each simulation.
	pub simulated: RefCell<Vec<i64>>,
	/// Most auctions in an answer.
	pub page: usize,
	/// Tickets of bids that are in a block.
	pub included: Vec<u64>,
}

impl FakeExchange {
	pub fn new(listed: Vec<Auction>) -> Self {
		Self {
			listed,
			account: Some(standing()),
			owner: Ok(me()),
			usd_per_lot: 0,
			is_fresh: true,
			simulation_error: None,
			pages: Cell::new(u32::MAX),
			patience: Cell::new(u32::MAX),
			simulated: RefCell::default(),
			page: 100,
			included: Vec::new(),
		}
	}
}

impl Exchange for FakeExchange {
	fn owner(&self) -> Result<AccountId, Trouble> {
		self.owner.clone()
	}

	fn auctions(&self, after: Option<&Key>, limit: u32) -> Result<Vec<Auction>, Trouble> {
		let all: BTreeMap<_, _> =
			self.listed.iter().map(|each| (each.account.clone(), each.clone())).collect();
		self.pages.set(self.pages.get().saturating_sub(1));
		let later = all.into_iter().filter(|(key, _)| after.is_none_or(|after| key > after));
		let most = self.page.min(limit as usize);
		Ok(later.map(|(_, auction)| auction).take(most).collect())
	}

	fn standing(&self) -> Result<Option<Standing>, Trouble> {
		Ok(self.account)
	}

	fn simulate(
		&self,
		trades: Vec<HypotheticalTrade>,
	) -> Result<Result<Standing, DispatchError>, Trouble> {
		let lots: i64 = trades.iter().map(|trade| trade.lots).sum();
		self.simulated.borrow_mut().push(lots);
		self.patience.set(self.patience.get().saturating_sub(1));
		if let Some(error) = self.simulation_error {
			return Ok(Err(error));
		}
		let mut after = self.account.unwrap_or_else(standing);
		after.margin.initial -= usd(i128::from(lots) * self.usd_per_lot);
		after.is_fresh = self.is_fresh;
		Ok(Ok(after))
	}

	fn included(&self) -> Result<Vec<u64>, Trouble> {
		Ok(self.included.clone())
	}

	fn has_time_to_read(&self) -> bool {
		self.pages.get() > 0
	}

	fn has_time(&self) -> bool {
		self.patience.get() > 0
	}
}
