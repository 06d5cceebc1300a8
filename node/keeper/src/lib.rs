// SPDX-License-Identifier: Apache-2.0

//! The node's keeper: watches auctions and bids from the node's own account, within its own margin.
//!
//! It decides by the rules of `bots/keeper`, which does the same from outside: what a slice is worth, how much of it the
//! account carries, when to ask for less. It reads the state of each new best block by the runtime API and sends to the
//! node's own pool.
//!
//! - `choosing`: value, edge, share and limit; `margin`: whether the account carries a slice. Pure functions;
//! - `caution`: how it gets on with one auction; `failure`: why a bid failed;
//! - `keeper`: one look at every auction, and what is under way;
//! - `task`: looks at each block, sends, logs; `live`: the node behind it; `signing`, `nonces`, `outcome`: transactions.
//!
//! It never stops or slows the node: questions to the runtime end with the time for a look, nothing here panics, and what
//! goes wrong is a warning a minute.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod caution;
mod choosing;
mod failure;
mod keeper;
mod live;
mod margin;
mod nonces;
mod outcome;
mod signing;
mod task;
#[cfg(test)]
mod tests;
mod types;
mod warnings;

pub use live::{insert_dev_key, run, Parts};
pub use types::{Config, Rules};

use sp_core::crypto::KeyTypeId;

/// Target of the log lines.
pub const LOG_TARGET: &str = "keeper";

/// The key in the keystore that bids: sr25519, `ballast key insert --key-type keep --scheme sr25519`.
pub const KEY_TYPE: KeyTypeId = KeyTypeId(*b"keep");

/// What pays for the bids on a development chain whose keystore holds no key.
pub const DEV_KEY: &str = "//Bob";
