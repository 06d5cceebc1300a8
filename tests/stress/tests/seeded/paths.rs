// SPDX-License-Identifier: Apache-2.0
//! Paths go where they say.

use ballast_exchange::Moment;
use ballast_price_feed::RawSvi;
use ballast_stress::path::{Kind, Path};

const START: Moment = 1_900_000_000_000;

fn path(kind: Kind) -> Path {
	Path::new(kind, 7).unwrap()
}

#[test]
fn paths_should_begin_with_the_same_prices_when_their_kinds_differ() {
	let first = |kind| path(kind).replay(START).unwrap().round(START).unwrap();
	assert_eq!(first(Kind::Crash), first(Kind::Synthetic));
	assert_eq!(first(Kind::Crash), first(Kind::Calm));
}

#[test]
fn crash_should_have_the_extremes_of_the_recording() {
	let crash = path(Kind::Crash);
	assert_eq!((crash.start, crash.low, crash.high), (7_365.24, 5_568.84, 7_384.46));
	assert_eq!((crash.speed, crash.seconds), (60.0, 240.0));
	// The low is at minute 40 of the hour that opens at 10:00.
	let replay = crash.replay(START).unwrap();
	assert_eq!(replay.spot(START + 100_000).unwrap(), 5_568.84);
	assert_eq!(replay.spot(START + 60_000).unwrap(), 7_350.52);
	assert_eq!(replay.spot(START - 60_000).unwrap(), crash.start);
}

#[test]
fn synthetic_should_fall_by_thirty_percent_in_two_minutes() {
	let synthetic = path(Kind::Synthetic);
	let replay = synthetic.replay(START).unwrap();
	let share = |millis| replay.spot(START + millis).unwrap() / synthetic.start;
	assert!((share(120_000) - 0.7).abs() < 1e-5);
	assert!((share(60_000) - 0.7f64.sqrt()).abs() < 1e-5);
	assert_eq!(share(120_000), share(240_000));
	assert_eq!(synthetic.low / synthetic.start, share(120_000));
}

#[test]
fn synthetic_should_double_volatilities() {
	let replay = path(Kind::Synthetic).replay(START).unwrap();
	let vol = |millis| {
		let round = replay.round(START + millis).unwrap();
		let node = round.underlyings[0].at(604_800.0).unwrap();
		node.svi.total_variance(0.0).sqrt()
	};
	assert!((vol(120_000) / vol(0) - 2.0).abs() < 1e-9);
	assert!((vol(60_000) / vol(0) - 1.5).abs() < 1e-9);
}

#[test]
fn calm_should_stay_within_a_percent() {
	let calm = path(Kind::Calm);
	assert!(calm.high / calm.start < 1.01 && calm.low / calm.start > 0.99, "{calm:?}");
	assert!(calm.high > calm.low);
}

#[test]
fn volatilities_should_have_no_butterfly_in_any_round() {
	for kind in [Kind::Crash, Kind::Synthetic] {
		let (path, mut last) = (path(kind), None);
		let replay = path.replay(START).unwrap();
		for half in 0..=(2.0 * path.seconds) as u64 {
			let round = replay.round(START + 500 * half).unwrap();
			let nodes = round.underlyings[0].nodes.clone();
			if last.as_ref() == Some(&nodes) {
				continue;
			}
			let strikes = || (-20..=20).map(|step| f64::from(step) / 20.0);
			for node in nodes.iter() {
				let is_sound =
					|svi: &RawSvi| strikes().all(|k| svi.density(k * 5.0 * width(svi)) > -1e-9);
				assert!(is_sound(&node.svi), "{kind} at {half}: {node:?}");
			}
			for pair in nodes.windows(2) {
				let grows = |k| pair[1].svi.total_variance(k) >= pair[0].svi.total_variance(k);
				assert!(strikes().all(grows), "{kind} at {half}: {pair:?}");
			}
			last = Some(nodes);
		}
	}
}

fn width(svi: &RawSvi) -> f64 {
	svi.total_variance(0.0).sqrt()
}

#[test]
fn source_should_be_what_a_node_takes() {
	let source = path(Kind::Crash).source(std::path::Path::new("/tmp/crash.jsonl"), 1_900_000_000);
	assert_eq!(source, "file:/tmp/crash.jsonl?speed=60&start=1900000000");
	assert!(source.parse::<ballast_price_feed::Source>().is_ok());
}

#[test]
fn kind_should_be_read_as_it_is_written() {
	for kind in [Kind::Crash, Kind::Synthetic, Kind::Calm] {
		assert_eq!(kind.to_string().parse(), Ok(kind));
	}
	assert!("panic".parse::<Kind>().is_err());
}
