"""The capability `release_verification`: release -> verdict on the Sigstore bundles of every asset."""
