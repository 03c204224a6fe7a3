"""Rows 9 to 17 of the attack list: what is wrong in a bundle, or with what should have one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.standin.sigstore import Form, LocalSigstore
from tests.acceptance.releases.stage import (
    ASSET,
    BUNDLE,
    GOOD,
    GREEN,
    OTHER,
    SLSA,
    Json,
    Stage,
    edited,
    entry,
    hexdigest,
    raw,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORMS = (Form.REKOR_V1, Form.REKOR_V1_TIMESTAMPED, Form.REKOR_V2)


async def test_row_09_another_predicate_or_another_type_of_payload(stage: Stage) -> None:
    scene = stage.scene("row09")
    kinds = {
        "publish": "https://docs.pypi.org/attestations/publish/v1",
        "longer": "https://slsa.dev/provenance/v1.1",
        "summary": "https://slsa.dev/verification_summary/v1",
        "release": "https://in-toto.io/attestation/release/v0.2",
        "backfill": "https://example.com/backfill/v1",
    }

    def swap(bundle: Json) -> None:
        bundle["dsseEnvelope"]["payloadType"] = "application/vnd.in-toto+json; charset=utf-8"

    found = {
        name: ("PREDICATE", scene.attest(raw(name), name=name, kind=kind)) for name, kind in kinds.items()
    }
    await scene.each_refused(
        found | {"swapped": ("TAMPERED", edited(scene.attest(raw("swapped"), name="swapped"), swap))}
    )


def spliced(bundle: bytes, donor: bytes, *keys: str) -> bytes:
    """A bundle with parts of another one."""

    def splice(parsed: Json) -> None:
        for key in keys:
            parsed["verificationMaterial"][key] = json.loads(donor)["verificationMaterial"][key]

    return edited(bundle, splice)


async def test_row_10_a_log_entry_or_a_certificate_of_another_bundle(stage: Stage) -> None:
    scene = stage.scene("row10")
    found = {}
    for form in FORMS:
        of_other = scene.sign(OTHER, form)
        for part in ("tlogEntries", "certificate"):
            name = f"{form.value}-other-{part}"
            found[name] = ("TAMPERED", spliced(scene.sign(raw(name), form), of_other, part))
            name = f"{form.value}-same-{part}"
            donor = scene.sign(raw(name), form)
            found[name] = ("TAMPERED", spliced(scene.sign(raw(name), form), donor, part))
        name = f"{form.value}-both"
        donor = scene.sign(raw(name), form)
        both = spliced(scene.sign(raw(name), form), donor, "tlogEntries", "certificate")
        found[name] = ("TAMPERED", both)
        name = f"{form.value}-statement"
        donor = scene.sign(raw(name), form)
        entry_of_file = spliced(scene.attest(raw(name), name=name, form=form), donor, "tlogEntries")
        # In Rekor v1 a statement has entries of its own kind; in v2 both have the same, and only its content tells.
        found[name] = ("TAMPERED" if form is Form.REKOR_V2 else "UNSUPPORTED_LOG_ENTRY", entry_of_file)
    await scene.each_refused(found)


async def test_row_11_signed_outside_of_the_certificates_time_or_at_no_trusted_time(stage: Stage) -> None:
    scene = stage.scene("row11")
    worlds = {
        "late": replace(stage.sigstore, delay=timedelta(minutes=11)),
        "early": replace(stage.sigstore, delay=-timedelta(seconds=2)),
    }

    def shift(bundle: Json) -> None:
        entry(bundle)["integratedTime"] = str(int(entry(bundle)["integratedTime"]) + 60)

    def timeless(bundle: Json) -> None:
        bundle["verificationMaterial"]["timestampVerificationData"] = {}

    found = {
        f"{when}-{form.value}": (
            "TIME",
            world.sign_artifact(raw(f"{when}-{form.value}"), scene.signer, form),
        )
        for when, world in worlds.items()
        for form in FORMS
    }
    found["shifted"] = ("TAMPERED", edited(scene.sign(raw("shifted")), shift))
    found["timeless"] = ("TIME", edited(scene.sign(raw("timeless"), Form.REKOR_V2), timeless))
    await scene.each_refused(found)


async def test_row_12_no_entry_two_entries_no_promise_no_checkpoint_or_another_logs(stage: Stage) -> None:
    scene = stage.scene("row12")
    foreign = replace(stage.sigstore, rekor_v1=LocalSigstore.create().rekor_v1)

    def entries(number: int) -> Callable[[Json], None]:
        def change(bundle: Json) -> None:
            bundle["verificationMaterial"]["tlogEntries"] = [entry(bundle)] * number

        return change

    def without(*path: str) -> Callable[[Json], None]:
        def change(bundle: Json) -> None:
            holder = entry(bundle)
            for key in path[:-1]:
                holder = holder[key]
            del holder[path[-1]]

        return change

    changes = {
        "none": ("INVALID_BUNDLE", entries(0)),
        "two": ("INVALID_BUNDLE", entries(2)),
        "no-promise": ("TIME", without("inclusionPromise")),
        "no-checkpoint": ("INVALID_BUNDLE", without("inclusionProof", "checkpoint")),
        "no-proof": ("INVALID_BUNDLE", without("inclusionProof")),
    }
    found = {name: (code, edited(scene.sign(raw(name)), change)) for name, (code, change) in changes.items()}
    # A log that the root does not name: the library tries every key, and none fits the checkpoint.
    found["foreign"] = ("TRUST_ROOT", foreign.sign_artifact(raw("foreign"), scene.signer))
    await scene.each_refused(found)


async def test_row_13_another_worlds_bundle_even_with_its_root_beside_it(stage: Stage) -> None:
    scene, foreign = stage.scene("row13", "exempt: ['*.root.json']"), LocalSigstore.create()
    # Without a promise, only a timestamp says when it was signed, and nobody knows who gave it.
    codes = {Form.REKOR_V1: "TRUST_ROOT", Form.REKOR_V1_TIMESTAMPED: "TRUST_ROOT", Form.REKOR_V2: "TIME"}
    found = {
        form.value: (code, foreign.sign_artifact(raw(form.value), scene.signer, form))
        for form, code in codes.items()
    }
    subject = ("github", hexdigest(raw("github")))
    found["github"] = ("TRUST_ROOT", foreign.attest([subject], SLSA, {}, scene.signer, Form.GITHUB))
    await scene.each_refused(found)
    signed = foreign.sign_artifact(GOOD, scene.tagged("v8"))
    roots = {name: foreign.trusted_root_json() for name in ("trusted_root.json", "public.root.json")}
    scene.publish({ASSET: GOOD, BUNDLE: signed, **roots}, "v8")
    await scene.settled()
    assert scene.check("v8").conclusion == "failure"
    assert scene.codes("v8") == {ASSET: "TRUST_ROOT", "trusted_root.json": "UNCOVERED"}


def hostile(good: bytes) -> dict[str, bytes]:
    """What is no bundle that two readers would read alike, or that anybody should read at all."""
    text = good.decode()
    media = json.loads(good)["mediaType"]
    return {
        "duplicate-keys": text.replace('{"mediaType"', '{"mediaType":"x","mediaType"', 1).encode(),
        "bom": b"\xef\xbb\xbf" + good,
        "two-documents": good + good,
        "nesting": b'{"mediaType":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        "utf-16": text.encode("utf-16"),
        "null": b"null",
        "nothing": b"",
        "nan": text.replace('"mediaType"', '"x":NaN,"mediaType"', 1).encode(),
        "unknown-type": text.replace(media, "application/vnd.dev.sigstore.bundle.v9+json").encode(),
        "long-string": text.replace('"mediaType"', f'"x":"{"a" * 3_000_000}","mediaType"', 1).encode(),
    }


async def test_row_14_what_two_readers_could_read_differently_is_no_bundle(stage: Stage) -> None:
    scene = stage.scene("row14")
    names = list(hostile(scene.sign()))
    broken = {name: hostile(scene.sign(raw(name)))[name] for name in names}
    for name in names:
        scene.store(broken[name], raw(name))
    scene.publish({name: raw(name) for name in names}, "v1")
    scene.publish(
        {name: raw(name) for name in names}
        | {f"{name}.sigstore.json": bundle for name, bundle in broken.items() if bundle},
        "v2",
    )
    await scene.settled()
    said = scene.codes("v1")
    assert said.pop("duplicate-keys") == "DUPLICATE_JSON_KEY"
    assert said == dict.fromkeys(set(names) - {"duplicate-keys"}, "INVALID_BUNDLE")
    for tag in ("v1", "v2"):
        assert scene.check(tag).conclusion == "failure"
        assert not GREEN & set(scene.said(tag))
        assert set(names) <= set(scene.codes(tag))


async def test_row_15_what_cannot_be_decided_is_named_and_never_called_tampered(stage: Stage) -> None:
    scene = stage.scene("row15")
    keyed = replace(stage.sigstore, curve=ec.SECP384R1())

    def managed(bundle: Json) -> None:
        del bundle["verificationMaterial"]["certificate"]
        bundle["verificationMaterial"]["publicKey"] = {"hint": "a key of our own"}

    def first_version(bundle: Json) -> None:
        bundle["verificationMaterial"]["tlogEntries"][0]["kindVersion"]["version"] = "0.0.1"

    in_toto = scene.attest(raw("intoto"), name="intoto", form=Form.REKOR_V1_INTOTO)
    await scene.each_refused(
        {
            "p384": ("UNSUPPORTED_KEY_TYPE", keyed.sign_artifact(raw("p384"), scene.signer)),
            "intoto": ("UNSUPPORTED_INTOTO_ENTRY", edited(in_toto, first_version)),
            "managed": ("UNSUPPORTED_MANAGED_KEY", edited(scene.sign(raw("managed")), managed)),
        }
    )
    assert "undecided" in (scene.check().title or "")
    assert "TAMPERED" not in scene.words()


async def test_row_15_githubs_own_form_is_verified_under_its_own_root_and_no_other(stage: Stage) -> None:
    scene = stage.scene("row15-github")
    scene.publish({ASSET: GOOD, BUNDLE: scene.attest(form=Form.GITHUB)})
    await scene.passes()
    assert "no transparency log" in scene.words()
    with_entry = json.loads(scene.attest(form=Form.GITHUB, by=scene.tagged("v2")))
    donor = json.loads(scene.attest(by=scene.tagged("v2")))
    with_entry["verificationMaterial"]["tlogEntries"] = donor["verificationMaterial"]["tlogEntries"]
    without = json.loads(scene.attest(form=Form.REKOR_V2, by=scene.tagged("v3")))
    del without["verificationMaterial"]["tlogEntries"]
    scene.publish({ASSET: GOOD, BUNDLE: json.dumps(with_entry).encode()}, "v2")
    scene.publish({ASSET: GOOD, BUNDLE: json.dumps(without).encode()}, "v3")
    await scene.settled()
    for tag in ("v2", "v3"):
        assert scene.check(tag).conclusion == "failure", scene.words(tag)


LISTED = "assets: [{files: ['*'], least: checksum-only}]"


async def test_row_16_signed_checksums_count_for_exactly_what_they_list(stage: Stage) -> None:
    scene = stage.scene("row16", LISTED)
    good, other = hexdigest(GOOD), hexdigest(OTHER)

    def release(tag: str, listing: str, **assets: bytes) -> None:
        sums = listing.encode()
        signed = scene.sign(sums, by=scene.tagged(tag))
        files = {name.replace("_", "."): raw for name, raw in assets.items()}
        scene.publish({"SHA256SUMS": sums, "SHA256SUMS.sigstore.json": signed, **files}, tag)

    release("v1", f"{good} *a.bin\r\n{other}  b.bin\r\n", a_bin=GOOD, b_bin=OTHER)
    release("v2", f"{good}  a.bin\n{other}  b.bin\n", a_bin=OTHER, b_bin=OTHER)
    release("v3", f"{good}  a.bin\n", a_bin=GOOD, b_bin=OTHER)
    release("v4", f"{good}  ../a.bin\n{good}  /a.bin\n{good}  x/a.bin\n", a_bin=GOOD)
    release("v5", f"{other}  a.bin\n{good}  a.bin\n", a_bin=GOOD)
    release("v6", f"{good}  A.BIN\n{good}  a.bin \n{good}  a.bin.\n", a_bin=GOOD)
    await scene.passes("v1")
    await scene.refuses("CHECKSUM_MISMATCH", "v2")
    for tag in ("v3", "v4", "v5", "v6"):
        await scene.refuses("UNCOVERED", tag)


async def test_row_16_an_unsigned_list_proves_nothing_and_none_is_provenance(stage: Stage) -> None:
    scene = stage.scene("row16-unsigned", LISTED)
    scene.publish({"SHA256SUMS": f"{hexdigest(GOOD)}  {ASSET}\n".encode(), ASSET: GOOD})
    await scene.refuses("UNCOVERED")
    strict = stage.scene("row16-strict")
    sums = f"{hexdigest(GOOD)}  {ASSET}\n".encode()
    strict.publish({"SHA256SUMS": sums, "SHA256SUMS.sigstore.json": strict.sign(sums), ASSET: GOOD})
    await strict.refuses("UNCOVERED")


async def test_row_17_an_extra_asset_is_named_unless_the_policy_exempts_it(stage: Stage) -> None:
    scene = stage.scene("row17", "exempt: ['*.txt']")
    signed = {tag: {ASSET: GOOD, BUNDLE: scene.sign(by=scene.tagged(tag))} for tag in ("v1", "v2", "v3")}
    scene.publish({**signed["v1"], "notes.txt": b"exempt"}, "v1")
    scene.publish({**signed["v2"], "extra": OTHER}, "v2")
    scene.publish({**signed["v3"], "notes.txt.exe": OTHER, "evil.sigstore.json": b"#!/bin/sh"}, "v3")
    await scene.passes("v1")
    await scene.refuses("UNCOVERED", "v2")
    await scene.refuses("UNCOVERED", "v3")
    assert "notes.txt.exe" in scene.words("v3")
    assert "evil.sigstore.json" in scene.words("v3")
