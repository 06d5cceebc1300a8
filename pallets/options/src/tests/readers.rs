// SPDX-License-Identifier: Apache-2.0

//! Names, view functions and what the feed is told.

use crate::{calendar::DAY, mock::*, ExpiryState};
use ballast_exchange::{ListedExpiries, Markets, OptionKind, Price, SeriesId};

#[test]
fn series_should_be_found_by_its_name() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let (expiry, strike) = (expiries()[0], strikes(expiries()[0])[3]);
		let series = SeriesId { underlying: BTC, expiry, strike, kind: OptionKind::Put };
		let name = Options::series_name(&series);
		assert_eq!(name, format!("BTC-23NOV26-{}-P", strike / USD).into_bytes());
		assert_eq!(Options::series_by_name(name), Some(series));
		let by_parts = Options::series(b"BTC".to_vec(), expiry, strike, OptionKind::Put);
		assert_eq!(by_parts, Some(series));
		for name in ["BTC-23NOV26-1-P", "BTC-22NOV26-95000-P", "ETH-23NOV26-95000-P", "rubbish"] {
			assert_eq!(Options::series_by_name(name.into()), None);
		}
		let elsewhere = SeriesId { underlying: 9, ..series };
		assert!(Options::series_name(&elsewhere).is_empty());
	});
}

#[test]
fn feed_should_be_told_what_trades() {
	TestExt::new().underlying(2, "ETH").priced_at(95_000).execute_with(|| {
		let all = expiries();
		let listed = || Options::listed();
		let expected = vec![(1, b"BTC".to_vec(), all.clone()), (2, b"ETH".to_vec(), all.clone())];
		assert_eq!(listed(), expected);
		// One that waits for its settlement price is live, but wants no slice.
		set_now(all[0]);
		block(0);
		assert!(!listed()[0].2.contains(&all[0]));
		assert!(<Options as ListedExpiries>::expiries(BTC).contains(&all[0]));
		settle_at(BTC, all[0], usd(95_000));
		block(500);
		<Options as Markets>::settled(BTC, all[0]);
		assert!(!<Options as ListedExpiries>::expiries(BTC).contains(&all[0]));
		assert!(<Options as Markets>::expiries(BTC).contains(&all[0]));
		assert_eq!(<Options as ListedExpiries>::underlyings(), [1, 2]);
	});
}

#[test]
fn strikes_should_be_told_ascending_as_prices() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		let told = <Options as ListedExpiries>::strikes(BTC, expiry);
		let listed: Vec<_> = strikes(expiry)
			.into_iter()
			.map(|strike| Price::from_micro_usd(strike as i64).unwrap())
			.collect();
		assert_eq!(told, listed);
		assert!(<Options as ListedExpiries>::strikes(BTC, 1).is_empty());
	});
}

#[test]
fn views_should_show_every_expiry_with_its_state() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let all = expiries();
		block(3 * DAY);
		let view = Options::all_expiries();
		assert_eq!(view.len(), expiries().len());
		assert_eq!(view[0], ((BTC, all[0]), ExpiryState::Expired));
		assert!(view.iter().any(|(_, state)| *state == ExpiryState::Trading));
		let listing = Options::listing(BTC, all[0]).unwrap();
		assert_eq!((listing.listed_at, listing.state), (start(), ExpiryState::Expired));
		assert_eq!(Options::listing(BTC, 1), None);
	});
}
