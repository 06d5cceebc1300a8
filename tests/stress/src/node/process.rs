// SPDX-License-Identifier: Apache-2.0
//! The node as a process, with a folder of its own.

use std::{
	fs::File,
	net::TcpListener,
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};

/// Building the genesis and compiling the runtime take their time on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(180);
/// Pause between two looks at a node that starts.
const PAUSE: Duration = Duration::from_millis(250);

/// A node that ends with this value.
pub struct Process {
	child: Child,
	/// Where it is asked.
	pub port: u16,
	/// What it logs.
	pub log: PathBuf,
}

/// What a node is started with.
pub struct Start<'a> {
	/// The binary.
	pub binary: &'a Path,
	/// The chain spec.
	pub spec: &'a Path,
	/// What `--price-feed` is given.
	pub feed: &'a str,
	/// A folder for database and log.
	pub folder: &'a Path,
	/// The port for questions; the network's is 20,450 above it.
	pub port: u16,
	/// Options on top of those that it needs.
	pub others: &'a [String],
}

impl Process {
	/// Starts a node of one authority and waits until it answers.
	pub async fn start(start: &Start<'_>) -> Result<Self, String> {
		// A node whose port is taken would take another one, and somebody else's node would be measured.
		TcpListener::bind(("127.0.0.1", start.port))
			.map_err(|error| format!("port {}: {error}; name another one", start.port))?;
		let log = start.folder.join("node.log");
		let out = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
		let err = out.try_clone().map_err(|error| format!("{}: {error}", log.display()))?;
		let child = Command::new(start.binary)
			.args(options(start))
			.stdin(Stdio::null())
			.stdout(out)
			.stderr(err)
			.spawn()
			.map_err(|error| format!("{}: {error}", start.binary.display()))?;
		let mut process = Self { child, port: start.port, log };
		process.wait_until_it_answers().await?;
		Ok(process)
	}

	async fn wait_until_it_answers(&mut self) -> Result<(), String> {
		let begun = Instant::now();
		while begun.elapsed() < START_LIMIT {
			self.check()?;
			if super::rpc::Node::connect(self.port).await.is_ok() {
				return Ok(());
			}
			tokio::time::sleep(PAUSE).await;
		}
		Err(format!("the node does not answer; its log: {}", self.log.display()))
	}

	/// An error if the node has ended.
	pub fn check(&mut self) -> Result<(), String> {
		match self.child.try_wait() {
			Ok(None) => Ok(()),
			Ok(Some(status)) => {
				Err(format!("the node has ended ({status}); the end of its log:\n{}", self.tail()))
			},
			Err(error) => Err(format!("waiting for the node: {error}")),
		}
	}

	fn tail(&self) -> String {
		let text = std::fs::read_to_string(&self.log).unwrap_or_default();
		let lines: Vec<_> = text.lines().collect();
		lines[lines.len().saturating_sub(15)..].join("\n")
	}
}

impl Drop for Process {
	/// Its data is thrown away: there is nothing that it has to write.
	fn drop(&mut self) {
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}

fn options(start: &Start) -> Vec<String> {
	let path = |path: &Path| path.display().to_string();
	let mut options: Vec<String> = [
		"--alice",
		"--validator",
		"--force-authoring",
		"--unsafe-force-node-key-generation",
		"--no-mdns",
		"--no-telemetry",
		"--no-prometheus",
		"--disable-log-color",
		"--state-pruning=archive",
		"--blocks-pruning=archive",
		"--rpc-methods=unsafe",
		"--rpc-max-response-size=64",
		"--rpc-max-request-size=64",
	]
	.map(String::from)
	.into();
	options.extend([
		format!("--chain={}", path(start.spec)),
		format!("--base-path={}", path(&start.folder.join("data"))),
		format!("--rpc-port={}", start.port),
		format!("--listen-addr=/ip4/127.0.0.1/tcp/{}", start.port.saturating_add(20_450)),
		format!("--price-feed={}", start.feed),
	]);
	options.extend_from_slice(start.others);
	options
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn node_should_stay_on_this_machine_when_it_is_started() {
		let start = Start {
			binary: Path::new("ballast"),
			spec: Path::new("/tmp/spec.json"),
			feed: "file:/tmp/feed.jsonl?speed=60&start=7",
			folder: Path::new("/tmp/run"),
			port: 9_950,
			others: &["--trie-cache-size=7".into()],
		};
		let options = options(&start);
		assert!(options.contains(&"--listen-addr=/ip4/127.0.0.1/tcp/30400".into()));
		assert!(options.contains(&"--price-feed=file:/tmp/feed.jsonl?speed=60&start=7".into()));
		assert!(!options.iter().any(|option| option.contains("external")));
		assert_eq!(options.last().map(String::as_str), Some("--trie-cache-size=7"));
	}
}
