// SPDX-License-Identifier: Apache-2.0

//! Which feed a node uses, from its command line.

use crate::{
	file::Recording,
	http::{HttpFeed, HttpLimits},
	inherent::unix_millis,
	sim::Simulation,
	PriceFeed,
};
use ballast_exchange::Moment;
use futures::future::BoxFuture;
use std::{path::PathBuf, str::FromStr, sync::Arc};

/// Where prices come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
	/// Nowhere: this node's blocks carry no report.
	None,
	/// `sim:SEED[?noise=SHARE]`.
	Simulation {
		/// Validators with the same seed report the same prices.
		seed: u64,
		/// Relative error of this node, at most 0.01.
		noise: f64,
	},
	/// `file:PATH[?speed=N&start=UNIX_SECONDS]`.
	File {
		/// One round per line.
		path: PathBuf,
		/// Seconds of the recording per second.
		speed: f64,
		/// When the replay begins, Unix seconds; without it when the node does.
		start: Option<u64>,
	},
	/// `http:URL`, plain HTTP.
	Http {
		/// Where to ask.
		url: String,
	},
}

const FORMS: &str = "use `sim:SEED`, `file:PATH`, `file:PATH?speed=N`, `http:URL` or `none`";

impl FromStr for Source {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		if text == "none" {
			return Ok(Self::None);
		}
		let (kind, rest) = text.split_once(':').ok_or(FORMS)?;
		match kind {
			"sim" => simulation(rest),
			"file" => file(rest),
			"http" => http(text, rest),
			"https" => Err(HTTPS.into()),
			_ => Err(format!("there is no price feed `{kind}`: {FORMS}")),
		}
	}
}

const HTTPS: &str =
	"the feed is asked over plain HTTP: run it on this machine, or a proxy that speaks TLS \
                     for it";

fn simulation(rest: &str) -> Result<Source, String> {
	let (seed, options) = split(rest);
	let seed = seed.parse().map_err(|_| format!("the seed `{seed}` is not a whole number"))?;
	let mut noise = 0.0;
	for option in options {
		match option? {
			("noise", value) => noise = number("noise", value, 0.0, 0.01)?,
			(name, _) => return Err(format!("`sim` has no option `{name}`, only `noise`")),
		}
	}
	Ok(Source::Simulation { seed, noise })
}

fn file(rest: &str) -> Result<Source, String> {
	let (path, options) = split(rest);
	if path.is_empty() {
		return Err("`file:` needs a path".into());
	}
	let (mut speed, mut start) = (1.0, None);
	for option in options {
		match option? {
			("speed", value) => speed = number("speed", value, 0.001, 100_000.0)?,
			("start", value) => {
				let parsed = value.parse();
				start = Some(parsed.map_err(|_| format!("start `{value}` is not Unix seconds"))?);
			},
			(name, _) => {
				return Err(format!("`file` has no option `{name}`, only `speed` and `start`"));
			},
		}
	}
	Ok(Source::File { path: path.into(), speed, start })
}

fn http(text: &str, rest: &str) -> Result<Source, String> {
	// Both `http://host/` and `http:http://host/` say the same.
	let url = if rest.starts_with("//") { text } else { rest };
	if url.starts_with("https:") {
		return Err(HTTPS.into());
	}
	HttpFeed::check_url(url)?;
	Ok(Source::Http { url: url.into() })
}

type Setting<'a> = Result<(&'a str, &'a str), String>;

/// What is before the question mark, and the `name=value` after it.
fn split(text: &str) -> (&str, impl Iterator<Item = Setting<'_>>) {
	let (before, after) = text.split_once('?').unwrap_or((text, ""));
	let settings = after.split('&').filter(|setting| !setting.is_empty());
	let pairs = settings.map(|setting| {
		setting.split_once('=').ok_or_else(|| format!("`{setting}` is not `name=value`"))
	});
	(before, pairs)
}

fn number(name: &str, value: &str, least: f64, most: f64) -> Result<f64, String> {
	let parsed = value.parse().ok().filter(|number| (least..=most).contains(number));
	parsed.ok_or_else(|| format!("{name} `{value}` is not a number within {least} and {most}"))
}

/// A feed that is ready.
pub struct Opened {
	/// The feed; `None` for [`Source::None`].
	pub feed: Option<Arc<dyn PriceFeed>>,
	/// Keeps it fed; to be spawned on a Tokio runtime, ends never.
	pub task: Option<BoxFuture<'static, ()>>,
}

/// Opens a source. Fails where the source itself is wrong, such as a file that cannot be read; a server
/// that does not answer is no failure.
pub fn open(source: &Source, limits: HttpLimits) -> Result<Opened, String> {
	let ready = |feed: Arc<dyn PriceFeed>| Opened { feed: Some(feed), task: None };
	Ok(match source {
		Source::None => Opened { feed: None, task: None },
		Source::Simulation { seed, noise } if *noise > 0.0 => {
			ready(Arc::new(Simulation::with_noise(*seed, *noise)))
		},
		Source::Simulation { seed, .. } => ready(Arc::new(Simulation::new(*seed))),
		Source::File { path, speed, start } => {
			let start = start.map_or_else(unix_millis, |s: u64| Moment::saturating_mul(s, 1_000));
			ready(Arc::new(Recording::open(path, start, *speed)?))
		},
		Source::Http { url } => {
			let (feed, task) = HttpFeed::new(url, limits)?;
			Opened { feed: Some(Arc::new(feed)), task: Some(Box::pin(task)) }
		},
	})
}
