"""A Sigstore of our own: real keys, real certificates, real log proofs, minted offline under a private trusted root.

Everything it issues is in the format of the public services, so a stock verifier judges it without a network and without
anything mocked. Sources: the Sigstore bundle, Fulcio certificate and Rekor specifications
(https://github.com/sigstore/architecture-docs), RFC 6962 (SCTs, Merkle proofs) and RFC 3161 (timestamps).
"""

from __future__ import annotations

from app.standin.sigstore.bundle import Form
from app.standin.sigstore.identity import GitHubIdentity
from app.standin.sigstore.world import LocalSigstore

__all__ = ["Form", "GitHubIdentity", "LocalSigstore"]
