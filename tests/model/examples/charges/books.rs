// SPDX-License-Identifier: Apache-2.0
//! Books whose margin is shown: what people hold, on a recorded surface, and the golden random ones.

use crate::common::{list, PortfolioCase, LOTS};
use ballast_risk::{Adjustments, Margin, MarginModel, MicroUsd};
use pallet_liquidation::Parameters;
use serde_json::{json, Value};

/// A book with what prices it.
pub struct Held {
	/// What it is.
	pub name: String,
	case: PortfolioCase,
}

impl Held {
	/// Its margin with something added.
	pub fn margin(&self, adjustments: Adjustments) -> Margin {
		let arrays = self.case.arrays();
		let mut account = self.case.account(&arrays);
		account.adjustments = adjustments;
		self.case.model().margin(&account).expect("a margin")
	}

	/// Of all contracts and of the collateral, dollars.
	pub fn notional(&self) -> f64 {
		let collateral: f64 = self
			.case
			.collateral
			.iter()
			.map(|it| it.amount as f64 / 1e3 * it.price.pico_usd() as f64 / 1e12)
			.sum();
		self.case.gross_notional() as f64 / 1e6 + collateral
	}

	/// The charge if every one of its positions is that share of its series' open interest, percent.
	pub fn concentration(&self, share: i64, parameters: &Parameters) -> MicroUsd {
		let of = |lots: i64| {
			let all = lots.abs() * 100 / share;
			parameters.concentration.charge(lots, all, self.case.market.spot, LOTS)
		};
		self.case.options.iter().map(|held| of(held.lots).expect("a charge")).sum()
	}
}

/// Expiry, strike in dollars, kind, contracts.
type Leg = (usize, u32, &'static str, i64);

fn parse(name: &str, book: &Value) -> Held {
	Held { name: name.into(), case: PortfolioCase::read(book) }
}

/// The random books that the margin crate is tested with.
pub fn golden() -> Vec<Held> {
	let cases = read(concat!(
		env!("CARGO_MANIFEST_DIR"),
		"/../../primitives/risk/tests/data/portfolio_margin.json"
	));
	list(&cases).iter().map(|case| parse("random", &case["book"])).collect()
}

/// What people hold, on a recorded surface of BTC: 9, 37 and 128 days.
pub fn named() -> Vec<Held> {
	let (near, month, far) = (0, 3, 6);
	let (call, put) = ("call", "put");
	let books: [(&str, &[Leg], i64); 9] = [
		("short call at the money, a month", &[(month, 96_000, call, -1)], 0),
		("short put 10 % out of the money, a month", &[(month, 86_000, put, -1)], 0),
		("short straddle, nine days", &[(near, 96_000, call, -1), (near, 96_000, put, -1)], 0),
		(
			"short strangle 10 % out of the money, a month",
			&[(month, 106_000, call, -1), (month, 86_000, put, -1)],
			0,
		),
		("covered call, a month", &[(month, 106_000, call, -1)], 1),
		("call spread, a month", &[(month, 96_000, call, -1), (month, 106_000, call, 1)], 0),
		(
			"iron condor, a month",
			&[
				(month, 76_000, put, 1),
				(month, 86_000, put, -1),
				(month, 106_000, call, -1),
				(month, 116_000, call, 1),
			],
			0,
		),
		(
			"calendar, nine days against four months",
			&[(near, 96_000, call, -1), (far, 96_000, call, 1)],
			0,
		),
		("long call at the money, a month", &[(month, 96_000, call, 1)], 0),
	];
	let surface = surface();
	let mut all: Vec<Held> = books
		.iter()
		.map(|(name, legs, coins)| parse(name, &book(&surface, legs, *coins)))
		.collect();
	all.push(parse("maker: 60 series, long and short in turn", &book(&surface, &maker(), 0)));
	all
}

/// Three expiries, ten strikes, calls and puts, of one to five contracts: neither side is much more than the other.
fn maker() -> Vec<(usize, u32, &'static str, i64)> {
	let mut legs = Vec::new();
	for expiry in [0, 3, 6] {
		for step in 0..10u32 {
			for kind in ["call", "put"] {
				let side = if legs.len() % 3 == 0 { -1 } else { 1 };
				let side = if legs.len() % 2 == 0 { side } else { -1 };
				legs.push((
					expiry,
					76_000 + 4_000 * step,
					kind,
					side * (1 + legs.len() as i64 % 5),
				));
			}
		}
	}
	legs
}

fn read(path: &str) -> Value {
	let file = std::fs::read_to_string(path).expect("the file is there");
	serde_json::from_str(&file).expect("it is JSON")
}

fn surface() -> Value {
	let mut round = read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../feeds/surfaces.jsonl"));
	round["underlyings"][0].take()
}

fn text(value: &Value) -> Value {
	format!("{:.16}", value.as_f64().expect("a number")).into()
}

/// Legs (expiry, strike, kind, contracts) and coins as a book file; cash is none, as it changes no requirement.
fn book(surface: &Value, legs: &[(usize, u32, &str, i64)], coins: i64) -> Value {
	let expiries = surface["expiries"].as_array().expect("expiries");
	let of = |(id, expiry): (usize, &Value)| {
		let seconds = expiry["seconds_to_expiry"].as_f64().expect("seconds");
		let svi = &expiry["svi"];
		let tau = format!("{:.16}", seconds / 31_536_000.0);
		json!({
			"id": id.to_string(), "seconds": seconds as u64, "forward": text(&expiry["forward"]),
			"forward_confidence": "1", "rate": text(&expiry["rate"]), "rate_confidence": "1",
			"vol_confidence": "1",
			"svi": {
				"a": text(&svi["a"]), "b": text(&svi["b"]), "rho": text(&svi["rho"]), "m": text(&svi["m"]),
				"sigma": text(&svi["sigma"]), "forward": text(&expiry["forward"]), "tau": tau,
			},
		})
	};
	let spot = text(&surface["spot"]);
	let options: Vec<Value> = legs
		.iter()
		.map(|(expiry, strike, kind, contracts)| {
			json!({ "expiry": expiry.to_string(), "strike": strike.to_string(), "kind": kind,
				"amount": contracts.to_string() })
		})
		.collect();
	let collateral: Vec<Value> = (coins > 0)
		.then(|| {
			json!({ "asset": "BTC", "amount": coins.to_string(), "price": spot, "confidence": "1",
				"hedges_spot": true, "haircut_initial": "0.05", "haircut_maintenance": "0.05" })
		})
		.into_iter()
		.collect();
	json!({
		"parameters": { "scenarios": scenarios() },
		"market": {
			"spot": spot, "spot_confidence": "1", "quote_price": "1",
			"expiries": expiries.iter().enumerate().map(of).collect::<Vec<_>>(),
		},
		"cash": "0",
		"perpetual": {
			"amount": "0", "price": spot, "confidence": "1", "unrealised_pnl": "0", "unrealised_funding": "0",
		},
		"options": options,
		"collateral": collateral,
	})
}

/// The default grid, as the golden books have it.
fn scenarios() -> Value {
	let cases = read(concat!(
		env!("CARGO_MANIFEST_DIR"),
		"/../../primitives/risk/tests/data/portfolio_margin.json"
	));
	cases[0]["book"]["parameters"]["scenarios"].clone()
}
