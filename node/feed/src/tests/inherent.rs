// SPDX-License-Identifier: Apache-2.0

//! The inherent: there when it can be, and never in the way.

use super::{btc, listed};
use crate::{unix_millis, PriceFeed, Reporter, Round, Simulation};
use ballast_exchange::{Moment, PriceReport, INHERENT_IDENTIFIER};
use ballast_runtime_api::ListedUnderlying;
use futures::executor::block_on;
use sp_inherents::InherentDataProvider;
use std::sync::{
	atomic::{AtomicU32, Ordering},
	Arc,
};

fn reported(
	feed: Option<Arc<dyn PriceFeed>>,
	listed: Result<Vec<ListedUnderlying>, String>,
) -> Option<PriceReport> {
	let provider = Reporter::new(feed).provider(move || listed.clone());
	let data = block_on(provider.create_inherent_data()).expect("never an error");
	data.get_data(&INHERENT_IDENTIFIER).expect("it decodes")
}

fn simulation() -> Option<Arc<dyn PriceFeed>> {
	Some(Arc::new(Simulation::new(1)))
}

/// A feed with one fixed answer.
struct Fixed(Result<Round, String>);

impl PriceFeed for Fixed {
	fn round(&self, _: Moment, _: &[ListedUnderlying]) -> Result<Arc<Round>, String> {
		self.0.clone().map(Arc::new)
	}
}

#[test]
fn report_should_cover_what_is_listed() {
	let now = unix_millis();
	let wanted = vec![listed(1, "BTC", now, &[3_600, 86_400]), listed(2, "ETH", now, &[3_600])];
	let report = reported(simulation(), Ok(wanted)).expect("a report");
	let covered: Vec<_> =
		report.underlyings.iter().map(|u| (u.underlying, u.expiries.len())).collect();
	assert_eq!(covered, [(1, 2), (2, 1)]);
}

#[test]
fn block_should_carry_no_report_when_there_is_nothing_to_say() {
	let wanted = || Ok(vec![listed(1, "BTC", unix_millis(), &[3_600])]);
	assert_eq!(reported(None, wanted()), None);
	assert_eq!(reported(simulation(), Ok(Vec::new())), None);
	assert_eq!(reported(simulation(), Err("no such API".into())), None);
	assert_eq!(reported(Some(Arc::new(Fixed(Err("silence".into())))), wanted()), None);
	let unknown = Ok(vec![listed(8, "XYZ", unix_millis(), &[3_600])]);
	assert_eq!(reported(Some(Arc::new(Fixed(Ok(btc(1.0))))), unknown), None);
}

#[test]
fn runtime_should_be_asked_only_when_the_block_is_built() {
	let asked = Arc::new(AtomicU32::new(0));
	let counter = asked.clone();
	let reporter = Reporter::new(simulation());
	let provider = reporter.provider(move || {
		counter.fetch_add(1, Ordering::Relaxed);
		Ok(Vec::new())
	});
	assert_eq!(asked.load(Ordering::Relaxed), 0);
	let _ = block_on(provider.create_inherent_data()).expect("never an error");
	assert_eq!(asked.load(Ordering::Relaxed), 1);
	// A node without a feed does not ask at all.
	let counter = asked.clone();
	let provider = Reporter::new(None).provider(move || {
		counter.fetch_add(1, Ordering::Relaxed);
		Ok(Vec::new())
	});
	let _ = block_on(provider.create_inherent_data()).expect("never an error");
	assert_eq!(asked.load(Ordering::Relaxed), 1);
}
