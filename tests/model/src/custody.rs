// SPDX-License-Identifier: Apache-2.0
//! What a liquidation does with accounts, rebuilt from its events.

use crate::{
	account::Key,
	ensure,
	ledger::{HandedOver, Ledger, USDC},
	Outcome,
};
use ballast_runtime::Runtime;
use pallet_clearing::Event as ClearingEvent;
use pallet_liquidation::{EndReason, Event as LiquidationEvent};

impl Ledger {
	/// Applies a movement between accounts outside of the books.
	pub fn apply_custody(&mut self, event: &ClearingEvent<Runtime>) -> Outcome {
		match event {
			ClearingEvent::PartMoved { from, to, cash, collateral, positions } => {
				self.pay(from, to, *cash)?;
				for (asset, amount) in collateral {
					self.debit(from, *asset, *amount)?;
					self.credit(to, *asset, *amount)?;
				}
				for held in positions {
					self.account(from)?.trade(held.series, -held.lots);
					self.account(to)?.trade(held.series, held.lots);
				}
				Ok(())
			},
			ClearingEvent::PositionTransferred {
				from,
				to,
				series,
				lots,
				received,
				paid,
				price,
			} => {
				ensure!(*lots > 0 && paid >= received, "{event:?}");
				let of = |key: &Key| Some((key.clone(), self.accounts.get(key)?.clone()));
				let before = [from, to].into_iter().filter_map(of).collect();
				let price = price.pico_usd() as f64 / 1e12;
				self.handed_over = Some(HandedOver { before, price });
				self.account(from)?.trade(*series, -lots);
				self.account(to)?.trade(*series, *lots);
				self.account(from)?.cash += received;
				self.account(to)?.cash -= paid;
				self.insurance += (paid - received).unsigned_abs();
				Ok(())
			},
			ClearingEvent::CashPaid { from, to, amount } => {
				ensure!(*amount >= 0, "{event:?}");
				self.pay(from, to, *amount)
			},
			ClearingEvent::InsurancePaid { account, amount } => {
				let left = self.insurance.checked_sub(*amount);
				self.insurance = left.ok_or("more insurance than there is")?;
				self.credit(account, USDC, *amount)
			},
			ClearingEvent::PaidIn { who, account, amount } => {
				self.take_in(who, USDC, *amount)?;
				self.credit(account, USDC, *amount)
			},
			ClearingEvent::PaidOut { who, account, amount } => {
				self.debit(account, USDC, *amount)?;
				self.pay_out(who, USDC, *amount)
			},
			other => Err(format!("unexpected: {other:?}")),
		}
	}

	fn pay(&mut self, from: &Key, to: &Key, amount: i128) -> Outcome {
		self.account(from)?.cash -= amount;
		self.account(to)?.cash += amount;
		Ok(())
	}

	/// Applies what a liquidation says of accounts.
	pub fn apply_liquidation(&mut self, event: &LiquidationEvent<Runtime>) -> Outcome {
		match event {
			LiquidationEvent::AuctionOpened { account, maintenance, .. } => {
				self.counts.auctions += 1;
				ensure!(*maintenance < 0, "{event:?}");
				let holder = self.account(account)?;
				ensure!(!holder.frozen && holder.orders.is_empty(), "{holder:?} is on auction");
				holder.frozen = true;
				let is_new = self.on_auction.insert(account.clone());
				ensure!(is_new, "{account:?} is on auction twice");
				Ok(())
			},
			LiquidationEvent::AuctionEnded { account, reason, .. } => {
				ensure!(self.on_auction.remove(account), "{account:?} was not on auction");
				match reason {
					EndReason::TargetReached | EndReason::NothingLeft => {
						self.account(account)?.frozen = false;
					},
					EndReason::BadDebt | EndReason::AccountGone => {},
				}
				Ok(())
			},
			LiquidationEvent::BadDebtRecorded { account, amount, .. } => {
				self.counts.bad_debts += 1;
				let owed = -self.account(account)?.cash;
				ensure!(owed.unsigned_abs() == *amount, "{account:?} owes {owed}, not {amount}");
				Ok(())
			},
			LiquidationEvent::BadDebtCovered { account, left, .. } => {
				if *left == 0 {
					self.account(account)?.frozen = false;
				}
				Ok(())
			},
			LiquidationEvent::BidTaken { .. } => {
				self.counts.slices += 1;
				Ok(())
			},
			LiquidationEvent::VaultTook { .. } => {
				self.counts.vault_takes += 1;
				Ok(())
			},
			LiquidationEvent::InsurancePaid { left, .. } => {
				self.counts.insurance_payments += 1;
				ensure!(*left == self.insurance, "{event:?}: there is {}", self.insurance);
				Ok(())
			},
			LiquidationEvent::Deleveraged { .. } => {
				self.counts.deleveraged += 1;
				Ok(())
			},
			// Nothing can be said of an account while one of its prices is missing.
			LiquidationEvent::StepFailed { error, .. }
				if *error == pallet_clearing::Error::<Runtime>::PricesMissing.into() =>
			{
				Ok(())
			},
			LiquidationEvent::StepFailed { .. } | LiquidationEvent::UnderlyingFrozen { .. } => {
				Err(format!("{event:?}"))
			},
			_ => Ok(()),
		}
	}
}
