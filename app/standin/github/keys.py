"""RSA key pairs for Apps that the stand-in registers."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def key_pair() -> tuple[str, rsa.RSAPublicKey]:
    """A fresh 2048-bit key: its private half as the PKCS#1 PEM that GitHub hands out, and its public half."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return pem.decode("ascii"), key.public_key()


@cache
def unused() -> rsa.RSAPublicKey:
    """A public key whose private half is forgotten: for Apps that nobody signs in as (`github-actions`)."""
    return key_pair()[1]
