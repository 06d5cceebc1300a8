// SPDX-License-Identifier: Apache-2.0

//! Addresses of nodes. Load goes to this machine unless the user says otherwise.

use std::{net::IpAddr, str::FromStr};

/// A WebSocket address of a node: `ws://HOST[:PORT][/PATH]` or `wss://...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
	url: String,
	host: String,
}

impl Endpoint {
	pub fn url(&self) -> &str {
		&self.url
	}

	/// Whether the address is certain to stay on this machine. Only `localhost` and the canonical
	/// spelling of a loopback address count.
	pub fn is_local(&self) -> bool {
		self.host.eq_ignore_ascii_case("localhost")
			|| self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
	}
}

impl FromStr for Endpoint {
	type Err = String;

	fn from_str(url: &str) -> Result<Self, String> {
		let rest = url
			.strip_prefix("ws://")
			.or_else(|| url.strip_prefix("wss://"))
			.ok_or("expected ws://HOST:PORT or wss://HOST:PORT")?;
		let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
		let (host, port) = split_port(authority)?;
		if host.is_empty() {
			return Err("the host is missing".into());
		}
		// Users, backslashes and escapes read differently in different URL parsers; refused, so
		// that the host checked here is the host connected to.
		if !host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':')) {
			return Err(format!("`{authority}` is not HOST:PORT"));
		}
		if let Some(port) = port {
			port.parse::<u16>().map_err(|_| format!("`{port}` is not a port"))?;
		}
		Ok(Self { url: url.into(), host: host.into() })
	}
}

/// Splits `HOST[:PORT]`, where an IPv6 host stands in brackets.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), String> {
	if let Some(bracketed) = authority.strip_prefix('[') {
		let (host, rest) = bracketed.split_once(']').ok_or("`[` without `]`")?;
		return match rest {
			"" => Ok((host, None)),
			_ => Ok((host, Some(rest.strip_prefix(':').ok_or("text after `]`")?))),
		};
	}
	Ok(match authority.split_once(':') {
		Some((host, port)) => (host, Some(port)),
		None => (authority, None),
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	fn is_local(url: &str) -> Result<bool, String> {
		url.parse::<Endpoint>().map(|endpoint| endpoint.is_local())
	}

	#[test]
	fn loopback_addresses_should_be_local() {
		for url in [
			"ws://127.0.0.1:9944",
			"ws://127.9.9.9",
			"ws://localhost:1/path",
			"wss://LOCALHOST",
			"ws://[::1]:9944",
		] {
			assert_eq!(is_local(url), Ok(true), "{url}");
		}
	}

	#[test]
	fn other_hosts_should_be_remote() {
		for url in [
			"ws://10.0.0.1:9944",
			"wss://localhost.example.org",
			"ws://[2001:db8::1]",
			"ws://127.1",
		] {
			assert_eq!(is_local(url), Ok(false), "{url}");
		}
	}

	#[test]
	fn addresses_that_parsers_read_differently_should_be_refused() {
		for url in [
			"http://127.0.0.1:9944",
			"127.0.0.1:9944",
			"ws://",
			"ws://127.0.0.1@example.org",
			"ws://127.0.0.1:9944@example.org",
			"ws://127.0.0.1\\@example.org",
			"ws://%31.example.org",
			"ws://127.0.0.1:99999",
			"ws://[::1",
			"ws://[::1]x",
		] {
			assert!(is_local(url).is_err(), "{url}");
		}
	}
}
