// SPDX-License-Identifier: Apache-2.0

//! Polling against a small server: good answers, and every kind of bad one.

use crate::{
	http::{ask, MAX_BODY},
	unix_millis, HttpFeed, HttpLimits, PriceFeed,
};
use std::{
	io::{Read, Write},
	net::{TcpListener, TcpStream},
	sync::{Arc, Mutex},
	thread,
	time::{Duration, Instant},
};

/// Answers every connection with what `answer` writes.
fn serve(answer: impl Fn(&mut TcpStream) + Send + 'static) -> String {
	let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
	let address = listener.local_addr().expect("an address");
	thread::spawn(move || {
		for stream in listener.incoming() {
			let Ok(mut stream) = stream else { continue };
			let mut request = [0; 4_096];
			let _ = stream.read(&mut request);
			answer(&mut stream);
		}
	});
	format!("http://{address}/prices")
}

fn write(stream: &mut TcpStream, status: &str, body: &str) {
	let length = body.len();
	let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}");
}

fn btc(spot: f64) -> String {
	format!(r#"{{"underlyings":[{{"symbol":"BTC","spot":{spot}}}]}}"#)
}

fn limits() -> HttpLimits {
	HttpLimits {
		interval: Duration::from_millis(20),
		timeout: Duration::from_millis(300),
		max_age: Duration::from_secs(30),
		max_move: 0.2,
	}
}

fn tokio() -> tokio::runtime::Runtime {
	tokio::runtime::Builder::new_multi_thread()
		.worker_threads(1)
		.enable_all()
		.build()
		.expect("a runtime")
}

fn asked(url: &str) -> Result<String, String> {
	let url = url.parse().expect("a URL");
	let answer = tokio().block_on(ask(&url, limits().timeout));
	answer.map(|body| String::from_utf8_lossy(&body).into_owned())
}

fn spot(feed: &HttpFeed) -> Result<f64, String> {
	feed.round(0, &[]).map(|round| round.underlyings[0].spot)
}

/// Waits until the feed says so, at most ten seconds.
fn wait_for(feed: &HttpFeed, wanted: impl Fn(&Result<f64, String>) -> bool) {
	let deadline = Instant::now() + Duration::from_secs(10);
	loop {
		let found = spot(feed);
		if wanted(&found) {
			return;
		}
		assert!(Instant::now() < deadline, "still {found:?} after ten seconds");
		thread::sleep(Duration::from_millis(5));
	}
}

#[test]
fn feed_should_follow_the_answers_of_a_server() {
	let price = Arc::new(Mutex::new(95_000.0));
	let shown = price.clone();
	let url = serve(move |stream| write(stream, "200 OK", &btc(*shown.lock().expect("a price"))));
	let (feed, task) = HttpFeed::new(&url, limits()).expect("a feed");
	assert!(spot(&feed).expect_err("nothing yet").contains("no answer"));
	let tokio = tokio();
	tokio.spawn(task);
	wait_for(&feed, |found| *found == Ok(95_000.0));
	*price.lock().expect("a price") = 96_000.0;
	wait_for(&feed, |found| *found == Ok(96_000.0));
}

#[test]
fn feed_should_recover_when_a_bad_server_becomes_a_good_one() {
	let count = Mutex::new(0);
	let url = serve(move |stream| {
		let mut count = count.lock().expect("a count");
		*count += 1;
		match *count {
			1 => write(stream, "500 Internal Server Error", &btc(1.0)),
			2 => write(stream, "200 OK", "{\"underlyings\": garbage"),
			3 => write(stream, "200 OK", &btc(-1.0)),
			4 => drop(stream.write_all(b"not HTTP at all\r\n\r\n")),
			// The connection closes without a word.
			5 => (),
			_ => write(stream, "200 OK", &btc(95_000.0)),
		}
	});
	let (feed, task) = HttpFeed::new(&url, limits()).expect("a feed");
	let tokio = tokio();
	tokio.spawn(task);
	wait_for(&feed, |found| *found == Ok(95_000.0));
}

#[test]
fn answer_should_have_the_body_when_it_comes_in_chunks() {
	let url = serve(|stream| {
		let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
		let _ = write!(stream, "{head}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
	});
	assert_eq!(asked(&url).as_deref(), Ok("hello world"));
}

#[test]
fn answer_should_be_refused_when_the_server_is_slow() {
	let url = serve(|stream| {
		let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
		// A byte at a time keeps the connection alive, not the answer.
		for _ in 0..200 {
			if stream.write_all(b"{").is_err() {
				return;
			}
			thread::sleep(Duration::from_millis(10));
		}
	});
	let begin = Instant::now();
	assert_eq!(asked(&url), Err("no answer within 300 ms".into()));
	assert!(begin.elapsed() < Duration::from_secs(2));
}

#[test]
fn answer_should_be_refused_when_the_server_never_speaks() {
	let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
	let url = format!("http://{}/", listener.local_addr().expect("an address"));
	assert_eq!(asked(&url), Err("no answer within 300 ms".into()));
}

#[test]
fn answer_should_be_refused_when_it_is_huge() {
	for declared in [true, false] {
		let url = serve(move |stream| {
			let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
			if declared {
				let _ = write!(stream, "Content-Length: {}\r\n", 64 * MAX_BODY);
			}
			let _ = stream.write_all(b"\r\n");
			// Stops once the client has hung up.
			for _ in 0..64 * 16 {
				if stream.write_all(&[b' '; MAX_BODY / 16]).is_err() {
					return;
				}
			}
		});
		let error = asked(&url).expect_err("64 MiB");
		assert!(error.contains("length limit exceeded"), "{error}");
	}
}

#[test]
fn answer_should_be_refused_when_nobody_listens() {
	// Bound and dropped: a port that nobody has.
	let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
	let address = listener.local_addr().expect("an address");
	drop(listener);
	let error = asked(&format!("http://{address}/")).expect_err("nobody");
	assert!(error.starts_with("cannot connect: "), "{error}");
}

#[test]
fn redirect_should_not_be_followed() {
	let url = serve(|stream| {
		let _ = stream.write_all(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
	});
	assert_eq!(asked(&url), Err("it answers 302 Found".into()));
}

fn feed(limits: HttpLimits) -> HttpFeed {
	HttpFeed::new("http://127.0.0.1:1/", limits).expect("a feed").0
}

#[test]
fn last_answer_should_stay_when_the_next_is_wild() {
	let feed = feed(limits());
	feed.shared.take(btc(100.0).as_bytes()).expect("the first");
	for spot in ["130", "79", "1e300", "-5", "NaN", "8000001"] {
		let body = format!(r#"{{"underlyings":[{{"symbol":"BTC","spot":{spot}}}]}}"#);
		feed.shared.take(body.as_bytes()).expect_err(spot);
	}
	assert_eq!(spot(&feed), Ok(100.0));
	feed.shared.take(btc(119.0).as_bytes()).expect("a move within the bound");
	assert_eq!(spot(&feed), Ok(119.0));
}

#[test]
fn answer_should_age_and_any_move_be_believed_then() {
	let feed = feed(HttpLimits { max_age: Duration::from_millis(50), ..limits() });
	feed.shared.take(btc(100.0).as_bytes()).expect("the first");
	thread::sleep(Duration::from_millis(60));
	assert!(spot(&feed).expect_err("too old").contains("s old"));
	feed.shared.take(btc(200.0).as_bytes()).expect("nothing to compare with");
	assert_eq!(spot(&feed), Ok(200.0));
}

#[test]
fn answer_should_be_refused_when_its_own_time_is_wrong() {
	let feed = feed(HttpLimits { max_age: Duration::from_secs(10), ..limits() });
	let now = unix_millis() as f64 / 1e3;
	let body = |at: f64| format!(r#"{{"at":{at},"underlyings":[{{"symbol":"BTC","spot":1}}]}}"#);
	let error = feed.shared.take(body(now - 60.0).as_bytes()).expect_err("a minute ago");
	assert!(error.starts_with("its `at` is 60."), "{error}");
	let error = feed.shared.take(body(now + 60.0).as_bytes()).expect_err("in a minute");
	assert!(error.ends_with("s in the future"), "{error}");
	feed.shared.take(body(now - 3.0).as_bytes()).expect("three seconds ago");
	feed.shared.take(body(now + 1.0).as_bytes()).expect("a clock that runs ahead a little");
}
