// SPDX-License-Identifier: Apache-2.0

mod abuse;
mod batch;
mod bits;
mod cancel;
mod client_ids;
mod combo;
mod costs;
mod fees;
mod kinds;
mod margin;
mod matching;
mod model;
mod order_expiry;
mod pruning;
mod reduce_only;
mod replace;
mod resting;
mod self_trade;
mod soundness;
mod weight;
