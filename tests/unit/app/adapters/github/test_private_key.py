from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.adapters.github.tokens import rsa_key
from app.errors import SettingsError

PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
RSA = rsa.generate_private_key(65537, 2048)


def written(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    form: serialization.PrivateFormat = PKCS8,
    password: bytes | None = None,
) -> str:
    protection = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(PEM, form, protection).decode()


@pytest.mark.parametrize("form", [PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
def test_an_rsa_key_is_read_in_both_forms_that_are_about(form: serialization.PrivateFormat) -> None:
    assert rsa_key(written(RSA, form)).private_numbers() == RSA.private_numbers()


@pytest.mark.parametrize(
    "wrong",
    [
        "-----BEGIN RSA PRIVATE KEY-----\nmade up\n-----END RSA PRIVATE KEY-----",
        written(RSA)[:-200],
        written(RSA, password=b"secret"),
        written(ec.generate_private_key(ec.SECP256R1())),
    ],
    ids=["garbage", "cut short", "with a password", "another kind"],
)
def test_anything_else_stops_the_start_with_the_variable_and_without_the_key(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"HEPHAESTUS_PRIVATE_KEY, .* is not an RSA key") as refused:
        rsa_key(wrong)
    assert wrong.splitlines()[1] not in str(refused.value)
