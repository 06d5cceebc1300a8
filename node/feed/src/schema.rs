// SPDX-License-Identifier: Apache-2.0

//! The JSON of a round, and what is refused in it.

use crate::{
	round::{is_price, Node, Round, Underlying, MAX_NODES, MAX_UNDERLYINGS},
	svi::RawSvi,
	YEAR_SECONDS,
};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoundText {
	at: Option<f64>,
	quote_price: Option<f64>,
	underlyings: Vec<UnderlyingText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnderlyingText {
	symbol: String,
	spot: f64,
	expiries: Option<Vec<NodeText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeText {
	seconds_to_expiry: f64,
	forward: Option<f64>,
	rate: Option<f64>,
	svi: SviText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SviText {
	a: f64,
	b: f64,
	rho: f64,
	m: f64,
	sigma: f64,
}

/// Reads one round and its `at`. What it does not name stays as in the `previous` round.
///
/// The error says where in the round the fault is, and what it is.
pub fn parse_round(text: &[u8], previous: Option<&Round>) -> Result<(Option<f64>, Round), String> {
	let text: RoundText = serde_json::from_slice(text).map_err(|error| error.to_string())?;
	if text.at.is_some_and(|at| !at.is_finite() || at < 0.0) {
		return Err("`at` is below zero".into());
	}
	let before = previous.map_or(1.0, |round| round.quote_price);
	let quote_price = text.quote_price.unwrap_or(before);
	if !(0.01..=100.0).contains(&quote_price) {
		return Err(format!("`quote_price` is {quote_price}, not within 0.01 and 100"));
	}
	let mut round = Round {
		quote_price,
		underlyings: previous.map_or_else(Vec::new, |round| round.underlyings.clone()),
	};
	let mut named = Vec::new();
	for text in text.underlyings {
		let symbol: Arc<str> = check_symbol(&text.symbol)?.into();
		if named.contains(&symbol) {
			return Err(format!("{symbol} is there twice"));
		}
		let known = round.underlyings.iter().position(|known| known.symbol == symbol);
		let known = known.map(|index| round.underlyings.swap_remove(index));
		let underlying = text.check(symbol.clone(), known).map_err(|e| format!("{symbol}: {e}"))?;
		round.underlyings.push(underlying);
		named.push(symbol);
	}
	if round.underlyings.len() > MAX_UNDERLYINGS {
		return Err(format!("more than {MAX_UNDERLYINGS} underlyings"));
	}
	Ok((text.at, round))
}

fn check_symbol(symbol: &str) -> Result<&str, String> {
	let fits = (1..=16).contains(&symbol.len()) && symbol.bytes().all(|b| b.is_ascii_graphic());
	fits.then_some(symbol)
		.ok_or_else(|| "`symbol` is not 1 to 16 ASCII characters without spaces".into())
}

impl UnderlyingText {
	fn check(self, symbol: Arc<str>, known: Option<Underlying>) -> Result<Underlying, String> {
		let spot = self.spot;
		if !is_price(spot) {
			return Err(format!("`spot` is {spot}, not above 0 and at most 8,000,000"));
		}
		let nodes = match (self.expiries, known) {
			(Some(expiries), _) => check_nodes(expiries, spot)?,
			(None, Some(known)) => known.nodes,
			(None, None) => Arc::new([]),
		};
		Ok(Underlying { symbol, spot, nodes })
	}
}

fn check_nodes(expiries: Vec<NodeText>, spot: f64) -> Result<Arc<[Node]>, String> {
	if expiries.len() > MAX_NODES {
		return Err(format!("more than {MAX_NODES} expiries"));
	}
	let mut last = 0.0;
	let nodes = expiries.into_iter().map(|text| {
		let seconds = text.seconds_to_expiry;
		if seconds <= last {
			return Err(format!("`seconds_to_expiry` {seconds} does not come after {last}"));
		}
		last = seconds;
		text.check(spot).map_err(|error| format!("expiry of {seconds} s: {error}"))
	});
	nodes.collect()
}

impl NodeText {
	fn check(self, spot: f64) -> Result<Node, String> {
		let seconds = self.seconds_to_expiry;
		let years = seconds / YEAR_SECONDS;
		// Below that a slice could not be told from the ones beside it in the chain's fixed point.
		if !(1.0..=100.0 * YEAR_SECONDS).contains(&seconds) {
			return Err("`seconds_to_expiry` is not within 1 and 100 years".into());
		}
		let basis = match (self.forward, self.rate) {
			(Some(forward), _) if !is_price(forward) => {
				return Err(format!("`forward` is {forward}, not above 0 and at most 8,000,000"));
			},
			(Some(forward), _) => libm::log(forward / spot),
			(None, rate) => rate.unwrap_or(0.0) * years,
		};
		let rate = self.rate.unwrap_or(basis / years);
		if !(-10.0..=10.0).contains(&rate) {
			return Err(format!("the rate is {rate} per year, not within -10 and 10"));
		}
		let SviText { a, b, rho, m, sigma } = self.svi;
		let svi = RawSvi { a, b, rho, m, sigma };
		svi.validate()?;
		Ok(Node { seconds, basis, rate, svi })
	}
}
