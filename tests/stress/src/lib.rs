// SPDX-License-Identifier: Apache-2.0
//! A crash under load: a real node, or the runtime in process, with and without lanes.
//!
//! - [`path`]: what prices do, as a recording that a node's feed and the run in process both replay;
//! - [`book`]: a seeded book of many margin accounts, as a state and as a chain spec;
//! - [`chain`]: the real runtime in process, with the blocks that a node would make;
//! - [`simulate`]: a book over a path without a node, up to 100,000 accounts, against brute force;
//! - [`node`]: the same on a real node, with lanes and without; [`chart`] draws it.

pub mod book;
pub mod chain;
pub mod chart;
pub mod cli;
pub mod looks;
pub mod node;
pub mod path;
pub mod simulate;

/// What a step comes to; the error says what went wrong.
pub type Outcome<T = ()> = Result<T, String>;
