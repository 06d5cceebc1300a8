// SPDX-License-Identifier: Apache-2.0
//! `ballast-risk ladder`: numbers, table, picture.

mod common;

use ballast_pricing::Price;
use ballast_risk::Ppb;
use ballast_risk_cli::book::{Book, Shift};
use common::{golden, micro, run, BOOK};

fn portfolio() -> Book {
	Book::parse(BOOK).expect("the example is a book")
}

#[test]
fn a_shift_of_spot_should_equal_the_margin_there() {
	let book = portfolio();
	let Book::Portfolio(inner) = &book else { panic!("a portfolio book") };
	let priced = inner.price(Shift::NONE).unwrap();
	for percent in [-30, -7, 0, 12, 40] {
		let factor = Ppb(Ppb::ONE.0 + percent * 10_000_000);
		let found = book.margin_after(Shift { spot: factor, vol: Ppb::ONE }).unwrap();
		let spot = Price::from_usd(95_000 * (100 + percent) / 100).unwrap();
		let expected = priced.margin_at(spot).unwrap();
		// The two round the shifted forward differently, by a pico-USD.
		for (found, expected) in [
			(found.maintenance, expected.maintenance),
			(found.initial, expected.initial),
			(found.equity, expected.equity),
		] {
			assert!((found - expected).abs() <= 4, "{percent} %: {found} against {expected}");
		}
	}
}

#[test]
fn profit_should_be_zero_where_the_market_is() {
	let ladder = run(&["ladder", "-", "--json"], BOOK.as_bytes()).json();
	let margin = run(&["margin", "-"], BOOK.as_bytes()).json();
	assert_eq!(ladder["spot_changes"][4], "0 %");
	assert_eq!(ladder["vol_changes"][2], "0 %");
	assert_eq!(ladder["profit"][2][4], "0.000000");
	assert_eq!(ladder["maintenance"][2][4], margin["maintenance"]);
	assert_eq!(ladder["initial"][2][4], margin["initial"]);
	assert_eq!(ladder["profit"].as_array().unwrap().len(), 5);
	assert_eq!(ladder["profit"][0].as_array().unwrap().len(), 9);
}

#[test]
fn maintenance_should_change_sign_at_the_liquidation_price() {
	let ladder = run(&["ladder", "-", "--json"], BOOK.as_bytes()).json();
	let below = micro(ladder["liquidation_below"].as_str().expect("the short put is liquidated"));
	let book = portfolio();
	let at = |spot: i128| {
		let factor = Ppb(i64::try_from(spot * 1_000_000_000 / 95_000_000_000).unwrap());
		book.margin_after(Shift { spot: factor, vol: Ppb::ONE }).unwrap().maintenance
	};
	assert!(at(below - 1_000_000) < 0 && at(below + 1_000_000) >= 0);
}

#[test]
fn a_rise_of_volatility_should_cost_the_seller() {
	let mut cases = golden();
	let standard = cases.pop().unwrap()["book"].take();
	for book in [BOOK.to_owned(), standard.to_string()] {
		let ladder = run(&["ladder", "-", "--json", "--spots", "0"], book.as_bytes()).json();
		let profit = |row: usize| micro(ladder["profit"][row][0].as_str().unwrap());
		assert_eq!(profit(2), 0);
		assert!(profit(0) != 0 || profit(4) != 0, "{ladder}");
	}
}

#[test]
fn the_table_should_line_up() {
	let run = run(&["ladder", "-", "--spots", "-50,0,50", "--vols", "0,100"], BOOK.as_bytes());
	assert_eq!(run.code, 0, "{}", run.err);
	for title in ["Profit, USD", "Maintenance margin, USD", "Initial margin, USD"] {
		let lines: Vec<&str> = run.out.lines().skip_while(|line| *line != title).take(4).collect();
		let [_, head, first, second] = lines[..] else { panic!("{}", run.out) };
		assert!(head.contains("-50 %") && head.contains("+50 %"), "{head}");
		assert!(first.len() == head.len() && second.len() == head.len(), "{}", run.out);
	}
	assert!(run.out.contains("Liquidation at spot "), "{}", run.out);
}

#[test]
fn the_picture_should_be_well_formed() {
	let picture = run(&["ladder", "-", "--svg", "-"], BOOK.as_bytes());
	assert_eq!(picture.code, 0, "{}", picture.err);
	let mut elements = 0;
	let mut open: Vec<&str> = Vec::new();
	for piece in picture.out.split('<').skip(1) {
		let (tag, text) = piece.split_once('>').expect("every tag is closed");
		assert!(!text.contains(['>', '&']), "{text}");
		assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
		let name = tag.split([' ', '/']).next().unwrap();
		if let Some(closed) = tag.strip_prefix('/') {
			assert_eq!(open.pop(), Some(closed));
		} else {
			elements += 1;
			if !tag.ends_with('/') {
				open.push(name);
			}
		}
	}
	assert!(open.is_empty());
	// Three panels of 45 cells, a rectangle and a text each.
	assert!(elements > 3 * 45 * 2, "{elements}");
	assert!(picture.out.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
}

#[test]
fn a_grid_that_leaves_the_range_of_prices_should_be_refused() {
	let refused = |arguments: &[&str]| {
		let run = run(&[&["ladder", "-"], arguments].concat(), BOOK.as_bytes());
		assert_eq!((run.code, run.err.lines().count()), (2, 1), "{}", run.err);
		run.err
	};
	assert!(refused(&["--spots", "-101"]).starts_with("spots: \"-101\" is outside"));
	assert!(refused(&["--vols", "5,3"]).starts_with("vols: \"3\" is not above"));
	let mut high = common::book();
	high["market"]["expiries"][0]["forward"] = "1000000".into();
	let run = run(&["ladder", "-", "--spots", "0,400"], high.to_string().as_bytes());
	assert_eq!(run.code, 2);
	assert!(
		run.err.starts_with("spot +400 %, volatility -50 %: market.expiries[0].forward"),
		"{}",
		run.err
	);
}
