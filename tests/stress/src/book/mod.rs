// SPDX-License-Identifier: Apache-2.0
//! A seeded book of many margin accounts: sellers and buyers of puts and calls against well-capitalised houses, keepers
//! with finite capital, and accounts that trade small lots.
//!
//! Everything is done by the runtime's own calls in blocks of the runtime, but for the funding of wallets, which is
//! part of the genesis. The README says how books are drawn and how near to danger they are.

mod cash;
mod charge;
mod draw;
mod keys;
mod market;
mod sheet;
mod spec;
mod trade;

pub use charge::Charge;
pub use draw::Style;
pub use spec::raw_chain_spec;

use crate::{
	chain::{genesis, Chain, Funding},
	path::{Path, Replay},
	Outcome,
};
use ballast_exchange::{AccountKey, MarginKind, Moment, OptionPrice, SeriesId};
use ballast_rng::Rng;
use ballast_runtime::{
	constants::currency::BAL, AccountId, Balance, Liquidation, Runtime, RuntimeOrigin,
};
use frame_support::weights::WeightMeter;
use sp_core::{sr25519, storage::Storage};
use std::collections::BTreeMap;

/// The underlying of the book.
pub const BTC: u16 = 1;
/// Micro-USD in a dollar.
const MICRO: f64 = 1e6;
/// Blocks in which the listing is made and priced before anybody trades.
const FIRST_BLOCKS: u32 = 4;
/// Sellers and buyers of a series meet one of that many houses, so that no house has many positions.
const HOUSES: u32 = 16;
/// Wallets, dollars. What a wallet holds is in nobody's margin.
const HOLDER_WALLET: f64 = 10e6;
const HOUSE_WALLET: f64 = 20e9;
const KEEPER_WALLET: f64 = 10e9;

/// What is to be seeded.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
	/// Decides about everything that is drawn, keys among it.
	pub seed: u64,
	/// Margin accounts with books.
	pub accounts: u32,
	/// Accounts that bid in auctions.
	pub keepers: u32,
	/// Accounts with cash that trade small lots.
	pub flooders: u32,
	/// When the seeding begins, milliseconds since the epoch. It makes six blocks, one every half second, from then on.
	pub now: Moment,
	/// Cash of all keepers together, as a share of what the margin of the book requires.
	pub keeper_share: f64,
	/// The insurance fund, as a share of the same.
	pub insurance_share: f64,
	/// The vault, as a share of the same.
	pub vault_share: f64,
	/// Cash in the margin account of each flooder, dollars.
	pub flooder_cash: f64,
}

impl Config {
	/// The usual shares: keepers all, insurance 3 %, vault 10 % of what the margin of the book requires; eight keepers and
	/// 4,000 flooders with 2,000 dollars each.
	pub fn new(seed: u64, accounts: u32, now: Moment) -> Self {
		Self {
			seed,
			accounts,
			keepers: 8,
			flooders: 4_000,
			now,
			keeper_share: 1.0,
			insurance_share: 0.03,
			vault_share: 0.1,
			flooder_cash: 2_000.0,
		}
	}
}

/// Somebody with a key and a margin account.
#[derive(Clone)]
pub struct Party {
	/// Signs.
	pub pair: sr25519::Pair,
	/// The margin account.
	pub key: AccountKey<AccountId>,
}

impl Party {
	/// The origin of its calls.
	pub(crate) fn origin(&self) -> RuntimeOrigin {
		RuntimeOrigin::signed(self.key.owner.clone())
	}
}

/// A margin account of the book.
#[derive(Clone)]
pub struct Holder {
	/// Who.
	pub party: Party,
	/// What it has bought and sold.
	pub style: Style,
	/// The rules of its margin.
	pub margin: MarginKind,
	/// Value of all it holds when seeded, dollars.
	pub equity: f64,
	/// Equity less maintenance margin when seeded, dollars.
	pub requirement: f64,
	/// The spot, micro-USD, at which it is about under maintenance margin if prices fall and volatilities rise with it: by
	/// 10 % of themselves for every 3 % that spot falls. `None`: not down to 60 % below.
	pub below: Option<OptionPrice>,
	/// The same if prices rise, volatilities staying. `None`: not up to 60 % above.
	pub above: Option<OptionPrice>,
}

/// A series for small trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloodSeries {
	/// The series.
	pub series: SeriesId,
	/// A price on the tick next to its mark when seeded, micro-USD per contract.
	pub price: OptionPrice,
}

/// A seeded book.
pub struct Seeded {
	/// What it was seeded from.
	pub config: Config,
	/// Time of the last block of the seeding: a block that goes on from here has to be later.
	pub now: Moment,
	/// Spot, dollars.
	pub spot: f64,
	/// The state, as a genesis: the next block is block 1. Without code.
	pub storage: Storage,
	/// The margin accounts of the book.
	pub accounts: Vec<Holder>,
	/// Their counterparties.
	pub houses: Vec<Party>,
	/// Who bids in auctions.
	pub keepers: Vec<Party>,
	/// Who trades small lots: cash and no position so far.
	pub flooders: Vec<Party>,
	/// In which series.
	pub flood: Vec<FloodSeries>,
	/// Expiries that are listed, milliseconds since the epoch: the first is at least a day after the seeding.
	pub expiries: Vec<Moment>,
	/// What the margin of all accounts of the book requires, dollars.
	pub requirement: f64,
}

/// Seeds a book at the first prices of a path. The same configuration gives the same state.
pub fn seed(config: &Config, path: &Path) -> Outcome<Seeded> {
	let mut rng = Rng::new(config.seed);
	let cast = Cast::new(config);
	let mut chain = Chain::new(genesis(&cast.funding())?);
	chain.skip_to(config.now);
	// Its first round is held for as long as the seeding takes.
	let replay = path.replay(Moment::MAX)?;
	for _ in 0..FIRST_BLOCKS {
		chain.open(&replay)?;
		chain.close();
	}
	chain.open(&replay)?;
	let market = chain.execute(market::Market::read)?;
	let books = draw::books(&mut rng, &market, config.accounts)?;
	chain.execute(|| trade::build(&cast, &books, &market))?;
	let sheet = chain.execute(|| sheet::Sheet::read(&cast.holders, &market, &replay))?;
	let accounts = chain.execute(|| cash::settle(&mut rng, &cast, &books, &sheet, &market))?;
	let requirement: f64 = accounts.iter().map(|holder| holder.requirement).sum();
	chain.execute(|| trade::fund(&cast, config, requirement))?;
	chain.close();
	let now = finish(&mut chain, &replay)?;
	chain.try_state()?;
	let Cast { houses, keepers, flooders, .. } = cast;
	Ok(Seeded {
		config: config.clone(),
		now,
		spot: market.spot,
		storage: spec::as_genesis(chain.into_storage())?,
		accounts,
		houses,
		keepers,
		flooders,
		flood: market.flood(),
		expiries: market.expiries(),
		requirement,
	})
}

/// One more block, in which the search looks at every account, however long that takes: a book that has been there for
/// long has been searched.
fn finish(chain: &mut Chain, replay: &Replay) -> Outcome<Moment> {
	chain.open(replay)?;
	let (left, auctions) = chain.execute(|| {
		Liquidation::after_inherents(&mut WeightMeter::new());
		(pallet_liquidation::Due::<Runtime>::iter_keys().count(), Liquidation::backlog())
	});
	chain.close();
	match (left, auctions) {
		(0, 0) => Ok(chain.now()),
		_ => Err(format!("of the new book {auctions} are on auction and {left} not searched")),
	}
}

/// Everybody who takes part.
pub(crate) struct Cast {
	pub holders: Vec<Party>,
	pub houses: Vec<Party>,
	pub keepers: Vec<Party>,
	pub flooders: Vec<Party>,
	/// Pays into the insurance fund and the vault.
	pub treasury: Party,
}

impl Cast {
	fn new(config: &Config) -> Self {
		let of = |role, count| keys::parties(config.seed, role, count);
		Self {
			holders: of(keys::Role::Holder, config.accounts),
			houses: of(keys::Role::House, HOUSES),
			keepers: of(keys::Role::Keeper, config.keepers),
			flooders: of(keys::Role::Flooder, config.flooders),
			treasury: keys::party(config.seed, keys::Role::Treasury, 0),
		}
	}

	fn funding(&self) -> Vec<Funding> {
		let wallet = |party: &Party, usd: f64| Funding {
			who: party.key.owner.clone(),
			native: 10_000 * BAL,
			usdc: (usd * MICRO) as Balance,
		};
		let small = self.holders.iter().chain(&self.flooders);
		let small = small.map(|party| wallet(party, HOLDER_WALLET));
		let houses = self.houses.iter().map(|party| wallet(party, HOUSE_WALLET));
		let large = self.keepers.iter().chain(std::iter::once(&self.treasury));
		small.chain(houses).chain(large.map(|party| wallet(party, KEEPER_WALLET))).collect()
	}
}

/// Positions that every account is to have, by the order of the accounts.
pub(crate) type Wanted = BTreeMap<SeriesId, i64>;
