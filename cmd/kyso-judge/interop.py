"""The pyHanko side of "kyso-judge interop".

Two commands; each reads a list as JSON on standard input and writes one line of
JSON for every entry, in order, flushed:

  judge   entries {name, path, root, known, level, password?}: validates every
          signature of the file by the process of EN 319 102-1 for that level
          (5.3 basic, 5.5 with time, 5.6.3 with archival data), with revocation
          required. From B-LT on nothing is fetched and no certificate but the
          root is known: the file itself must prove everything.
  sign    entries {name, kind, input, output, level, key, cert, chain, root, tsa}:
          signs input at a PAdES level.
"""

import asyncio
import dataclasses
import json
import logging
import sys
import traceback

from asn1crypto import crl, ocsp, pem, x509
from asn1crypto.keys import PrivateKeyInfo
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import (
    ades_basic_validation,
    ades_lta_validation,
    ades_with_time_validation,
)
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, REQUIRE_REVINFO
from pyhanko_certvalidator.registry import SimpleCertificateStore, SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer


def certificate(path):
    with open(path, "rb") as f:
        data = f.read()
    if pem.detect(data):
        _, _, data = pem.unarmor(data)
    return x509.Certificate.load(data)


def stored(reader):
    """What the document security store holds."""
    try:
        dss = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return LocalKnowledge()
    data = lambda ref: ref.get_object().data
    return LocalKnowledge(
        known_ocsps=[c for r in dss.ocsps for c in OCSPContainer.load_multi(ocsp.OCSPResponse.load(data(r)))],
        known_crls=[CRLContainer(crl_data=crl.CertificateList.load(data(r))) for r in dss.crls],
        known_certs=list(dss.load_certs()),
    )


def specification(entry, reader):
    alone = entry["level"] in ("B-LT", "B-LTA")
    knowledge = stored(reader)
    if not alone:
        knowledge = LocalKnowledge(known_certs=[certificate(p) for p in entry["known"]])
    rule = RevinfoOnlineFetchingRule.LOCAL_ONLY if alone else RevinfoOnlineFetchingRule.ALWAYS_FETCH
    return SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build([certificate(entry["root"])]),
            revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
        ),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(online_fetching_rule=rule),
        local_knowledge=knowledge,
    )


async def process(sig, entry, spec):
    """The validation process for the level; passing it is reaching the level."""
    if entry["level"] == "B-LTA":
        # The store is taken up by the process itself, with its proofs of existence.
        spec = dataclasses.replace(spec, local_knowledge=LocalKnowledge())
        result = await ades_lta_validation(sig, PdfSignatureValidationSpec(spec))
        return result, result.oldest_evidence_record_timestamp is not None
    sig.compute_integrity_info()
    if entry["level"] == "B-B":
        return await ades_basic_validation(sig.signed_data, spec, raw_digest=sig.compute_digest()), True
    result = await ades_with_time_validation(
        sig.signed_data,
        spec,
        raw_digest=sig.compute_digest(),
        status_cls=PdfSignatureStatus,
        extra_status_kwargs=sig.summarise_integrity_info(),
    )
    return result, True


async def judge_one(entry):
    out = []
    with open(entry["path"], "rb") as f:
        reader = PdfFileReader(f, strict=False)
        if reader.security_handler is not None:
            reader.decrypt(entry.get("password", ""))
        spec = specification(entry, reader)
        for sig in reader.embedded_regular_signatures:
            result, reached = await process(sig, entry, spec)
            api = result.api_status
            changes = sig.summarise_integrity_info().get("diff_result")
            out.append(
                {
                    "field": sig.field_name,
                    "passed": result.ades_subindic == AdESPassed.OK,
                    "reached": reached,
                    "indication": str(result.ades_subindic),
                    "message": result.failure_msg or "",
                    "intact": bool(api is not None and api.intact and api.valid),
                    "changes": str(getattr(changes, "modification_level", changes or "")),
                }
            )
    return {"name": entry["name"], "signatures": out}


async def sign_one(entry):
    with open(entry["key"], "rb") as f:
        key = PrivateKeyInfo.load(f.read())
    registry = SimpleCertificateStore()
    registry.register_multiple([certificate(p) for p in entry["chain"]])
    signer = signers.SimpleSigner(
        signing_cert=certificate(entry["cert"]),
        signing_key=key,
        cert_registry=registry,
        prefer_pss=entry["kind"] == "pss",
    )
    level = entry["level"]
    stamper = timestamps.HTTPTimeStamper(entry["tsa"]) if level != "B-B" else None
    context = None
    if level in ("B-LT", "B-LTA"):
        context = ValidationContext(
            trust_roots=[certificate(entry["root"])], allow_fetching=True, revocation_mode="require"
        )
    meta = signers.PdfSignatureMetadata(
        field_name="Ky" + entry.get("field", "1"),
        subfilter=fields.SigSeedSubFilter.PADES,
        embed_validation_info=context is not None,
        use_pades_lta=level == "B-LTA",
        validation_context=context,
        md_algorithm=entry.get("digest") or "sha256",
        certify=entry["kind"] == "certified",
        docmdp_permissions=fields.MDPPerm.FILL_FORMS,
    )
    with open(entry["input"], "rb") as source:
        writer = IncrementalPdfFileWriter(source, strict=False)
        with open(entry["output"], "w+b") as target:
            await signers.PdfSigner(meta, signer=signer, timestamper=stamper).async_sign_pdf(writer, output=target)
    return {"name": entry["name"]}


async def main():
    work = {"judge": judge_one, "sign": sign_one}[sys.argv[1]]
    for entry in json.load(sys.stdin):
        try:
            answer = await work(entry)
        except Exception as error:  # every failure is a verdict of the table
            answer = {"name": entry["name"], "error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


logging.disable(logging.CRITICAL)  # every failure is in the answer
asyncio.run(main())
