// SPDX-License-Identifier: Apache-2.0
//! `ballast-risk`: prices, volatilities, margins and measurements without a node.

pub mod bench;
pub mod book;
pub mod command;
pub mod decimal;
pub mod explain;
pub mod field;
pub mod floats;
pub mod ladder;
pub mod margin;
pub mod quote;
pub mod wasm;
