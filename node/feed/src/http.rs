// SPDX-License-Identifier: Apache-2.0

//! Rounds polled from a JSON endpoint, in the background.

use crate::{
	inherent::unix_millis, round::Round, schema::parse_round, warning::Warning, PriceFeed,
};
use ballast_exchange::Moment;
use ballast_runtime_api::ListedUnderlying;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
	body::Bytes,
	client::conn::http1::{handshake, SendRequest},
	header::{ACCEPT, HOST, USER_AGENT},
	Request, StatusCode, Uri,
};
use hyper_util::rt::TokioIo;
use std::{
	future::Future,
	sync::{Arc, PoisonError, RwLock},
	time::{Duration, Instant},
};
use tokio::{net::TcpStream, time};

/// Longest answer, bytes.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// How far a server's clock may be ahead of this machine's.
const MAX_AHEAD: Duration = Duration::from_secs(5);

/// How a server is asked, and what is believed of its answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HttpLimits {
	/// From one question to the next.
	pub interval: Duration,
	/// Longest time for a whole answer.
	pub timeout: Duration,
	/// Age at which an answer is no longer reported.
	pub max_age: Duration,
	/// Largest move of a spot from one answer to the next, as a share. Once the last answer that was
	/// believed is too old to be reported, the next is believed whatever it says: a market that has really
	/// moved is found again.
	pub max_move: f64,
}

impl Default for HttpLimits {
	fn default() -> Self {
		Self {
			interval: Duration::from_millis(500),
			timeout: Duration::from_secs(2),
			max_age: Duration::from_secs(10),
			max_move: 0.2,
		}
	}
}

/// The latest answer of a server.
pub struct HttpFeed {
	pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
	url: Uri,
	limits: HttpLimits,
	latest: RwLock<Option<Latest>>,
	trouble: Warning,
}

#[derive(Clone)]
struct Latest {
	round: Arc<Round>,
	/// When the round was made, as this machine's steady clock would have shown it.
	made: Instant,
}

impl HttpFeed {
	/// A feed of `url` and the task that keeps asking. The task needs a Tokio runtime with IO and time.
	pub fn new(
		url: &str,
		limits: HttpLimits,
	) -> Result<(Self, impl Future<Output = ()> + Send), String> {
		let url = Self::check_url(url)?;
		// Tokio's timers panic beyond these.
		let interval = limits.interval.max(Duration::from_millis(1));
		let timeout = limits.timeout.min(Duration::from_secs(3_600));
		let limits = HttpLimits { interval, timeout, ..limits };
		let latest = RwLock::new(None);
		let shared = Arc::new(Shared { url, limits, latest, trouble: Warning::default() });
		Ok((Self { shared: shared.clone() }, poll(shared)))
	}

	pub(crate) fn check_url(url: &str) -> Result<Uri, String> {
		let wrong = || format!("`{url}` is not a URL such as http://127.0.0.1:9000/prices");
		let uri: Uri = url.parse().map_err(|_| wrong())?;
		if uri.scheme_str() != Some("http") || uri.host().is_none_or(str::is_empty) {
			return Err(wrong());
		}
		Ok(uri)
	}
}

impl PriceFeed for HttpFeed {
	fn round(&self, _now: Moment, _listed: &[ListedUnderlying]) -> Result<Arc<Round>, String> {
		let Shared { url, limits, .. } = self.shared.as_ref();
		let latest = self.shared.latest().ok_or_else(|| format!("no answer from {url} yet"))?;
		let age = latest.made.elapsed();
		if age > limits.max_age {
			return Err(format!("the last answer from {url} is {:.1} s old", age.as_secs_f64()));
		}
		Ok(latest.round)
	}
}

impl Shared {
	fn latest(&self) -> Option<Latest> {
		self.latest.read().unwrap_or_else(PoisonError::into_inner).clone()
	}

	/// Takes an answer, or says why not.
	pub(crate) fn take(&self, body: &[u8]) -> Result<(), String> {
		let (at, round) = parse_round(body, None)?;
		let made = Instant::now()
			.checked_sub(self.age(at)?)
			.ok_or("the answer is older than this machine's clock")?;
		if let Some(latest) = self.latest().filter(|l| l.made.elapsed() <= self.limits.max_age) {
			self.check_move(&latest.round, &round)?;
		}
		*self.latest.write().unwrap_or_else(PoisonError::into_inner) =
			Some(Latest { round: Arc::new(round), made });
		Ok(())
	}

	/// Age of a round that says when it was made; none for one that does not.
	fn age(&self, at: Option<f64>) -> Result<Duration, String> {
		let Some(at) = at else { return Ok(Duration::ZERO) };
		let age = unix_millis() as f64 / 1e3 - at;
		if age < -MAX_AHEAD.as_secs_f64() {
			return Err(format!("its `at` is {:.1} s in the future", -age));
		}
		if age > self.limits.max_age.as_secs_f64() {
			return Err(format!("its `at` is {age:.1} s ago"));
		}
		Ok(Duration::from_secs_f64(age.max(0.0)))
	}

	fn check_move(&self, before: &Round, after: &Round) -> Result<(), String> {
		for underlying in &after.underlyings {
			let Some(known) = before.underlying(underlying.symbol.as_bytes()) else { continue };
			let change = underlying.spot / known.spot - 1.0;
			if change.abs() > self.limits.max_move {
				let (symbol, percent) = (&underlying.symbol, change * 100.0);
				return Err(format!("{symbol} moved by {percent:.1} % in one answer"));
			}
		}
		Ok(())
	}
}

async fn poll(shared: Arc<Shared>) {
	let mut ticks = time::interval(shared.limits.interval);
	ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
	loop {
		ticks.tick().await;
		let answer = ask(&shared.url, shared.limits.timeout).await;
		match answer.and_then(|body| shared.take(&body)) {
			Ok(()) => shared.trouble.over(&format!("{} answers again", shared.url)),
			Err(error) => shared.trouble.warn(&format!("{}: {error}", shared.url)),
		}
	}
}

/// One question on a connection of its own: nothing of a broken one is kept.
pub(crate) async fn ask(url: &Uri, timeout: Duration) -> Result<Bytes, String> {
	let deadline = time::Instant::now() + timeout;
	let late = |_| format!("no answer within {} ms", timeout.as_millis());
	let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
	let stream =
		time::timeout_at(deadline, TcpStream::connect((host, url.port_u16().unwrap_or(80))))
			.await
			.map_err(late)?
			.map_err(|error| format!("cannot connect: {error}"))?;
	let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|e| e.to_string())?;
	let driver = tokio::spawn(connection);
	let body = time::timeout_at(deadline, request(sender, url)).await;
	driver.abort();
	body.map_err(late)?
}

async fn request(mut sender: SendRequest<Empty<Bytes>>, url: &Uri) -> Result<Bytes, String> {
	let path = url.path_and_query().map_or("/", |path| path.as_str());
	let host = url.authority().map_or("", |authority| authority.as_str());
	let request = Request::get(path)
		.header(HOST, host)
		.header(ACCEPT, "application/json")
		.header(USER_AGENT, "ballast-price-feed")
		.body(Empty::new())
		.map_err(|error| error.to_string())?;
	let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
	if answer.status() != StatusCode::OK {
		return Err(format!("it answers {}", answer.status()));
	}
	let body = Limited::new(answer.into_body(), MAX_BODY).collect().await;
	body.map(|body| body.to_bytes()).map_err(|error| error.to_string())
}
