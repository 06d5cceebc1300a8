// SPDX-License-Identifier: Apache-2.0
//! Tests by theme.

mod abuse;
mod author;
mod blocks;
mod budgets;
mod extension;
mod fees;
mod governance;
mod limit;
mod properties;
mod rules;
