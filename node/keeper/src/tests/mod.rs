// SPDX-License-Identifier: Apache-2.0

//! Tests. The cases of `choosing`, `margin`, `caution` and `keeper` are those of `bots/keeper`: same cases, same answers.

mod caution;
mod choosing;
mod failure;
mod keeper;
mod make;
mod margin;
mod nonces;
mod outcome;
mod properties;
mod signing;
mod task;
mod warnings;
