// SPDX-License-Identifier: Apache-2.0
// What metadata does not say of a call: the meaning of its arguments, and the errors it can end in.

const INDEX = "number of the sender's account";
const UNDERLYING = 'number of the underlying';
const SERIES = 'the series';
const ORDER_ID = 'number of the order in its account';

/** Meaning and unit of arguments, by call, or by the argument alone where all calls agree. */
const ARGUMENTS = {
	index: INDEX,
	underlying: UNDERLYING,
	series: SERIES,
	asset: 'number of the asset',
	margin: 'rules of its margin',
	'clearing.deposit.amount': "the asset's smallest units",
	'clearing.withdraw.amount': "the asset's smallest units",
	'clearing.moveAssets.amount': "the asset's smallest units",
	'clearing.moveAssets.from': "number of the sender's account that gives",
	'clearing.moveAssets.to': "number of the sender's account that receives",
	'clearing.fundInsurance.amount': 'micro-USD',
	'clearing.collectFees.to': 'who receives them',
	'clearing.collectFees.amount': 'micro-USD',
	'clearing.setCollateral.terms': 'the terms, or none to accept it no more',
	'clearing.setDebtCap.cap': 'micro-USD',
	'options.createUnderlying.symbol': '1 to 8 of `A` to `Z` and `0` to `9`, in ASCII',
	terms: 'on which terms its options trade',
	schedule: 'what is listed by itself',
	'options.setPortfolioModel.model': 'parameters and scenarios',
	'options.setStandardParameters.parameters': 'the parameters',
	'options.setPaused.paused': 'whether orders that add risk are refused',
	'options.listStrike.expiry': 'milliseconds since the epoch',
	'options.listStrike.strike': 'micro-USD',
	'orderBook.place.order': 'the order',
	'orderBook.cancel.order': ORDER_ID,
	'orderBook.replace.order': ORDER_ID,
	'orderBook.removeExpired.order': ORDER_ID,
	'orderBook.removeExpired.owner': 'whose account it is',
	'orderBook.removeExpired.index': 'number of that account',
	'orderBook.cancelByClientId.clientId': 'the number that its client gave it',
	'orderBook.replace.price': 'micro-USD per contract, on the tick',
	'orderBook.replace.lots': 'what is to be open, lots',
	'orderBook.batch.operations': 'at most `maxBatch`, in their order',
	'orderBook.batch.mode': 'what happens if one fails',
	'orderBook.placeCombo.legs': '1 to 8',
	'orderBook.placeCombo.maxCost': 'micro-USD over all legs; negative: the least to receive',
	'prices.report.report': 'what the feed says',
	'prices.setParameters.parameters': 'the rules',
	'clearing.retrySettlement.owner': 'whose account it is',
	'clearing.retrySettlement.index': 'number of that account',
	'clearing.retrySettlement.expiry': 'milliseconds since the epoch',
	'lanes.setParameters.parameters': 'budgets, prices and limits',
	'liquidation.bid.owner': 'whose account is on auction',
	'liquidation.bid.index': 'number of that account',
	'liquidation.bid.maxShare': 'largest share of the book to take, above zero, at most one',
	'liquidation.bid.limit':
		'most to pay for `maxShare`, micro-USD, pro rata for less; negative: the least to receive',
	'liquidation.bid.bidderIndex': "number of the sender's account that takes the share",
	'liquidation.look.owner': 'whose account it is',
	'liquidation.look.index': 'number of that account',
	'liquidation.vaultDeposit.amount': 'micro-USD',
	'liquidation.vaultRequestWithdraw.shares': 'shares of the vault',
	'liquidation.topUp.amount': 'micro-USD',
	'liquidation.setParameters.parameters': 'every parameter',
	'liquidation.proposeParameters.parameters': 'every parameter',
};

const OWNER = ['clearing.AccountNotFound', 'clearing.AccountFrozen'];
const MARGIN = [
	'clearing.InsufficientMargin',
	'clearing.PricesStale',
	'clearing.PricesMissing',
	'clearing.DebtCapReached',
	'clearing.SweepUnfinished',
];
const FILL = [
	'clearing.TooManyPositions',
	'clearing.TooManyExpiries',
	'clearing.OpenInterestReached',
	'clearing.AmountTooLarge',
];
const SIZE = [
	'orderBook.UnknownSeries',
	'orderBook.SeriesExpired',
	'orderBook.OnlyReducing',
	'orderBook.PriceOffTick',
	'orderBook.PriceTooHigh',
	'orderBook.TooFewLots',
	'orderBook.TooManyLots',
];
const RESTING = [
	'orderBook.NothingToReduce',
	'orderBook.GoodTillPassed',
	'orderBook.TooManyOrders',
	'orderBook.LevelFull',
];
const TERMS = [
	'options.LotsPerContractOutOfRange',
	'options.TickNotMultiple',
	'options.TickTooLarge',
	'options.OrderSizeOutOfRange',
	'options.OpenInterestOutOfRange',
	'options.FeeOutOfRange',
	'options.FeeCapOutOfRange',
];
const SCHEDULE = [
	'options.PeriodInvalid',
	'options.TooManyExpiries',
	'options.StrikesEachSideOutOfRange',
	'options.StrikeStepOutOfRange',
];
const KNOWN = ['options.UnknownUnderlying'];

/** Errors of each call. Calls for governance fail with `BadOrigin` from anybody else. */
const ERRORS = {
	'prices.report': [],
	'prices.setParameters': [
		'prices.QuorumOutOfRange',
		'prices.FreshnessOutOfRange',
		'prices.ClampOutOfRange',
		'prices.MaxAgeOutOfRange',
		'prices.SettlementWindowOutOfRange',
		'prices.VolSampleOutOfRange',
		'prices.VolHalfLifeOutOfRange',
		'prices.SpreadFactorOutOfRange',
	],
	'options.createUnderlying': [
		'options.UnderlyingExists',
		'options.TooManyUnderlyings',
		'options.SymbolInvalid',
		'options.SymbolTaken',
		'options.BaseAssetTaken',
		...TERMS,
		...SCHEDULE,
	],
	'options.setTerms': [...KNOWN, 'options.BaseAssetTaken', 'options.UnitsInUse', ...TERMS],
	'options.setSchedule': [...KNOWN, ...SCHEDULE],
	'options.setPortfolioModel': [
		...KNOWN,
		'options.NoScenarios',
		'options.ScenarioOutOfRange',
		'options.PortfolioParameterOutOfRange',
		'options.ModelDoesNotPrice',
	],
	'options.setStandardParameters': [
		...KNOWN,
		'options.StandardParameterOutOfRange',
		'options.StandardParametersInconsistent',
	],
	'options.setPaused': KNOWN,
	'options.listStrike': [
		...KNOWN,
		'options.UnderlyingPaused',
		'options.ExpiryNotTrading',
		'options.NoFreshSpot',
		'options.StrikeAlreadyListed',
		'options.StrikeTooFar',
		'options.StrikeOffGrid',
		'options.TooManyStrikes',
	],
	'clearing.openAccount': ['clearing.AccountExists', 'clearing.UnknownUnderlying'],
	'clearing.closeAccount': [...OWNER, 'clearing.AccountNotEmpty'],
	'clearing.setMargin': [...OWNER, 'clearing.UnknownUnderlying', 'clearing.NotItsUnderlying', ...MARGIN],
	'clearing.deposit': [
		'clearing.AccountNotFound',
		'clearing.AmountZero',
		'clearing.AssetNotAccepted',
		'clearing.CollateralCapReached',
		'clearing.TooManyCollaterals',
		'clearing.AmountTooLarge',
		'clearing.InsufficientFunds',
	],
	'clearing.withdraw': [
		...OWNER,
		'clearing.AmountZero',
		'clearing.InsufficientBalance',
		'clearing.PoolIlliquid',
		...MARGIN,
	],
	'clearing.moveAssets': [
		...OWNER,
		'clearing.SameAccount',
		'clearing.AmountZero',
		'clearing.InsufficientBalance',
		'clearing.TooManyCollaterals',
		'clearing.AmountTooLarge',
		...MARGIN,
	],
	'clearing.fundInsurance': ['clearing.AmountZero', 'clearing.AmountTooLarge'],
	'clearing.setCollateral': [
		'clearing.IsSettlementAsset',
		'clearing.AssetNotAccepted',
		'clearing.UnknownUnderlying',
		'clearing.UnitsOutOfRange',
		'clearing.HaircutOutOfRange',
		'clearing.CollateralInUse',
	],
	'clearing.setDebtCap': [],
	'clearing.retrySettlement': ['clearing.AccountNotFound', 'clearing.NotUnsettled', 'clearing.AmountTooLarge'],
	'lanes.setParameters': [
		'lanes.ReserveOutOfOrder',
		'lanes.ReserveSteps',
		'lanes.StressWithoutScale',
		'lanes.TooMuchGuaranteed',
		'lanes.GuaranteeAboveCeiling',
		'lanes.StressFavoursTrading',
		'lanes.LaneMustStayOpen',
		'lanes.FeeRuleOutOfRange',
		'lanes.LimitOutOfRange',
	],
	'liquidation.bid': [
		'liquidation.ShareOutOfRange',
		'liquidation.SelfLiquidation',
		'liquidation.NoAuction',
		'liquidation.PricesStale',
		'liquidation.ShareTooSmall',
		'liquidation.SliceDoesNotHelp',
		'liquidation.LimitExceeded',
		'liquidation.BidderLacksCash',
		...FILL,
		...OWNER,
		...MARGIN,
	],
	'liquidation.look': ['liquidation.NothingFound', 'liquidation.PricesStale'],
	'liquidation.vaultDeposit': [
		'liquidation.DepositTooSmall',
		'liquidation.VaultInsolvent',
		'liquidation.VaultFrozen',
		'liquidation.PricesStale',
		'liquidation.AmountTooLarge',
		'clearing.InsufficientFunds',
	],
	'liquidation.vaultRequestWithdraw': ['liquidation.SharesZero', 'liquidation.NotEnoughShares'],
	'liquidation.topUp': [
		'liquidation.NotInDanger',
		'liquidation.DepositTooSmall',
		'clearing.InsufficientFunds',
	],
	'liquidation.setParameters': ['liquidation.ParametersOutOfRange', 'liquidation.NeedsShadow'],
	'liquidation.proposeParameters': ['liquidation.ParametersOutOfRange', 'liquidation.ProposalRuns'],
	'liquidation.cancelProposal': ['liquidation.NoProposal'],
	'clearing.collectFees': ['clearing.AmountZero', 'clearing.InsufficientFees', 'clearing.PoolIlliquid'],
	'orderBook.place': [
		...OWNER,
		'orderBook.NotItsUnderlying',
		...SIZE,
		...RESTING,
		'orderBook.DuplicateClientOrderId',
		'orderBook.WouldCross',
		'orderBook.NotFilled',
		...FILL,
		...MARGIN,
	],
	'orderBook.cancel': [...OWNER, 'orderBook.UnknownOrder'],
	'orderBook.cancelByClientId': [...OWNER, 'orderBook.UnknownOrder'],
	'orderBook.cancelAll': OWNER,
	'orderBook.cancelSeries': OWNER,
	'orderBook.replace': [...OWNER, 'orderBook.UnknownOrder', ...SIZE, ...RESTING, ...FILL, ...MARGIN],
	'orderBook.batch': [...OWNER, 'orderBook.BatchTooLong', 'orderBook.BatchItem', ...MARGIN],
	'orderBook.placeCombo': [
		...OWNER,
		'orderBook.NoLegs',
		'orderBook.TooManyLegs',
		'orderBook.NotItsUnderlying',
		'orderBook.CostAboveLimit',
		'orderBook.NotFilled',
		...SIZE,
		...FILL,
		...MARGIN,
	],
	'orderBook.removeExpired': [
		'clearing.AccountNotFound',
		'orderBook.UnknownOrder',
		'orderBook.NotExpired',
	],
};

/** Errors that no call is expected to end in, or that are answers to a query. */
const ELSEWHERE = [
	'clearing.AccountUnsettled',
	'clearing.AmountNegative',
	'clearing.InvalidPart',
	'liquidation.CorruptRecords',
	'clearing.CorruptLedger',
	'clearing.InvalidFill',
	'clearing.SimulationOutOfRange',
	'orderBook.CorruptBook',
];

/** Meaning of an argument; throws where none is written down, so that a new one is not forgotten. */
export function meaningOf(call, argument) {
	const meaning = ARGUMENTS[`${call}.${argument}`] ?? ARGUMENTS[argument];
	if (!meaning) {
		throw new Error(`tests/e2e/lib/reference/call-notes.js: what is ${argument} of ${call}?`);
	}
	return meaning;
}

/** Errors of a call; throws where they are not written down. */
export function errorsOf(call) {
	if (!(call in ERRORS)) {
		throw new Error(`tests/e2e/lib/reference/call-notes.js: which errors has ${call}?`);
	}
	return ERRORS[call];
}

/** Throws unless the errors written down here are those that there are. */
export function checkErrors(names) {
	const written = new Set([...Object.values(ERRORS).flat(), ...ELSEWHERE]);
	const unknown = [...written].filter((name) => !names.includes(name));
	const missing = names.filter((name) => !written.has(name));
	if (unknown.length + missing.length > 0) {
		const lists = `unknown: ${unknown.join(', ') || 'none'}; of no call: ${missing.join(', ') || 'none'}`;
		throw new Error(`tests/e2e/lib/reference/call-notes.js: ${lists}`);
	}
}
