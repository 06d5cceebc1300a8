// SPDX-License-Identifier: Apache-2.0

//! One error type: a sentence that says what was being done and why it could not be.

use std::{error::Error, fmt, future::Future, time::Duration};

/// What stopped a measurement, as the sentence the user reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
	pub fn new(text: impl Into<String>) -> Self {
		Self(text.into())
	}
}

impl fmt::Display for Failure {
	fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
		out.write_str(&self.0)
	}
}

pub type Result<T> = std::result::Result<T, Failure>;

/// Adds what was being done to an error of another crate, keeping that error's causes.
pub trait Context<T> {
	fn context(self, doing: impl fmt::Display) -> Result<T>;
}

impl<T, E: Error> Context<T> for std::result::Result<T, E> {
	fn context(self, doing: impl fmt::Display) -> Result<T> {
		self.map_err(|error| Failure(format!("{doing}: {}", with_causes(&error))))
	}
}

/// Errors of nested crates often repeat their cause in their own text: a cause already told is
/// left out.
fn with_causes(error: &dyn Error) -> String {
	let mut text = error.to_string();
	let mut cause = error.source();
	while let Some(inner) = cause {
		let told = inner.to_string();
		if !text.contains(&told) {
			text = format!("{text}: {told}");
		}
		cause = inner.source();
	}
	text
}

/// Awaits `future` for at most `limit`, so that a node that hangs ends in an error.
pub async fn within<T>(
	limit: Duration,
	doing: impl fmt::Display,
	future: impl Future<Output = Result<T>>,
) -> Result<T> {
	match tokio::time::timeout(limit, future).await {
		Ok(result) => result,
		Err(_) => Err(Failure(format!("{doing}: no answer within {} s", limit.as_secs()))),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[derive(Debug)]
	struct Outer(std::io::Error, &'static str);

	impl fmt::Display for Outer {
		fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
			out.write_str(self.1)
		}
	}

	impl Error for Outer {
		fn source(&self) -> Option<&(dyn Error + 'static)> {
			Some(&self.0)
		}
	}

	#[test]
	fn context_should_append_the_cause_when_the_error_hides_it() {
		let result: std::result::Result<(), _> =
			Err(Outer(std::io::Error::other("refused"), "transport"));
		assert_eq!(
			result.context("connecting").map_err(|failure| failure.to_string()),
			Err("connecting: transport: refused".to_string())
		);
	}

	#[test]
	fn context_should_not_repeat_a_cause_when_the_error_already_tells_it() {
		let result: std::result::Result<(), _> =
			Err(Outer(std::io::Error::other("refused"), "transport refused"));
		assert_eq!(
			result.context("connecting").map_err(|failure| failure.to_string()),
			Err("connecting: transport refused".to_string())
		);
	}
}
