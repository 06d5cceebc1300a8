// SPDX-License-Identifier: Apache-2.0
//! Fuzz target: arbitrary calls, lapses and prices on the real runtime.
//!
//! [`run`] reads an input as a sequence of blocks: how much time has passed, what the author reports, which signed
//! transactions come. Calls are chosen so that most of them mean something ([`calls`]); the rest is decoded from the raw
//! bytes. Every transaction passes the real extensions. After each block every pallet's `try_state` and the checks of
//! [`checks`] have to hold. A finding is a panic.
//!
//! Every input starts from the same chain at work ([`warm`]), built once per thread.
#![allow(clippy::indexing_slicing)]

pub mod bytes;
pub mod calls;
pub mod chain;
pub mod checks;
pub mod feed;
mod genesis;
pub mod market;
pub mod people;
mod run;
pub mod state;
pub mod tally;
pub mod warm;

pub use run::{count, replay, run};
