// SPDX-License-Identifier: Apache-2.0

//! The report as an inherent of the block that is being built.

use crate::{report::report, warning::Warning, PriceFeed};
use ballast_exchange::{Moment, PriceReport, INHERENT_IDENTIFIER};
use ballast_runtime_api::{ListedUnderlying, PriceFeedApi};
use sp_api::ProvideRuntimeApi;
use sp_inherents::{Error, InherentData, InherentDataProvider, InherentIdentifier};
use sp_runtime::traits::Block;
use std::{
	sync::Arc,
	time::{SystemTime, UNIX_EPOCH},
};

/// Makes the reports of this node's blocks. Clones share their warnings.
#[derive(Clone)]
pub struct Reporter {
	shared: Arc<Shared>,
}

struct Shared {
	/// `None`: this node's blocks carry no report.
	feed: Option<Arc<dyn PriceFeed>>,
	unlisted: Warning,
	silent: Warning,
	missing: Warning,
}

/// Asks the runtime what is listed.
type Listing = Box<dyn Fn() -> Result<Vec<ListedUnderlying>, String> + Send + Sync>;

/// Puts a report among the inherents of one block.
pub struct PriceReportProvider {
	reporter: Reporter,
	listing: Listing,
}

impl Reporter {
	/// A reporter of that feed.
	pub fn new(feed: Option<Arc<dyn PriceFeed>>) -> Self {
		let [unlisted, silent, missing] = Default::default();
		Self { shared: Arc::new(Shared { feed, unlisted, silent, missing }) }
	}

	/// The provider of one block. `listing` is asked when the block is built, and not before: providers
	/// are made for every slot, whoever its author is.
	pub fn provider(
		&self,
		listing: impl Fn() -> Result<Vec<ListedUnderlying>, String> + Send + Sync + 'static,
	) -> PriceReportProvider {
		PriceReportProvider { reporter: self.clone(), listing: Box::new(listing) }
	}

	/// The provider of the block after `parent`.
	pub fn provider_at<B, C>(&self, client: Arc<C>, parent: B::Hash) -> PriceReportProvider
	where
		B: Block,
		C: ProvideRuntimeApi<B> + Send + Sync + 'static,
		C::Api: PriceFeedApi<B>,
	{
		self.provider(move || listed_at(client.as_ref(), parent))
	}

	fn report(&self, listing: &Listing, now: Moment) -> Option<PriceReport> {
		let Shared { feed, unlisted, silent, missing } = self.shared.as_ref();
		let feed = feed.as_ref()?;
		let listed = listing()
			.map_err(|error| {
				unlisted.warn(&format!("the runtime does not say what is listed: {error}"))
			})
			.ok()?;
		if listed.is_empty() {
			return None;
		}
		let round = feed
			.round(now, &listed)
			.map_err(|error| silent.warn(&format!("no report in this block: {error}")))
			.ok()?;
		silent.over("there are prices again");
		let (report, gaps) = report(&round, &listed, now);
		match gaps.first() {
			Some(gap) => missing.warn(&format!("the feed has {gap} ({} gaps)", gaps.len())),
			None => missing.over("the feed has all that is listed"),
		}
		(!report.underlyings.is_empty()).then_some(report)
	}
}

/// What the runtime of the block `parent` has listed.
pub fn listed_at<B, C>(client: &C, parent: B::Hash) -> Result<Vec<ListedUnderlying>, String>
where
	B: Block,
	C: ProvideRuntimeApi<B>,
	C::Api: PriceFeedApi<B>,
{
	client.runtime_api().listed(parent).map_err(|error| error.to_string())
}

/// The time of this machine, milliseconds since the epoch.
pub fn unix_millis() -> Moment {
	let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	// Fits for 500 million years.
	u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[async_trait::async_trait]
impl InherentDataProvider for PriceReportProvider {
	async fn provide_inherent_data(&self, data: &mut InherentData) -> Result<(), Error> {
		match self.reporter.report(&self.listing, unix_millis()) {
			Some(report) => data.put_data(INHERENT_IDENTIFIER, &report),
			None => Ok(()),
		}
	}

	async fn try_handle_error(
		&self,
		_: &InherentIdentifier,
		_: &[u8],
	) -> Option<Result<(), Error>> {
		// The runtime accepts every report: it has no error of ours to explain.
		None
	}
}
