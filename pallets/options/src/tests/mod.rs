// SPDX-License-Identifier: Apache-2.0

mod drift;
mod governance;
mod life;
mod listing;
mod properties;
mod readers;
mod repricing;
