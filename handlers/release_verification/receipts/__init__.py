"""Receipts: what was judged of each asset, so that a third party can judge it again, offline."""
