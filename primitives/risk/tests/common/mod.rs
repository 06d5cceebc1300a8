// SPDX-License-Identifier: Apache-2.0
//! Reads book files exactly: decimal strings become scaled integers, never floats.
#![allow(dead_code)]

pub mod random;
pub mod wide;

use ballast_pricing::{Fixed, SviSlice, Vol};
use ballast_risk::*;
use serde_json::Value;

/// Contracts are counted in hundredths.
pub const LOTS: u32 = 100;

/// `text` times `10^decimals`, rounded to nearest.
pub fn decimal(text: &str, decimals: u32) -> i128 {
	let (negative, digits) = match text.strip_prefix('-') {
		Some(rest) => (true, rest),
		None => (false, text),
	};
	let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
	let mut number: i128 = whole.parse().expect("whole part");
	let mut fraction = fraction.bytes().map(|digit| i128::from(digit - b'0'));
	for _ in 0..decimals {
		number = number * 10 + fraction.next().unwrap_or(0);
	}
	number += i128::from(fraction.next().unwrap_or(0) >= 5);
	if negative {
		-number
	} else {
		number
	}
}

pub fn text(value: &Value) -> String {
	match value {
		Value::String(text) => text.clone(),
		Value::Number(number) => number.to_string(),
		other => panic!("not a number: {other}"),
	}
}

pub fn scaled(value: &Value, decimals: u32) -> i128 {
	decimal(&text(value), decimals)
}

pub fn ppb(value: &Value) -> Ppb {
	Ppb(scaled(value, 9) as i64)
}

pub fn price(value: &Value) -> Price {
	Price::from_pico_usd(scaled(value, 12) as i64).expect("price in range")
}

pub fn micro(value: &Value) -> MicroUsd {
	scaled(value, 6)
}

pub fn lots(value: &Value) -> Lots {
	scaled(value, 2) as i64
}

pub fn real<const FRAC: u32>(value: &Value) -> Fixed<FRAC> {
	Fixed::from_decimal(scaled(value, 16) as i64, 16).expect("number in range")
}

pub fn vol(value: &Value) -> Vol {
	real(value)
}

pub fn cases(name: &str) -> Vec<Value> {
	let path = format!("tests/data/{name}");
	let file = std::fs::read_to_string(path).expect("test data");
	serde_json::from_str(&file).expect("test data is JSON")
}

pub fn list(value: &Value) -> &[Value] {
	value.as_array().expect("list")
}

fn svi(value: &Value) -> SviSlice {
	let of = |name: &str| real::<56>(&value[name]);
	let [a, b, rho, m, sigma] = ["a", "b", "rho", "m", "sigma"].map(of);
	SviSlice::new(a, b, rho, m, sigma, price(&value["forward"]), of("tau")).expect("slice")
}

fn expiry(value: &Value) -> Expiry {
	Expiry {
		seconds: value["seconds"].as_u64().expect("seconds") as u32,
		forward: price(&value["forward"]),
		forward_confidence: ppb(&value["forward_confidence"]),
		rate: ppb(&value["rate"]),
		rate_confidence: ppb(&value["rate_confidence"]),
		vol_confidence: ppb(&value["vol_confidence"]),
		svi: svi(&value["svi"]),
	}
}

fn perpetual(value: &Value) -> Perpetual {
	Perpetual {
		lots: lots(&value["amount"]),
		price: price(&value["price"]),
		confidence: ppb(&value["confidence"]),
		unrealised_pnl: micro(&value["unrealised_pnl"]),
		unrealised_funding: micro(&value["unrealised_funding"]),
	}
}

fn collateral(value: &Value) -> Collateral {
	Collateral {
		amount: scaled(&value["amount"], 3) as u64,
		units_per_token: 1_000,
		price: price(&value["price"]),
		confidence: ppb(&value["confidence"]),
		hedges_spot: value["hedges_spot"].as_bool().expect("flag"),
		haircut_initial: ppb(&value["haircut_initial"]),
		haircut_maintenance: ppb(&value["haircut_maintenance"]),
	}
}

pub fn kind(value: &Value) -> OptionKind {
	match value.as_str() {
		Some("call") => OptionKind::Call,
		_ => OptionKind::Put,
	}
}

/// A portfolio book with everything it points to.
pub struct PortfolioCase {
	pub parameters: PortfolioParameters,
	pub scenarios: Vec<Scenario>,
	pub market: Market,
	pub expiries: Vec<Expiry>,
	pub contexts: Vec<ExpiryContext>,
	pub terms: Vec<ExpiryTerms>,
	pub series: Vec<Series>,
	pub entries: Vec<i64>,
	pub options: Vec<Position>,
	pub perpetual: Perpetual,
	pub collateral: Vec<Collateral>,
	pub cash: MicroUsd,
}

impl PortfolioCase {
	pub fn read(book: &Value) -> Self {
		let (market, options) = (&book["market"], list(&book["options"]));
		let ids: Vec<_> = list(&market["expiries"]).iter().map(|expiry| &expiry["id"]).collect();
		let series = options.iter().map(|option| Series {
			expiry: ids.iter().position(|id| **id == option["expiry"]).expect("expiry") as u8,
			strike: price(&option["strike"]),
			kind: kind(&option["kind"]),
		});
		let mut case = Self {
			parameters: PortfolioParameters::DEFAULT,
			scenarios: list(&book["parameters"]["scenarios"]).iter().map(scenario).collect(),
			market: Market {
				spot: price(&market["spot"]),
				spot_confidence: ppb(&market["spot_confidence"]),
				quote_price: ppb(&market["quote_price"]),
			},
			expiries: list(&market["expiries"]).iter().map(expiry).collect(),
			contexts: Vec::new(),
			terms: Vec::new(),
			series: series.collect(),
			entries: Vec::new(),
			options: options
				.iter()
				.zip(0..)
				.map(|(option, series)| Position { series, lots: lots(&option["amount"]) })
				.collect(),
			perpetual: perpetual(&book["perpetual"]),
			collateral: list(&book["collateral"]).iter().map(collateral).collect(),
			cash: micro(&book["cash"]),
		};
		case.price();
		case
	}

	/// Prices the round again after a change of its inputs.
	pub fn price(&mut self) {
		let context = |expiry| ExpiryContext::new(&self.parameters, &self.scenarios, expiry);
		self.contexts = self.expiries.iter().map(|expiry| context(expiry).unwrap()).collect();
		self.terms = self.contexts.iter().map(ExpiryContext::terms).collect();
		self.entries = vec![0; self.series.len() * (FIXED_ENTRIES + self.scenarios.len())];
		price_all(&self.contexts, &self.series, &mut self.entries).unwrap();
	}

	pub fn arrays(&self) -> RiskArrays<'_> {
		RiskArrays::new(&self.entries, self.scenarios.len())
	}

	pub fn direct(&self) -> DirectArrays<'_> {
		DirectArrays::new(&self.contexts, &self.series)
	}

	pub fn account<'a>(&'a self, arrays: &'a dyn ArraySource) -> PortfolioAccount<'a> {
		let round =
			Round { market: self.market, expiries: &self.terms, series: &self.series, arrays };
		PortfolioAccount::new(round, self.book())
	}

	pub fn book(&self) -> Book<'_> {
		Book {
			lots_per_contract: LOTS,
			cash: self.cash,
			options: &self.options,
			perpetual: self.perpetual,
			collateral: &self.collateral,
		}
	}

	pub fn model(&self) -> Portfolio<'_> {
		Portfolio::new(&self.parameters, &self.scenarios).unwrap()
	}

	/// Contracts of every kind on spot, in micro-USD.
	pub fn gross_notional(&self) -> i128 {
		let lots: i128 = self.options.iter().map(|held| i128::from(held.lots.abs())).sum();
		let lots = lots + i128::from(self.perpetual.lots.abs());
		lots * i128::from(self.market.spot.pico_usd()) / i128::from(LOTS) / 1_000_000
	}
}

pub fn scenario(value: &Value) -> Scenario {
	let vol = match value["vol"].as_str().expect("shock") {
		"up" => VolShock::Up,
		"none" => VolShock::None,
		"down" => VolShock::Down,
		"linear" => VolShock::Linear,
		"absolute" => VolShock::Absolute,
		other => panic!("unknown shock {other}"),
	};
	Scenario { spot: ppb(&value["spot"]), vol, weight: ppb(&value["weight"]) }
}

/// One underlying of a standard book with everything it points to.
pub struct StandardCase {
	pub parameters: StandardParameters,
	pub spot: Price,
	pub spot_confidence: Ppb,
	pub base: u64,
	pub perpetual: Perpetual,
	pub expiries: Vec<StandardExpiry>,
	pub series: Vec<Series>,
	pub values: Vec<Price>,
	pub options: Vec<Position>,
}

impl StandardCase {
	pub fn read(book: &Value) -> Self {
		use ballast_pricing::{black76, Time};
		let (expiries, options) = (list(&book["expiries"]), list(&book["options"]));
		let find = |option: &Value| {
			expiries.iter().position(|expiry| expiry["id"] == option["expiry"]).expect("expiry")
		};
		let value = |option: &Value| {
			let expiry = &expiries[find(option)];
			let time = Time::from_seconds(expiry["seconds"].as_u64().expect("seconds")).unwrap();
			let total = black76::total_vol(vol(&option["vol"]), time).unwrap();
			let (forward, strike) = (price(&expiry["forward"]), price(&option["strike"]));
			black76::call_put(forward, strike, total).unwrap().side(kind(&option["kind"]))
		};
		Self {
			parameters: StandardParameters::DEFAULT,
			spot: price(&book["spot"]),
			spot_confidence: ppb(&book["spot_confidence"]),
			base: scaled(&book["base"], 3) as u64,
			perpetual: perpetual(&book["perpetual"]),
			expiries: expiries
				.iter()
				.map(|expiry| StandardExpiry {
					forward: price(&expiry["forward"]),
					confidence: ppb(&expiry["forward_confidence"])
						.min(ppb(&expiry["vol_confidence"])),
				})
				.collect(),
			series: options
				.iter()
				.map(|option| Series {
					expiry: find(option) as u8,
					strike: price(&option["strike"]),
					kind: kind(&option["kind"]),
				})
				.collect(),
			values: options.iter().map(value).collect(),
			options: options
				.iter()
				.zip(0..)
				.map(|(option, series)| Position { series, lots: lots(&option["amount"]) })
				.collect(),
		}
	}

	pub fn underlying(&self) -> Underlying<'_> {
		Underlying {
			parameters: &self.parameters,
			spot: self.spot,
			spot_confidence: self.spot_confidence,
			lots_per_contract: LOTS,
			base: self.base,
			base_units_per_token: 1_000,
			perpetual: self.perpetual,
			expiries: &self.expiries,
			series: &self.series,
			values: &self.values,
			options: &self.options,
			orders: &[],
			charge: 0,
		}
	}

	pub fn gross_notional(&self) -> i128 {
		let lots: i128 = self.options.iter().map(|held| i128::from(held.lots.abs())).sum();
		let lots = lots + i128::from(self.perpetual.lots.abs());
		lots * i128::from(self.spot.pico_usd()) / i128::from(LOTS) / 1_000_000
	}
}
